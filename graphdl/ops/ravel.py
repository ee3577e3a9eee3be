"""ravel."""

from __future__ import annotations

from typing import Any

from graphdl.ir.dims import product
from graphdl.ir.kinds import as_node
from graphdl.ir.node import Node
from graphdl.ops.reshape import reshape


def ravel(x: Any) -> Node:
    """Return all elements as a vector, row-major.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.ravel(gd.input("x", ("N", 2, 3)))
    <reshape float32(6*N,)>
    """
    node = as_node(x)
    return reshape(node, (product(node.shape),))


__all__ = ["ravel"]
