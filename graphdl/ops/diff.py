"""diff."""

from __future__ import annotations

from typing import Any

from graphdl.ir.dtypes import bool_
from graphdl.ir.errors import ArgumentError
from graphdl.ir.kinds import as_node, normalise_axis
from graphdl.ir.node import Node, site_text
from graphdl.ops.split import MOST_PARTS


def diff(x: Any, n: int = 1, axis: int = -1) -> Node:
    """Return the differences of neighbours along an axis: ``x[i+1] − x[i]``, n times over.

    Bools give whether neighbours differ.

    Parameters
    ----------
    x : node or array_like
        Any shape with at least one axis.
    n : int
        How often.
    axis : int
        Where to go along; it gets n elements shorter.

    Raises
    ------
    ArgumentError
        If n is negative, or above 4096: each difference is a node.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (4,))
    >>> gd.interpret(gd.Graph(gd.diff(x)), {"x": [1, 4, 9, 16]})["out"].tolist()
    [3.0, 5.0, 7.0]
    """
    node = as_node(x)
    if not 0 <= n <= MOST_PARTS:
        raise ArgumentError(
            f"diff: n = {n} is {'negative' if n < 0 else 'more often than a graph can tell'}",
            site=site_text(),
        )
    before = (slice(None),) * normalise_axis("diff", axis, node.ndim)
    for _ in range(n):
        later, earlier = node[(*before, slice(1, None))], node[(*before, slice(None, -1))]
        node = later ^ earlier if node.dtype is bool_ else later - earlier
    return node


__all__ = ["diff"]
