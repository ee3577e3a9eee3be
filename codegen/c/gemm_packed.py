"""Large contractions: packed panels, blocked for the caches, on one or more threads."""

from __future__ import annotations

from dataclasses import dataclass

from graphdl.codegen.c.gemm_model import (
    KC,
    MC,
    NC,
    PARALLEL_FLOPS,
    VECTOR_BYTES,
    Gemm,
    Tile,
    choose_tile,
)
from graphdl.codegen.c.gemm_print import (
    ALIGN,
    Body,
    drain,
    indent,
    lane_switch,
    mentions,
    paren,
    round_up,
    worth,
)
from graphdl.codegen.c.gemm_text import c_type, lanes

_L2_BYTES = 512 * 1024
"""Share of a core's second-level cache that a chunk of A may fill."""


@dataclass(frozen=True)
class _Blocks:
    """Blocking of one site for one vector width, in elements."""

    tile: Tile
    kc: int
    mc: int
    nc: int
    row_unit: int
    col_unit: int

    def text(self) -> str:
        return (
            f"enum {{ G_ROWS = {self.tile.rows}, G_VECS = {self.tile.vecs}, "
            f"G_MC = {self.mc}, G_NC = {self.nc}, "
            f"G_ROW_UNIT = {self.row_unit}, G_COL_UNIT = {self.col_unit} }};"
        )


