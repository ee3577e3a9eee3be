"""triu."""

from __future__ import annotations

from typing import Any

from graphdl.ir.node import Node
from graphdl.ops.less_equal import less_equal
from graphdl.ops.tril import part


def triu(x: Any, k: int = 0) -> Node:
    """Return ``x`` with zeros below the ``k``-th diagonal of its last two axes.

    Parameters
    ----------
    x : node or array_like
        At least two axes.
    k : int
        The first diagonal that is kept: 0 is the main one, 1 the one above.

    Raises
    ------
    ShapeError
        If ``x`` has fewer than two axes.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.interpret(gd.Graph(gd.triu(gd.ones((2, 3), "int32"), 1)))["out"].tolist()
    [[0, 1, 1], [0, 0, 1]]
    """
    return part("triu", less_equal, x, k)


__all__ = ["triu"]
