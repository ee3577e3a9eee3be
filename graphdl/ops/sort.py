"""sort."""

from __future__ import annotations

from typing import Any

from graphdl.ir.kinds import as_node
from graphdl.ir.node import Node
from graphdl.ops.argsort import argsort
from graphdl.ops.take_along_axis import element_at


def sort(x: Any, axis: int = -1, *, descending: bool = False) -> Node:
    """Return the elements along an axis in order; see :func:`argsort` for ties and NaN.

    Each gradient goes back to where its element came from.

    Parameters
    ----------
    x : node or array_like
        Any shape with at least one axis.
    axis : int
        Where to sort along.
    descending : bool
        The largest first.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (4,))
    >>> gd.interpret(gd.Graph(gd.sort(x)), {"x": [3, 1, 2, 1]})["out"].tolist()
    [1.0, 1.0, 2.0, 3.0]
    """
    node = as_node(x)
    return element_at(node, argsort(node, axis, descending=descending), axis, "strict")


__all__ = ["sort"]
