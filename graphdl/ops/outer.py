"""outer: every element of one vector times every element of another."""

from __future__ import annotations

from typing import Any

from graphdl.ir.node import Node
from graphdl.ops.contract import operands
from graphdl.ops.multiply import multiply
from graphdl.ops.reshape import reshape


def outer(x: Any, y: Any) -> Node:
    """Return ``z[i, j] = x[i]·y[j]``; arrays of other ranks are read as vectors first.

    Parameters
    ----------
    x, y : node or array_like
        Any shapes.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.outer(gd.input("x", ("N",)), gd.input("y", (3,)))
    <multiply float32(N, 3)>
    """
    a, b = operands(x, y)
    product: Node = multiply(reshape(a, (-1, 1)), reshape(b, -1))
    return product


__all__ = ["outer"]