def _even(extent: int, most: int, step: int) -> int:
    """Return the size of equal blocks of at most about ``most``, a multiple of ``step``."""
    extent = max(extent, 1)
    return round_up(-(-extent // -(-extent // most)), step)


def _blocks(gemm: Gemm, width: int) -> _Blocks:
    tile = choose_tile(gemm, width, padded=True)
    kc = _even(gemm.k.maximum, KC, 1)
    chunk = max(_L2_BYTES // (kc * gemm.item_bytes), tile.rows)
    # B is packed once where k is one block: then rows of A can stay in the caches.
    most = MC if gemm.k.maximum > kc else min(MC, gemm.threads * chunk)
    mc = _even(gemm.m.maximum, most, tile.rows)
    nc = _even(gemm.n.maximum, NC, tile.cols)
    row_unit = _even(mc, chunk, tile.rows)
    col_unit = nc
    if _threaded(gemm):
        wanted = -(-4 * gemm.threads // -(-mc // row_unit))
        col_unit = round_up(-(-nc // wanted), tile.cols)
        units = -(-mc // row_unit) * -(-nc // col_unit)
        if units < 2 * gemm.threads:
            row_unit = round_up(-(-row_unit * units // (4 * gemm.threads)), tile.rows)
    return _Blocks(tile, kc, mc, nc, row_unit, col_unit)


def _threaded(gemm: Gemm) -> bool:
    return gemm.threads > 1 and gemm.flops >= PARALLEL_FLOPS


def _omp(gemm: Gemm, text: str) -> list[str]:
    return ["#ifdef _OPENMP", f"#pragma omp {text}", "#endif"] if _threaded(gemm) else []


_ROWS_AT_ONCE = 16
"""Rows of a contiguous operand that one thread spreads over the panels at a time."""


def _spread(gemm: Gemm, width: str, used: str, source: str, stride: str, to: str) -> list[str]:
    """Return the loop that packs an operand whose rows over k are contiguous."""
    return [
        *_omp(gemm, "for schedule(static)"),
        f"for (int64_t g_p = 0; g_p < g_kc; g_p += {_ROWS_AT_ONCE}) {{",
        f"    const int64_t g_n = g_kc - g_p < {_ROWS_AT_ONCE} ? g_kc - g_p : {_ROWS_AT_ONCE};",
        f"    gemm_{gemm.dtype}_spread(g_n, {width}, {used},",
        f"        {source} + (g_pc + g_p) * {paren(stride)}, {stride},",
        f"        {to} + g_p * {width}, {width} * g_kc);",
        "}",
    ]


def _pack_a(gemm: Gemm) -> list[str]:
    """Return the loop over the panels of A."""
    if gemm.load_a is None and gemm.a_row.value == 1:
        return _spread(gemm, "G_ROWS", "g_mc", f"{paren(gemm.a)} + g_ic", gemm.a_col.text, "g_a")
    return [
        *_omp(gemm, "for schedule(static)"),
        "for (int64_t g_ip = 0; g_ip < g_mc; g_ip += G_ROWS) {",
        *indent(_panel_a(gemm), 1),
        "}",
    ]


def _pack_b(gemm: Gemm) -> list[str]:
    """Return the loop over the panels of B."""
    if gemm.load_b is None and gemm.b_col.value == 1:
        return _spread(gemm, "G_COLS", "g_nc", f"{paren(gemm.b)} + g_jc", gemm.b_row.text, "g_b")
    return [
        *_omp(gemm, "for schedule(static)"),
        "for (int64_t g_jp = 0; g_jp < g_nc; g_jp += G_COLS) {",
        *indent(_panel_b(gemm), 1),
        "}",
    ]


def _panel_a(gemm: Gemm) -> list[str]:
    if gemm.load_a is None:
        at = f"{paren(gemm.a)} + (g_ic + g_ip) * {paren(gemm.a_row.text)}"
        return [
            "const int64_t g_used = g_mc - g_ip < G_ROWS ? g_mc - g_ip : G_ROWS;",
            f"gemm_{gemm.dtype}_pack(g_kc, G_ROWS, g_used, {at} + g_pc * {paren(gemm.a_col.text)},",
            f"    {gemm.a_row.text}, {gemm.a_col.text}, g_a + g_ip * g_kc);",
        ]
    begin, load = gemm.begin_a("g_row") if gemm.begin_a else [], gemm.load_a("g_row", "g_col")
    row, col = (mentions([*begin, load], name) for name in ("g_row", "g_col"))
    return [
        f"{c_type(gemm.dtype)} *const g_to = g_a + g_ip * g_kc;",
        "for (int64_t g_r = 0; g_r < G_ROWS; ++g_r) {",
        "    if (g_ip + g_r < g_mc) {",
        *(["        const int64_t g_row = g_ic + g_ip + g_r;"] if row else []),
        *indent(begin, 2),
        "        for (int64_t g_p = 0; g_p < g_kc; ++g_p) {",
        *(["            const int64_t g_col = g_pc + g_p;"] if col else []),
        f"            g_to[g_p * G_ROWS + g_r] = {load};",
        "        }",
        "    } else {",
        "        for (int64_t g_p = 0; g_p < g_kc; ++g_p) {",
        "            g_to[g_p * G_ROWS + g_r] = 0;",
        "        }",
        "    }",
        "}",
    ]


def _panel_b(gemm: Gemm) -> list[str]:
    used = "const int64_t g_used = g_nc - g_jp < G_COLS ? g_nc - g_jp : G_COLS;"
    if gemm.load_b is None:
        at = f"{paren(gemm.b)} + g_pc * {paren(gemm.b_row.text)}"
        return [
            used,
            f"gemm_{gemm.dtype}_pack(g_kc, G_COLS, g_used, "
            f"{at} + (g_jc + g_jp) * {paren(gemm.b_col.text)},",
            f"    {gemm.b_col.text}, {gemm.b_row.text}, g_b + g_jp * g_kc);",
        ]
    begin, load = gemm.begin_b("g_row") if gemm.begin_b else [], gemm.load_b("g_row", "g_col")
    row, col = (mentions([*begin, load], name) for name in ("g_row", "g_col"))
    return [
        used,
        "for (int64_t g_p = 0; g_p < g_kc; ++g_p) {",
        f"    {c_type(gemm.dtype)} *const g_to = g_b + g_jp * g_kc + g_p * G_COLS;",
        *(["    const int64_t g_row = g_pc + g_p;"] if row else []),
        *indent(begin, 1),
        "    for (int64_t g_r = 0; g_r < g_used; ++g_r) {",
        *(["        const int64_t g_col = g_jc + g_jp + g_r;"] if col else []),
        f"        g_to[g_r] = {load};",
        "    }",
        "    for (int64_t g_r = g_used; g_r < G_COLS; ++g_r) {",
        "        g_to[g_r] = 0;",
        "    }",
        "}",
    ]


def _tile(gemm: Gemm, split_k: bool) -> list[str]:
    """Return the statements of one register tile at panels (g_ip, g_jp) of a block."""
    width = lanes(gemm.dtype)
    call = (
        f"gemm_{gemm.dtype}_block(G_ROWS, G_VECS, %d, g_kc, g_a + g_ip * g_kc, 1, G_ROWS, "
        f"g_b + g_jp * g_kc, G_COLS, {width}, g_sum, G_VECS);"
    )
    finish = [
        "const int64_t g_rows = g_mc - g_ip < G_ROWS ? g_mc - g_ip : G_ROWS;",
        "const int64_t g_cols = g_nc - g_jp < G_COLS ? g_nc - g_jp : G_COLS;",
        *drain(gemm, "g_ic + g_ip", "g_jc + g_jp"),
    ]
    if not split_k:
        return [f"{gemm.dtype}v g_sum[G_ROWS * G_VECS];", call % 0, *finish]
    return [
        f"{gemm.dtype}v *const g_sum = g_part + (g_ip / G_ROWS * (G_NC / G_COLS) + g_jp / G_COLS)"
        " * (G_ROWS * G_VECS);",
        "if (g_pc == 0) {",
        "    " + call % 0,
        "} else {",
        "    " + call % 1,
        "}",
        f"if (g_pc + G_KC >= {paren(gemm.k.text)}) {{",
        *indent(finish, 1),
        "}",
    ]


def packed(gemm: Gemm) -> Body:
    """Return a site blocked over n, m and k, with both operands packed into panels.

    All threads walk the same blocks; they share the packing of a block's panels and then
    its units of tiles, so the sums don't depend on their number.
    """
    blocks = {width: _blocks(gemm, width) for width in VECTOR_BYTES}
    kc = blocks[0].kc
    split_k = gemm.k.maximum > kc
    a_size = max(round_up(b.mc * kc * gemm.item_bytes, ALIGN) for b in blocks.values())
    b_size = max(round_up(b.nc * kc * gemm.item_bytes, ALIGN) for b in blocks.values())
    part = max(b.mc * b.nc * gemm.item_bytes for b in blocks.values()) if split_k else 0
    scratch, ctype, width = paren(gemm.scratch), c_type(gemm.dtype), lanes(gemm.dtype)
    b_at = a_size // gemm.item_bytes
    part_at = b_at + b_size // gemm.item_bytes
    block = [
        "const int64_t g_mc = "
        f"{paren(gemm.m.text)} - g_ic < G_MC ? {paren(gemm.m.text)} - g_ic : G_MC;",
        *_over_k(gemm, _block_body(gemm, split_k)),
    ]
    nest = [
        f"for (int64_t g_jc = 0; g_jc < {gemm.n.text}; g_jc += G_NC) {{",
        "    const int64_t g_nc = "
        f"{paren(gemm.n.text)} - g_jc < G_NC ? {paren(gemm.n.text)} - g_jc : G_NC;",
        f"    for (int64_t g_ic = 0; g_ic < {gemm.m.text}; g_ic += G_MC) {{",
        *indent(block, 2),
        "    }",
        "}",
    ]
    lines = [
        f"/* {gemm.name}: panels of A and B packed in blocks of G_MC x {kc} x G_NC, tiles of"
        " G_ROWS x G_VECS vectors. */",
        *lane_switch(gemm, {w: b.text() for w, b in blocks.items()}),
        f"enum {{ G_KC = {kc}, G_COLS = G_VECS * {width} }};",
        f"{ctype} *const g_a = {gemm.scratch};",
        f"{ctype} *const g_b = {scratch} + {b_at};",
    ]
    if split_k:
        lines.append(f"{gemm.dtype}v *const g_part = ({gemm.dtype}v *)({scratch} + {part_at});")
    team = f"parallel num_threads(GRAPHDL_THREADS){worth(gemm)}"
    lines += [*_omp(gemm, team), *nest]
    return Body(lines, max(a_size + b_size + part, ALIGN), {"block", "pack", "spread"})


def _over_k(gemm: Gemm, body: list[str]) -> list[str]:
    k = paren(gemm.k.text)
    return [
        f"for (int64_t g_pc = 0; g_pc == 0 || g_pc < {k}; g_pc += G_KC) {{",
        f"    const int64_t g_kc = {k} - g_pc < G_KC ? {k} - g_pc : G_KC;",
        *indent(body, 1),
        "}",
    ]


def _block_body(gemm: Gemm, split_k: bool) -> list[str]:
    """Return the work on one block: pack its panels, then compute its tiles."""
    pack_b = _pack_b(gemm)
    if not split_k:
        # With all of k in one block, B stays packed for the following rows.
        pack_b = ["if (g_ic == 0) {", *indent(pack_b, 1), "}"]
    return [
        *pack_b,
        *_pack_a(gemm),
        *_omp(gemm, "for schedule(dynamic) collapse(2)"),
        "for (int64_t g_iu = 0; g_iu < g_mc; g_iu += G_ROW_UNIT) {",
        "    for (int64_t g_ju = 0; g_ju < g_nc; g_ju += G_COL_UNIT) {",
        "        const int64_t g_ie = g_mc - g_iu < G_ROW_UNIT ? g_mc : g_iu + G_ROW_UNIT;",
        "        const int64_t g_je = g_nc - g_ju < G_COL_UNIT ? g_nc : g_ju + G_COL_UNIT;",
        "        for (int64_t g_jp = g_ju; g_jp < g_je; g_jp += G_COLS) {",
        "            for (int64_t g_ip = g_iu; g_ip < g_ie; g_ip += G_ROWS) {",
        *indent(_tile(gemm, split_k), 4),
        "            }",
        "        }",
        "    }",
        "}",
    ]
