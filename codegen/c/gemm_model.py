"""What a contraction is, and the cost model that picks how to compute it.

The model is deliberately small. It counts cycles of a core that starts two vector
fused multiply-adds and two vector loads a cycle with a latency of four cycles, which
describes current x86 and Arm cores well enough to rank register blocks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Strategy = Literal["direct", "dot", "packed"]
VECTOR_BYTES = (64, 32, 16, 0)
"""Vector widths the emitted text supports; 0 is the portable mode with one lane."""

KC = 512
"""Longest run of k that one pass over the register tile sums up."""
MC = 1024
"""Most rows of A that are packed at once."""
NC = 1024
"""Most columns of B that are packed at once."""
SMALL_BYTES = 64 * 1024
"""Largest operand that is copied as a whole, on one thread, before the sums start."""
NEAR_BYTES = 2 * 1024 * 1024
NEAR_ROW_BYTES = 2048
"""Largest B, and row of it, that register blocks stream in place as fast as from panels."""
PARALLEL_FLOPS = 1_000_000
"""Work below which starting a team of threads costs more than it saves."""

_L1_BYTES = 32 * 1024
_L2_BYTES_A_CYCLE = 24
"""What a core takes in from its second-level cache without the block waiting for it."""

_ITEM_BYTES = {"f32": 4, "f64": 8}
_REGISTERS = {64: 32, 32: 16, 16: 16, 0: 16}


@dataclass(frozen=True)
class Size:
    """An extent or a stride, counted in elements.

    Parameters
    ----------
    text
        C expression of type ``int64_t``, for example ``"128"`` or ``"N"``.
    value
        The value where it is known when the source is emitted, else ``None``.
    maximum
        Upper bound; equals ``value`` where that is known.

    Examples
    --------
    >>> Size.of(128)
    Size(text='128', value=128, maximum=128)
    """

    text: str
    value: int | None
    maximum: int

    @staticmethod
    def of(value: int) -> Size:
        """Return the size of a known value."""
        return Size(str(value), value, value)


Epilogue = Callable[[str, str, str, str | None], list[str]]
"""``epilogue(acc, i, j, count)``: C statements that consume one finished vector."""
Load = Callable[[str, str], str]
"""``load(row, col)``: C expression of one element of an operand."""
Begin = Callable[[str], list[str]]
"""``begin(row)``: C statements that hoist what all elements of one row share."""


@dataclass(frozen=True)
class Gemm:
    """``C[m, n] = sum_k A[m, k] * B[k, n]`` in one dtype.

    Parameters
    ----------
    name
        C identifier the comment and error messages refer to.
    dtype
        ``"f32"`` or ``"f64"``.
    m, n, k
        Extents. Each may be 0 at run time when symbolic.
    a, b
        C pointer expressions of the operands (ignored where a prologue is given).
    a_row, a_col
        Element strides of A over m and over k.
    b_row, b_col
        Element strides of B over k and over n.
    epilogue
        Prints the statements that consume the vector ``acc`` of row ``i``, columns
        ``j`` to ``j + lanes``; ``count`` is ``None`` for a full vector, else a C
        expression of the number of valid lanes. Each element is handed over once, in any
        order and perhaps from several threads; A and B must not be written.
    scratch
        C expression of a pointer to ``Emitted.scratch`` bytes, aligned to 64, of the
        element type.
    load_a, load_b
        Optional prologue: the element at (row, col) as a C expression. It is computed
        once for each element while the operand is packed.
    begin_a, begin_b
        Optional statements printed once for each row before its elements are loaded.
    threads
        Most threads the site may use; 1 emits no OpenMP text.
    """

    name: str
    dtype: str
    m: Size
    n: Size
    k: Size
    a: str
    a_row: Size
    a_col: Size
    b: str
    b_row: Size
    b_col: Size
    epilogue: Epilogue
    scratch: str = "scratch"
    load_a: Load | None = None
    load_b: Load | None = None
    begin_a: Begin | None = None
    begin_b: Begin | None = None
    threads: int = 1

    @property
    def item_bytes(self) -> int:
        """Size of one element in bytes."""
        return _ITEM_BYTES[self.dtype]

    @property
    def flops(self) -> int:
        """Floating-point operations at the maximum sizes."""
        return 2 * self.m.maximum * self.n.maximum * self.k.maximum


@dataclass(frozen=True)
class Tile:
    """Register block of ``rows`` by ``vecs`` vectors of ``lanes`` elements."""

    rows: int
    vecs: int
    lanes: int

    @property
    def cols(self) -> int:
        """Columns of the block in elements."""
        return self.vecs * self.lanes


def lanes_of(gemm: Gemm, vector_bytes: int) -> int:
    """Return the elements of one vector (1 in portable mode)."""
    return max(vector_bytes // gemm.item_bytes, 1)


def _cycles(rows: int, vecs: int, vector_bytes: float, item_bytes: float) -> float:
    """Cycles one step of k takes in a block of ``rows`` by ``vecs`` vectors.

    The sizes in bytes are those read from the second-level cache; 0 if from the first.
    """
    feed = (rows * item_bytes + vecs * vector_bytes) / _L2_BYTES_A_CYCLE
    return max(rows * vecs / 2, (rows + vecs) / 2, 4.0, feed)


def _fits(rows: int, vecs: int, registers: int) -> bool:
    return rows * vecs + vecs + 1 <= registers


def choose_tile(gemm: Gemm, vector_bytes: int, padded: bool) -> Tile:
    """Choose the register block that needs the fewest cycles for the whole site.

    Parameters
    ----------
    padded
        Whether edges are computed in full (packed operands) or by smaller blocks.
    """
    lanes = lanes_of(gemm, vector_bytes)
    registers = _REGISTERS[vector_bytes]
    m, n_vecs = gemm.m.maximum, -(-gemm.n.maximum // lanes)
    best: tuple[float, int, Tile] | None = None
    for rows in range(1, min(max(m, 1), registers - 3) + 1):
        for vecs in range(1, min(max(n_vecs, 1), 8) + 1):
            if not _fits(rows, vecs, registers):
                continue
            cost = _site_cycles(gemm, Tile(rows, vecs, lanes), padded)
            key = (cost, vecs, Tile(rows, vecs, lanes))
            if best is None or key[:2] < best[:2]:
                best = key
    assert best is not None
    return best[2]


def _site_cycles(gemm: Gemm, tile: Tile, padded: bool) -> float:
    """Cycles of a whole site; ``padded`` edges cost as much as full blocks."""
    m, n, k = gemm.m.maximum, gemm.n.maximum, gemm.k.maximum
    near = k * n * gemm.item_bytes <= _L1_BYTES
    vector_bytes, item_bytes = (0, 0) if near else (tile.lanes * gemm.item_bytes, gemm.item_bytes)
    full_m, tail_m = divmod(m, tile.rows)
    full_n, tail_n = divmod(-(-n // tile.lanes), tile.vecs)
    if padded:
        full_m, full_n = full_m + (tail_m > 0), full_n + (tail_n > 0)
        tail_m = tail_n = 0
    # A block is started, finished and stored once. Blocks of one size take less of that.
    overhead = 3 if (tail_m or tail_n) and not padded else 1
    total = 0.0
    for times_m, r in ((full_m, tile.rows), (int(tail_m > 0), tail_m)):
        for times_n, v in ((full_n, tile.vecs), (int(tail_n > 0), tail_n)):
            step = _cycles(r, v, vector_bytes, item_bytes)
            total += times_m * times_n * (k * step + overhead * (20 + r * v))
    return total


def choose_strategy(gemm: Gemm) -> Strategy:
    """Choose how to compute a site from its (maximum) shapes.

    ``dot``: one of m, n is at most 2 and both operands are contiguous along k.
    ``direct``: register blocks can read both operands where they are, because B streams
    from the second-level cache or A has few rows; an operand that must be copied first is
    small. ``packed``: everything else.
    """
    m, n, k = gemm.m.maximum, gemm.n.maximum, gemm.k.maximum
    plain = gemm.load_a is None and gemm.load_b is None
    if plain and min(m, n) <= 2 and gemm.a_col.value == 1 and gemm.b_row.value == 1 and k >= 32:
        return "dot"
    a_plain = gemm.load_a is None and 1 in (gemm.a_row.value, gemm.a_col.value)
    b_plain = gemm.load_b is None and gemm.b_col.value == 1
    a_bytes, b_bytes = m * k * gemm.item_bytes, k * n * gemm.item_bytes
    a_fits = a_plain or a_bytes <= SMALL_BYTES
    row_bytes = gemm.b_row.maximum * gemm.item_bytes
    near = (row_bytes <= NEAR_ROW_BYTES and b_bytes <= NEAR_BYTES) or m <= 16
    b_fits = (b_plain and near) or b_bytes <= SMALL_BYTES
    return "direct" if a_fits and b_fits else "packed"
