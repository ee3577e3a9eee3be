"""swapaxes."""

from __future__ import annotations

from typing import Any

from graphdl.ir.kinds import as_node, normalise_axis
from graphdl.ir.node import Node
from graphdl.ops.transpose import transpose


def swapaxes(x: Any, axis1: int, axis2: int) -> Node:
    """Return ``x`` with two axes exchanged.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.swapaxes(gd.input("x", ("N", 3, 4)), 1, 2)
    <transpose float32(N, 4, 3)>
    """
    node = as_node(x)
    order = list(range(node.ndim))
    first, second = (normalise_axis("swapaxes", a, node.ndim) for a in (axis1, axis2))
    order[first], order[second] = second, first
    return transpose(node, order)


__all__ = ["swapaxes"]
