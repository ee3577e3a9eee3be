"""What ops compute, as math: patterns over the names of their inputs."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from graphdl.codegen.diagram import mathtext
from graphdl.codegen.diagram.mathtext import SUBSCRIPTS, SUPERSCRIPTS, atom
from graphdl.ir import scalar
from graphdl.ir.dims import Size
from graphdl.ir.instructions import Instruction
from graphdl.ir.kinds import ContractOp, ElementwiseOp, GatherOp, ReduceOp, split_spec
from graphdl.ir.node import Node
from graphdl.ir.scalar import Scalar

LONGEST_EXPRESSION = 44
"""Characters up to which an op's scalar expression is shown instead of its name."""


def instruction_of(node: Node) -> str:
    """Return the instruction of an elementwise op that is just one."""
    if isinstance(node.op, ElementwiseOp):
        body = node.op.body(node.attrs)
        if body.instruction is not None and all(a.is_argument for a in body.args):
            return body.instruction.name
    return ""


def size_text(size: Size) -> str:
    """Return a size as math.

    Examples
    --------
    >>> from graphdl.ir.dims import symbol
    >>> size_text((2 * symbol("N") - 1) // 2)
    '(2·N − 1)//2'
    """
    text = re.sub(r"\((\(.*\)//\d+)\)", r"\1", str(size))
    text = re.sub(r"\((\w+)\)//", r"\1//", text)
    return text.replace("*", "·").replace("-", "−")


def expression(node: Node) -> str:
    """Return what an op computes, as a pattern over its inputs."""
    names = [atom(i) for i in range(len(node.inputs))]
    op = node.op
    if isinstance(op, ElementwiseOp):
        return elementwise(op, op.body(node.attrs), names)
    if isinstance(op, ContractOp):
        return _contraction(node.attr("spec"), names)
    if isinstance(op, ReduceOp):
        return _reduction(op, node, names[0])
    if isinstance(op, GatherOp) and not op.along:
        return f"{names[0]}[{', '.join(names[1:])}]"
    math = op.math(node)
    if math is not None:
        return re.sub(r"\{(\d)\}", lambda found: names[int(found[1])], math)
    return f"{op.name}({', '.join(names)})"


def elementwise(op: ElementwiseOp, body: Scalar, names: Sequence[str]) -> str:
    """Return a scalar expression, or a call where the expression says less than the op's name."""
    power = _power(body)
    if power is not None and power > 1:
        return names[0] + str(power).translate(SUPERSCRIPTS)
    single = body.instruction is not None and all(not a.args for a in body.args)
    plain = single and body.instruction is not None and body.instruction.name not in ("max", "min")
    shown = mathtext.tidy(scalar.text(body, names))
    if plain or (op.name.startswith("_") and len(shown) <= LONGEST_EXPRESSION):
        return shown
    return f"{op.name}({', '.join(names)})"


def _power(body: Scalar) -> int | None:
    """Return n if the expression is its one argument multiplied n times."""

    def count(instruction: Instruction, operands: list[int], payload: object) -> int:
        return sum(operands) if instruction.name == "mul" else -10_000

    arguments = {v.payload for v in scalar.walk(body) if v.is_argument}
    if arguments != {0}:
        return None
    of_constant: Callable[[object], int] = lambda value: -10_000  # noqa: E731
    power = scalar.evaluate(body, [1], of_constant, count)
    return power if power > 0 else None


def einsum_product(found: re.Match[str]) -> str:
    """Write an einsum of vectors and matrices as a product."""
    return _contraction(f"{found[1]},{found[2]}->{found[3]}", [found[4], found[5]])


def _contraction(spec: str, names: Sequence[str]) -> str:
    left, right, out = split_spec(spec)
    shared = [c for c in left if c in right and c not in out]
    if len(left) == len(right) == 1 and not shared and left != right:
        return f"{names[0]}·{names[1]}ᵀ" if out == left + right else f"{names[1]}·{names[0]}ᵀ"
    if len(shared) == 1 and len(left) <= 2 and len(right) <= 2:
        (k,) = shared
        row, column = left.replace(k, ""), right.replace(k, "")
        first = names[0] + ("ᵀ" if len(left) == 2 and left[0] == k else "")
        second = names[1] + ("ᵀ" if len(right) == 2 and right[1] == k else "")
        if out == row + column:
            return f"{first}·{second}"
        if out == column + row:
            return f"{second}ᵀ·{first}ᵀ".replace("ᵀᵀ", "")
    if not out and left == right:
        return f"Σ {names[0]} ⊙ {names[1]}"
    if not left or not right:
        return f"{names[0]}·{names[1]}"
    return f"einsum({left},{right}→{out}; {', '.join(names)})"


def _reduction(op: ReduceOp, node: Node, name: str) -> str:
    axes = node.attr("axes")
    everything = len(axes) == node.inputs[0].ndim
    index = "" if everything else ",".join(str(a).translate(SUBSCRIPTS) for a in axes)
    if op.combine == "add":
        return f"Σ{index} {name}"
    return f"{op.name}{index}({name})"
