"""Shapes and regions of arrays as people write them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from graphdl.ir.dims import Dim, Shape, Size


def shape_text(shape: Shape) -> str:
    """Return a shape as people write it.

    Examples
    --------
    >>> from graphdl.ir.dims import symbol
    >>> shape_text((symbol("N"), 64))
    '(N, 64)'
    """
    inner = ", ".join(str(s) for s in shape)
    return f"({inner},)" if len(shape) == 1 else f"({inner})"


def region_text(starts: Shape, steps: Sequence[int], sizes: Shape, shape: Shape) -> str:
    """Return what stands in brackets to take a region of an array, as in NumPy.

    Examples
    --------
    >>> from graphdl.ir.dims import symbol
    >>> n = symbol("N")
    >>> region_text((0, 2, n - 1), (1, 1, -1), (4, 3, n), (4, 8, n))
    '[:, 2:5, ::-1]'
    """
    found = [_span_text(*axis) for axis in zip(starts, steps, sizes, shape, strict=True)]
    while len(found) > 1 and found[-1] == ":":
        found.pop()
    return f"[{', '.join(found)}]"


def _span_text(start: Size, step: int, size: Size, full: Size) -> str:
    stop, after = start + (size - 1) * step + (1 if step > 0 else -1), start + size * step
    if isinstance(after, int) and isinstance(full, int):
        open_end = after >= full if step > 0 else after < 0
    else:
        open_end = stop == (full if step > 0 else -1) or (isinstance(size, Dim) and abs(step) > 1)
    first = 0 if step > 0 else full - 1
    bounds = "" if start == first else str(start), "" if open_end else str(stop)
    shown = ":".join(re.sub(r"^\((\(.*\)//\d+)\)$", r"\1", b.replace(" ", "")) for b in bounds)
    return shown if step == 1 else f"{shown}:{step}"
