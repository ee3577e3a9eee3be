"""The math of a kernel as a line of text."""

from __future__ import annotations

from collections.abc import Sequence

from graphdl.codegen.program import Stage, Value, walk_values
from graphdl.ir.scalar import parenthesised

LONGEST = 160

_COMBINE = {
    "add": "Σ", "mul": "Π", "min": "min", "max": "max", "and": "all", "or": "any",
    "argmin": "argmin", "argmax": "argmax",
}  # fmt: skip

_ASSIGN = {"": "=", "set": "=", "add": "+=", "min": "min=", "max": "max="}


def kernel_comment(stages: Sequence[Stage]) -> str:
    """Return what the stages compute, a line a stored or reduced value."""
    lines = []
    for stage in stages:
        lines += [
            f"{r.name} = {_COMBINE[r.combine]} {parenthesised(value_text(r.value))}"
            for r in stage.reductions
        ]
        lines += [
            f"{s.access.buffer.name} {_ASSIGN[s.combine]} {value_text(s.value)}"
            for s in stage.stores
        ]
    return "\n".join(line if len(line) <= LONGEST else line[: LONGEST - 1] + "…" for line in lines)


def value_text(root: Value) -> str:
    """Return a value as math over buffer names; long ones are cut."""
    texts: dict[Value, str] = {}
    for value in walk_values([root]):
        texts[value] = _text(value, [texts[a] for a in value.args])[: 2 * LONGEST]
    return texts[root]


def _text(value: Value, args: list[str]) -> str:
    if value.kind == "load":
        return str(value.payload.buffer.name)
    if value.kind == "constant":
        return f"{value.payload:g}" if isinstance(value.payload, float) else str(value.payload)
    if value.kind == "index":
        return "index"
    if value.kind == "size":
        return str(value.payload)
    if value.kind == "reduced":
        return value.payload.name if value.payload is not None else "result"
    if value.kind == "running":
        scan = value.payload
        if scan.combine == "linear":
            return f"(h = {args[0]}·h + {args[1]})"
        before = " before" if scan.exclusive else ""
        return f"running {_COMBINE[scan.combine]}{before} {parenthesised(args[0])}"
    assert value.instruction is not None
    factor = [parenthesised(a) for a in args]
    shown = factor if len(args) > 1 or value.instruction.infix else args
    return value.instruction.text.format(*shown, factor=factor)
