"""std."""

from __future__ import annotations

from typing import Any

from graphdl.ir.dtypes import float32
from graphdl.ir.kinds import as_node, normalise_axes
from graphdl.ir.node import Node
from graphdl.ops.expand_dims import expand_dims
from graphdl.ops.mean import mean
from graphdl.ops.norm import vector_norm
from graphdl.ops.sqrt import sqrt
from graphdl.ops.var import freedom


def std(x: Any, axis: Any = None, ddof: float = 0, keepdims: bool = False) -> Node:
    """Return the standard deviation over axes (all by default): the root of :func:`var`.

    It neither overflows nor underflows where the variance would. Where all elements are equal it
    has a kink; the gradient there is 0. Of nothing it is NaN, as in NumPy.

    Parameters
    ----------
    x : node or array_like
        Any shape.
    axis : int, tuple of int, or None
        Axes to take it over.
    ddof : int or float
        As in :func:`var`.
    keepdims : bool
        Keep the axes with size 1.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (2,))
    >>> float(gd.interpret(gd.Graph(gd.std(x)), {"x": [0, 2]})["out"])
    1.0
    """
    node = as_node(x)
    node = node if node.dtype.is_float else node.astype(float32)
    axes = normalise_axes("std", axis, node.ndim)
    away = node - mean(node, axes, keepdims=True)
    result = vector_norm(away, 2, axes) / sqrt(freedom(node, axes, ddof))
    return expand_dims(result, axes) if keepdims else result


__all__ = ["std"]
