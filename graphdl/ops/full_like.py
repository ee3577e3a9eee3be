"""full_like."""

from __future__ import annotations

from typing import Any

from graphdl.ir.kinds import as_node
from graphdl.ir.node import Node
from graphdl.ops.full import full


def full_like(x: Any, value: float, dtype: Any = None) -> Node:
    """Return an array of one value with the shape of ``x``, and its dtype if none is given.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.full_like(gd.input("x", ("N", 3), "int32"), 7)
    <broadcast_to int32(N, 3)>
    """
    node = as_node(x)
    return full(node.shape, value, node.dtype if dtype is None else dtype)


__all__ = ["full_like"]
