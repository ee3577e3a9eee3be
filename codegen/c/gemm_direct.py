"""Contractions small enough to be computed without panels of packed operands."""

from __future__ import annotations

from dataclasses import dataclass

from graphdl.codegen.c.gemm_model import VECTOR_BYTES, Gemm, Tile, choose_tile
from graphdl.codegen.c.gemm_print import (
    ALIGN,
    Body,
    drain,
    extent,
    indent,
    lane_switch,
    parallel_for,
    paren,
    round_up,
)
from graphdl.codegen.c.gemm_text import c_type, lanes

SHORT_K = 64
"""Longest sum whose epilogue is worth unrolling."""


def dot(gemm: Gemm) -> Body:
    """Return a site as inner products along k, both operands contiguous there."""
    width, ctype = lanes(gemm.dtype), c_type(gemm.dtype)
    m, n, k = gemm.m.text, gemm.n.text, gemm.k.text
    x = f"{paren(gemm.a)} + g_i * {paren(gemm.a_row.text)}"
    y = f"{paren(gemm.b)} + (g_j + g_c) * {paren(gemm.b_col.text)}"
    part = gemm.epilogue("g_acc", "g_i", "g_j", "g_count")
    full = gemm.epilogue("g_acc", "g_i", "g_j", None)
    load = f"const {gemm.dtype}v g_acc = {gemm.dtype}v_load(g_lane);"
    ends = [
        load,
        f"if (g_count == {width}) {{",
        *indent(full, 1),
        "} else {",
        *indent(part, 1),
        "}",
    ]
    lines = [
        f"/* {gemm.name}: inner products along k. */",
        *parallel_for(gemm, 2),
        f"for (int64_t g_i = 0; g_i < {m}; ++g_i) {{",
        f"    for (int64_t g_j = 0; g_j < {n}; g_j += {width}) {{",
        f"        const int64_t g_count = {paren(n)} - g_j < {width} ? {paren(n)} - g_j : {width};",
        f"        {ctype} g_lane[{width}] = {{0}};",
        "        for (int64_t g_c = 0; g_c < g_count; ++g_c) {",
        f"            g_lane[g_c] = gemm_{gemm.dtype}_dot({k}, {x}, {y});",
        "        }",
        *indent(ends, 2),
        "    }",
        "}",
    ]
    return Body(lines, 0, {"dot"})


@dataclass(frozen=True)
class _Operand:
    """Where the register block reads an operand, and the text that puts it there."""

    pointer: str
    row: str
    col: str
    lines: list[str]
    scratch: int
    shared: set[str]


def _operand_a(gemm: Gemm) -> _Operand:
    if gemm.load_a is None:
        return _Operand(gemm.a, gemm.a_row.text, gemm.a_col.text, [], 0, set())
    m, k = paren(gemm.m.text), paren(gemm.k.text)
    begin = gemm.begin_a("g_i") if gemm.begin_a else []
    lines = [
        f"for (int64_t g_i = 0; g_i < {m}; ++g_i) {{",
        *indent(begin, 1),
        f"    for (int64_t g_p = 0; g_p < {k}; ++g_p) {{",
        f"        {paren(gemm.scratch)}[g_i * {k} + g_p] = {gemm.load_a('g_i', 'g_p')};",
        "    }",
        "}",
    ]
    size = round_up(max(gemm.m.maximum * gemm.k.maximum, 1) * gemm.item_bytes, ALIGN)
    return _Operand(gemm.scratch, k, "1", lines, size, set())


def _operand_b(gemm: Gemm, offset: int) -> _Operand:
    if gemm.load_b is None and gemm.b_col.value == 1:
        return _Operand(gemm.b, gemm.b_row.text, "1", [], 0, set())
    n, k = paren(gemm.n.text), paren(gemm.k.text)
    start = offset // gemm.item_bytes
    to = f"{paren(gemm.scratch)} + {start}" if start else gemm.scratch
    lead = f"(({n} + 15) / 16 * 16)"
    if gemm.n.value is not None:
        lead = str(round_up(gemm.n.value, 16))
    size = max(round_up(gemm.n.maximum, 16) * gemm.k.maximum, 1) * gemm.item_bytes
    if gemm.load_b is None:
        call = (
            f"gemm_{gemm.dtype}_pack({k}, {lead}, {n}, {gemm.b}, {gemm.b_col.text}, "
            f"{gemm.b_row.text}, {to});"
        )
        return _Operand(to, lead, "1", [call], round_up(size, ALIGN), {"pack"})
    begin = gemm.begin_b("g_p") if gemm.begin_b else []
    lines = [
        f"for (int64_t g_p = 0; g_p < {k}; ++g_p) {{",
        *indent(begin, 1),
        f"    for (int64_t g_j = 0; g_j < {n}; ++g_j) {{",
        f"        ({to})[g_p * {lead} + g_j] = {gemm.load_b('g_p', 'g_j')};",
        "    }",
        f"    for (int64_t g_j = {n}; g_j < {lead}; ++g_j) {{",
        f"        ({to})[g_p * {lead} + g_j] = 0;",
        "    }",
        "}",
    ]
    return _Operand(to, lead, "1", lines, round_up(size, ALIGN), set())


