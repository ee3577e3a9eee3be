"""matrix_power: a matrix times itself, again and again."""

from __future__ import annotations

from typing import Any

from graphdl.ir.dim_text import shape_text
from graphdl.ir.errors import ArgumentError, ShapeError
from graphdl.ir.kinds import as_node
from graphdl.ir.node import Node, site_text
from graphdl.ops.expand import broadcast_to
from graphdl.ops.eye import eye
from graphdl.ops.matmul import matmul


def matrix_power(x: Any, n: Any) -> Node:
    """Return the product of ``n`` copies of square matrices, by repeated squaring.

    Parameters
    ----------
    x : node or array_like
        ``(..., m, m)``.
    n : int
        At least 0; the 0th power is the identity.

    Raises
    ------
    ShapeError
        If the last two axes differ.
    ArgumentError
        If ``n`` is no int or negative: that would take an inverse.

    Examples
    --------
    >>> import graphdl as gd
    >>> g = gd.Graph(gd.matrix_power(gd.input("a", (2, 2)), 3))
    >>> gd.interpret(g, {"a": [[1, 1], [0, 1]]})["out"].tolist()
    [[1.0, 3.0], [0.0, 1.0]]
    """
    node = as_node(x)
    if node.ndim < 2 or node.shape[-1] != node.shape[-2]:
        raise ShapeError(
            f"matrix_power: {shape_text(node.shape)} holds no square matrices",
            site=site_text(),
            remedy="the last two axes must have one size",
        )
    if not isinstance(n, int) or n < 0:
        raise ArgumentError(
            f"matrix_power: the power {n!r} is not an int >= 0",
            site=site_text(),
            remedy="invert first for negative powers",
        )
    result, square = None, node
    while n:
        if n & 1:
            result = square if result is None else matmul(result, square)
        n >>= 1
        square = matmul(square, square) if n else square
    if result is None:
        return broadcast_to(eye(node.shape[-1], dtype=node.dtype), node.shape)
    return result


__all__ = ["matrix_power"]
