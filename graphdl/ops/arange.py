"""arange and linspace: numbers at equal distances."""

from __future__ import annotations

import math
from typing import Any

from graphdl.ir.dim_parsing import as_size
from graphdl.ir.dims import Dim, Size
from graphdl.ir.dtypes import as_dtype, float32, int32
from graphdl.ir.errors import ArgumentError
from graphdl.ir.kinds import as_node, common_dtype
from graphdl.ir.leaves import constant, dimension, iota
from graphdl.ir.node import Node, site_text
from graphdl.ops.cast import cast
from graphdl.ops.equal import equal
from graphdl.ops.maximum import maximum
from graphdl.ops.reshape import reshape
from graphdl.ops.where import where


def arange(
    start: float | Size | str,
    stop: float | Size | str | None = None,
    step: float = 1,
    dtype: Any = None,
) -> Node:
    """Return ``start, start + step, ...`` up to ``stop``, which is left out.

    Element ``i`` is ``start + i * step``: errors do not add up.

    Parameters
    ----------
    start, stop : int, float, or size
        Bounds; with one argument it is the end, and the start is 0. A bound may be symbolic
        (``"N"``); a call in which the bounds are in the wrong order by more than a step is refused.
    step : int or float
        Distance, not 0; an int if a bound is symbolic.
    dtype : dtype, optional
        int32 if all of these are ints (int64 where they need it), else float32.

    Raises
    ------
    ArgumentError
        If the step is 0, or not an int between symbolic bounds.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.interpret(gd.Graph(gd.arange(1, 2, 0.25)))["out"].tolist()
    [1.0, 1.25, 1.5, 1.75]
    >>> gd.arange("N")
    <iota int32(N,)>
    """
    first, last = (0, start) if stop is None else (start, stop)
    low, high = (as_size(b) if isinstance(b, str) else b for b in (first, last))
    size = _count(low, high, step)
    known = constant([v for v in (low, high, step) if not isinstance(v, Dim)])
    kind = known.dtype if dtype is None else as_dtype(dtype)
    result = iota(size, kind)
    if step != 1:
        result = result * constant(step, kind)
    if isinstance(low, Dim) or low != 0:
        result = result + (dimension(low, kind) if isinstance(low, Dim) else constant(low, kind))
    return result


def _count(low: Any, high: Any, step: Any) -> Size:
    symbolic = isinstance(low, Dim) or isinstance(high, Dim)
    if step == 0 or (symbolic and not all(isinstance(v, (int, Dim)) for v in (low, high, step))):
        raise ArgumentError(
            f"arange from {low} to {high} by {step}",
            site=site_text(),
            remedy="the step must not be 0, and all must be ints where a bound is symbolic",
        )
    if not symbolic:
        count = (high - low) / step
        return as_size(max(math.ceil(count), 0) if math.isfinite(count) else count)
    length: Size = high - low if step > 0 else low - high
    stride = abs(int(step))
    return (length + (stride - 1)) // stride


def linspace(
    start: Any, stop: Any, num: Size | str = 50, endpoint: bool = True, dtype: Any = None
) -> Node:
    """Return ``num`` numbers at equal distances from ``start`` to ``stop``.

    Element ``i`` is ``start + i * (stop - start) / (num - 1)``; both ends are exact.

    Parameters
    ----------
    start, stop : number, node or array_like
        The ends; of arrays, every pair of elements has its numbers along a new first axis.
    num : int or str
        How many.
    endpoint : bool
        Whether ``stop`` is among them; if not, the distance is ``(stop - start) / num``.
    dtype : dtype, optional
        That of the ends, float32 for ints.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.interpret(gd.Graph(gd.linspace(0, 1, 5)))["out"].tolist()
    [0.0, 0.25, 0.5, 0.75, 1.0]
    """
    count, target = as_size(num), None if dtype is None else as_dtype(dtype)
    kind = common_dtype([start, stop]) if target is None or not target.is_float else target
    kind = kind if kind.is_float else float32
    first, last = as_node(start, kind), as_node(stop, kind)
    steps = count - 1 if endpoint else count
    divisor = (
        constant(max(steps, 1), kind)
        if isinstance(steps, int)
        else maximum(dimension(steps, kind), 1.0)
    )
    distance = (last - first) / divisor
    place = reshape(iota(count), (count, *[1] * distance.ndim))
    value = where(equal(place, dimension(steps, int32)), last, first + place * distance)
    value = where(equal(place, 0), first, value)
    return cast(value, kind if target is None else target)


__all__ = ["arange", "linspace"]
