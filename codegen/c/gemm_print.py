"""Pieces of C text that the strategies of a contraction share."""

from __future__ import annotations

import re
from dataclasses import dataclass

from graphdl.codegen.c.gemm_model import PARALLEL_FLOPS, VECTOR_BYTES, Gemm, Size, lanes_of
from graphdl.codegen.c.gemm_text import lanes

ALIGN = 64


@dataclass(frozen=True)
class Body:
    """Text of one site before it is wrapped: statements, scratch bytes, shared names."""

    lines: list[str]
    scratch: int
    shared: set[str]


def paren(text: str) -> str:
    """Return ``text`` as an operand that binds tightly."""
    return text if text.isidentifier() or text.isdigit() else f"({text})"


def round_up(value: int, step: int) -> int:
    """Return the least multiple of ``step`` that is at least ``value``."""
    return -(-value // step) * step


def lane_switch(gemm: Gemm, text: dict[int, str]) -> list[str]:
    """Return preprocessor lines that pick one text by the lanes of a vector.

    Parameters
    ----------
    text
        Line for each entry of ``VECTOR_BYTES``.
    """
    if len(set(text.values())) == 1:
        return [text[0]]
    lines = []
    for number, width in enumerate(VECTOR_BYTES):
        if width:
            word = "#elif" if number else "#if"
            lines.append(f"{word} {lanes(gemm.dtype)} == {lanes_of(gemm, width)}")
        else:
            lines.append("#else")
        lines.append(text[width])
    return [*lines, "#endif"]


def parallel_for(gemm: Gemm, collapse: int) -> list[str]:
    """Return the OpenMP lines of a loop nest, or nothing where threads don't pay."""
    if gemm.threads <= 1 or gemm.flops < PARALLEL_FLOPS:
        return []
    nest = f" collapse({collapse})" if collapse > 1 else ""
    return [
        "#ifdef _OPENMP",
        "#pragma omp parallel for num_threads(GRAPHDL_THREADS) schedule(static)"
        f"{nest}{worth(gemm)}",
        "#endif",
    ]


def worth(gemm: Gemm) -> str:
    """Return the clause that keeps small run-time sizes on one thread."""
    if all(size.value is not None for size in (gemm.m, gemm.n, gemm.k)):
        return ""
    work = " * ".join(f"(double){paren(size.text)}" for size in (gemm.m, gemm.n, gemm.k))
    return f" if ({work} >= {PARALLEL_FLOPS / 2:.1f})"


def indent(lines: list[str], depth: int) -> list[str]:
    """Return lines moved right; preprocessor lines stay in the first column."""
    return [line if line.startswith("#") else "    " * depth + line for line in lines]


def wrap(line: str, width: int = 100) -> list[str]:
    """Return a line of C broken at blanks so that it fits into ``width`` columns."""
    if len(line) <= width or line.startswith("#") or "//" in line or '"' in line:
        return [line]
    deeper = " " * (len(line) - len(line.lstrip()) + 4)
    lines = []
    while len(line) > width:
        cut = line.rfind(" ", len(deeper) + 1, width + 1)
        if cut < 0:
            break
        lines.append(line[:cut])
        line = deeper + line[cut + 1 :]
    return [*lines, line]


def drain(gemm: Gemm, i: str, j: str, unroll: bool = False) -> list[str]:
    """Return the loops that hand a finished block to the epilogue.

    The block is the array ``g_sum`` of ``G_ROWS`` by ``G_VECS`` vectors, of which
    ``g_rows`` rows and ``g_cols`` columns are valid, at position (``i``, ``j``).

    Parameters
    ----------
    unroll
        Keep the block in registers between its sums and its epilogue.
    """
    width = lanes(gemm.dtype)
    body = gemm.epilogue("g_acc", "g_i", "g_j", None)
    if _has_partial(gemm):
        part = gemm.epilogue("g_acc", "g_i", "g_j", "g_count")
        body = [
            f"const int64_t g_count = g_cols - g_v * {width};",
            f"if (g_count >= {width}) {{",
            *indent(body, 1),
            "} else {",
            *indent(part, 1),
            "}",
        ]
    column = [f"const int64_t g_j = {j} + g_v * {width};"] if mentions(body, "g_j") else []
    row = [f"    const int64_t g_i = {i} + g_r;"] if mentions(body, "g_i") else []
    body = [*column, f"const {gemm.dtype}v g_acc = g_sum[g_r * G_VECS + g_v];", *body]
    hint = "GEMM_UNROLL" if unroll else "GEMM_ROLLED"
    return [
        hint,
        "for (int64_t g_r = 0; g_r < g_rows; ++g_r) {",
        *row,
        f"    {hint}",
        f"    for (int64_t g_v = 0; g_v * {width} < g_cols; ++g_v) {{",
        *indent(body, 2),
        "    }",
        "}",
    ]


def mentions(lines: list[str], name: str) -> bool:
    """Whether a variable occurs: an unused one would be a warning."""
    return any(re.search(rf"\b{name}\b", line) for line in lines)


def _has_partial(gemm: Gemm) -> bool:
    """Whether the last vector of a row has fewer valid lanes for some vector width."""
    n = gemm.n.value
    return n is None or any(n % lanes_of(gemm, width) for width in VECTOR_BYTES)


def extent(size: Size, start: str, block: str) -> str:
    """Return the C expression of what is left of ``size`` from ``start``, at most ``block``.

    Where the size is known the compiler sees whether all blocks are full.
    """
    left = f"{paren(size.text)} - {start}"
    if size.value is None:
        return f"{left} < {block} ? {left} : {block}"
    return f"{size.value} % {block} == 0 || {left} > {block} ? {block} : {left}"
