"""The distance of two points, for losses of pairs and triplets."""

from __future__ import annotations

from graphdl.ir.kinds import normalise_axis
from graphdl.ir.node import Node
from graphdl.losses.checks import check_same_shape, number
from graphdl.ops.norm import vector_norm


def distance(loss: str, x: Node, y: Node, axis: int = -1, p: float = 2.0) -> Node:
    """Return ``(Σ|x - y|^p)^(1/p)`` along an axis; its derivative is 0 where both are equal.

    Raises
    ------
    ShapeError
        If the shapes differ.
    ArgumentError
        If p is below 1.

    Examples
    --------
    >>> import graphdl as gd
    >>> distance("example", gd.input("x", ("N", 3)), gd.input("y", ("N", 3)))
    <norm float32(N,)>
    """
    check_same_shape(loss, x, y)
    power = number(loss, "p", p, low=1)
    return vector_norm(x - y, power, (normalise_axis(loss, axis, x.ndim),))