def _block_call(gemm: Gemm, a: _Operand, b: _Operand, rows: str, vecs: str, last: str) -> str:
    return (
        f"gemm_{gemm.dtype}_block({rows}, {vecs}, 0, {gemm.k.text}, "
        f"{paren(a.pointer)} + g_i0 * {paren(a.row)}, {a.row}, {a.col}, "
        f"{paren(b.pointer)} + g_j0, {b.row}, {last}, g_sum, G_VECS);"
    )


def _calls(gemm: Gemm, tiles: dict[int, Tile], a: _Operand, b: _Operand) -> tuple[list[str], bool]:
    """Return the statements that compute one block, and whether they need the edge function."""
    width = lanes(gemm.dtype)
    m, n = gemm.m.value, gemm.n.value
    packed_b = bool(b.lines)
    tail_m = m is None or any(m % tile.rows for tile in tiles.values())
    tail_n = n is None or any(n % tile.cols for tile in tiles.values())
    calls = [("g_rows == G_ROWS && g_cols == G_COLS", ("G_ROWS", "G_VECS", width))]
    if m is not None and n is not None:
        last = width if packed_b else f"{n} - ({n} - 1) / {width} * {width}"
        vecs = f"({n} % G_COLS + {width} - 1) / {width}"
        if tail_n:
            calls.append(("g_rows == G_ROWS", ("G_ROWS", vecs, last)))
        if tail_m:
            calls.append(("g_cols == G_COLS", (f"{m} % G_ROWS", "G_VECS", width)))
        if tail_m and tail_n:
            calls.append(("", (f"{m} % G_ROWS", vecs, last)))
    lines: list[str] = []
    symbolic = m is None or n is None
    for number, (condition, (rows, vecs, last)) in enumerate(calls):
        text = _block_call(gemm, a, b, rows, vecs, last)
        final = number == len(calls) - 1 and not symbolic
        if final and not lines:
            return [text], False
        head = "{" if final else f"if ({condition}) {{"
        lines += [("} else " if lines else "") + head, "    " + text]
    if symbolic:
        lines += [
            "} else {",
            f"    gemm_{gemm.dtype}_edge(g_rows, g_cols, {gemm.k.text}, "
            f"{paren(a.pointer)} + g_i0 * {paren(a.row)}, {a.row}, {a.col}, "
            f"{paren(b.pointer)} + g_j0, {b.row}, g_sum, G_VECS);",
        ]
    return [*lines, "}"], symbolic


def direct(gemm: Gemm) -> Body:
    """Return a site as register blocks that read A and B where they are.

    An operand with a prologue, and a B that is not contiguous along n, is first copied
    to scratch memory as a plain matrix.
    """
    a = _operand_a(gemm)
    b = _operand_b(gemm, a.scratch)
    tiles = {width: choose_tile(gemm, width, padded=False) for width in VECTOR_BYTES}
    enums = {
        width: f"enum {{ G_ROWS = {tile.rows}, G_VECS = {tile.vecs} }};"
        for width, tile in tiles.items()
    }
    width = lanes(gemm.dtype)
    m, n = paren(gemm.m.text), paren(gemm.n.text)
    # A short k makes the way through memory count.
    even = all(_is_even(gemm, tile) for tile in tiles.values())
    unroll = even and gemm.k.maximum <= SHORT_K
    calls, edge = _calls(gemm, tiles, a, b)
    lines = [
        f"/* {gemm.name}: blocks of G_ROWS x G_VECS vectors, operands read in place"
        f"{' (packed first: ' + _packed_names(a, b) + ')' if a.lines or b.lines else ''}. */",
        *lane_switch(gemm, enums),
        f"enum {{ G_COLS = G_VECS * {width} }};",
        *a.lines,
        *b.lines,
        *parallel_for(gemm, 2),
        f"for (int64_t g_i0 = 0; g_i0 < {m}; g_i0 += G_ROWS) {{",
        f"    for (int64_t g_j0 = 0; g_j0 < {n}; g_j0 += G_COLS) {{",
        f"        const int64_t g_rows = {extent(gemm.m, 'g_i0', 'G_ROWS')};",
        f"        const int64_t g_cols = {extent(gemm.n, 'g_j0', 'G_COLS')};",
        f"        {gemm.dtype}v g_sum[G_ROWS * G_VECS];",
        *indent(calls, 2),
        *indent(drain(gemm, "g_i0", "g_j0", unroll), 2),
        "    }",
        "}",
    ]
    shared = {"block"} | a.shared | b.shared | ({"edge"} if edge else set())
    return Body(lines, a.scratch + b.scratch, shared)


def _is_even(gemm: Gemm, tile: Tile) -> bool:
    """Whether full blocks cover the site, so that all loop bounds are constants."""
    m, n = gemm.m.value, gemm.n.value
    return m is not None and n is not None and m % tile.rows == 0 and n % tile.cols == 0


def _packed_names(a: _Operand, b: _Operand) -> str:
    return " and ".join(name for name, operand in (("A", a), ("B", b)) if operand.lines)
