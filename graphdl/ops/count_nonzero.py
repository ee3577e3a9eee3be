"""count_nonzero."""

from __future__ import annotations

from typing import Any

from graphdl.ir.dtypes import bool_
from graphdl.ir.kinds import as_node
from graphdl.ir.node import Node
from graphdl.ops.sum import sum


def count_nonzero(x: Any, axis: Any = None, keepdims: bool = False) -> Node:
    """Return how many elements over axes (all by default) are not 0, int64; NaN is not 0.

    Parameters
    ----------
    x : node or array_like
        Any shape, bools or numbers.
    axis : int, tuple of int, or None
        Axes to count over.
    keepdims : bool
        Keep them with size 1.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (4,))
    >>> int(gd.interpret(gd.Graph(gd.count_nonzero(x)), {"x": [0, 1, 0, 2]})["out"])
    2
    """
    return sum(as_node(x).astype(bool_), axis, keepdims)


__all__ = ["count_nonzero"]
