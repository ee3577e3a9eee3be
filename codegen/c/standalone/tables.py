"""Tables of the C test: rows of numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from graphdl.codegen.c.module import c_string
from graphdl.codegen.c.standalone.golden import Case, Golden
from graphdl.codegen.c.standalone.pseudorandom import LETTERS, Draw
from graphdl.codegen.program import Buffer
from graphdl.ir.dim_bounds import upper_bound
from graphdl.ir.dtypes import DType

GUARD = 64
"""Bytes between two arrays, so that a store behind one of them is seen."""


def slots(buffers: Sequence[Buffer], maxima: Mapping[str, int]) -> tuple[list[int], int]:
    """Return an offset for each array at its largest, and the bytes of all."""
    offsets, position = [], 0
    for buffer in buffers:
        offsets.append(position)
        size = upper_bound(buffer.size, maxima) * buffer.dtype.itemsize
        position += -(-size // 64) * 64 + GUARD
    return offsets, max(position, GUARD)


def table(declaration: str, rows: Sequence[str]) -> list[str]:
    """Return a constant array; without rows it has one that nobody reads."""
    body = [f"    {row}," for row in rows] or ["    {0},"]
    return [f"static const {declaration}[] = {{", *body, "};", ""]


def tensor_row(label: str, draw: Draw, at: int) -> str:
    """Return a row of type ``tensor``."""
    numbers = f"{draw.count}, UINT32_C({draw.seed}), {number(draw.low)}, {number(draw.span)}"
    return f'{{"{quoted(label)}", {letter(draw.dtype)}, {numbers}, {at}}}'


def letter(dtype: DType) -> str:
    """Return the test's name of a dtype."""
    return f"'{LETTERS[dtype.name]}'"


def quoted(label: str) -> str:
    """Return a user's name as the inside of a C string, short."""
    return c_string(label[:60])


def number(value: float) -> str:
    """Return a double that reads back as itself."""
    if value != value:
        return "NAN"
    if value in (float("inf"), float("-inf")):
        return "INFINITY" if value > 0 else "-INFINITY"
    return f"{value:.17g}"


def golden_tables(name: str, goldens: Iterable[tuple[Golden, int]]) -> list[str]:
    """Return the goldens of a call, each with the place of the tensor, under a name."""
    lines, rows = [], []
    for k, (golden, at) in enumerate(goldens):
        digits = 9 if golden.dtype.name == "float32" else 17
        values = [number(float(f"{v:.{digits}g}")) for v in golden.values]
        if values:
            lines += wrapped(f"int32_t {name}_{k}_at", [str(p) for p in golden.places])
            lines += wrapped(f"double {name}_{k}_is", [shorter(v) for v in values])
        pointers = f"{name}_{k}_at, {name}_{k}_is" if values else "NULL, NULL"
        rows.append(
            f'{{"{quoted(golden.label)}", {letter(golden.dtype)}, {golden.count}, {len(values)}, '
            f"{pointers}, {golden.tolerance:.3g}, {number(golden.total)}, "
            f"{golden.total_tolerance:.3g}, {at}}}"
        )
    return [*lines, *table(f"golden {name}", rows)]


def shorter(text: str) -> str:
    """Return the shortest text of the same double.

    Examples
    --------
    >>> shorter("0.10000000000000001"), shorter("NAN")
    ('0.1', 'NAN')
    """
    return text if text.strip("-") in ("NAN", "INFINITY") else repr(float(text))


def wrapped(declaration: str, numbers: Sequence[str]) -> list[str]:
    """Return a constant array of numbers, several in a line."""
    lines, line = [f"static const {declaration}[] = {{"], "   "
    for text in numbers:
        if len(line) + len(text) > 96:
            lines.append(line)
            line = "   "
        line += f" {text},"
    return [*lines, line, "};"]


def case_row(name: str, entry: int, where: str, case: Case) -> str:
    """Return a row of type ``golden_case``."""
    dims = ", ".join(map(str, case.dims)) or "0"
    counts = f"{len(case.inputs)}, {len(case.outputs)}, {len(case.state)}"
    return (
        f'{{{entry}, "{quoted(where)}", {{{dims}}}, {counts}, {name}_in, {name}_out, {name}_set}}'
    )
