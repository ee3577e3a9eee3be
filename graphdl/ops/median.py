"""median."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphdl.ir.dim_bounds import is_at_least
from graphdl.ir.dims import Size, product
from graphdl.ir.dtypes import float32, int64
from graphdl.ir.kinds import as_node, normalise_axes
from graphdl.ir.leaves import dimension
from graphdl.ir.node import Node, operators
from graphdl.ops.concat import concat
from graphdl.ops.expand_dims import expand_dims
from graphdl.ops.full import full
from graphdl.ops.gather import gather
from graphdl.ops.not_equal import not_equal
from graphdl.ops.reshape import reshape
from graphdl.ops.sort import sort
from graphdl.ops.where import where


def median(x: Any, axis: Any = None, keepdims: bool = False) -> Node:
    """Return the median over axes (all by default): the mean of the two middle elements.

    Integers become float32. A NaN among the elements gives NaN, and so does an axis without
    elements, as in NumPy. The gradient goes to the middle element, half to each where there are
    two, and to the first of equal ones.

    Parameters
    ----------
    x : node or array_like
        Any shape.
    axis : int, tuple of int, or None
        Axes to take the median over.
    keepdims : bool
        Keep them with size 1.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (4,))
    >>> float(gd.interpret(gd.Graph(gd.median(x)), {"x": [4, 1, 3, 9]})["out"])
    3.5
    """
    node = as_node(x)
    node = node if node.dtype.is_float else node.astype(float32)
    axes = normalise_axes("median", axis, node.ndim)
    kept = [a for a in range(node.ndim) if a not in axes]
    count = product(node.shape[a] for a in axes)
    shape = tuple(node.shape[a] for a in kept)
    lines = operators["transpose"](node, (*kept, *axes))
    result = _middle(sort(reshape(lines, (*shape, count))), count)
    return expand_dims(result, axes) if keepdims else result


def _middle(line: Node, count: Size) -> Node:
    """Return the mean of the two middle elements of the last axis; NaN, which is last, wins.

    Where there may be none, a NaN behind them is what clipped places find.
    """
    if not is_at_least(count, 1):
        line = concat([line, full((*line.shape[:-1], 1), np.nan, line.dtype)], line.ndim - 1)

    def at(place: Size) -> Node:
        if isinstance(place, int):
            return line[..., place]
        return gather(line, dimension(place, int64), line.ndim - 1)

    low, high, last = at((count - 1) // 2), at(count // 2), at(count - 1)
    return where(not_equal(last, last), last, 0.5 * low + 0.5 * high)  # type: ignore[no-any-return]


__all__ = ["median"]
