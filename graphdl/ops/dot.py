"""dot and inner: sums of products over one axis of each operand."""

from __future__ import annotations

from typing import Any

from graphdl.ir.node import Node
from graphdl.ops.contract import operands
from graphdl.ops.multiply import multiply
from graphdl.ops.tensordot import tensordot


def dot(x: Any, y: Any) -> Node:
    """Return the sum of products over the last axis of ``x`` and the last but one of ``y``.

    NumPy's rule: two vectors give a scalar, matrices their product, and further axes stand side by
    side, ``z[i, j, k, m] = Σₙ x[i, j, n]·y[k, n, m]``; :func:`matmul` pairs them instead. A scalar
    multiplies.

    Parameters
    ----------
    x, y : node or array_like
        ``(..., n)`` and ``(n,)`` or ``(..., n, m)``.

    Raises
    ------
    ShapeError
        If the sizes of the two axes differ.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.dot(gd.input("x", (2, 3, 4)), gd.input("y", (5, 4, 6)))
    <contract float32(2, 3, 5, 6)>
    """
    a, b = operands(x, y)
    return _over_axis(a, b, -2 if b.ndim > 1 else -1)


def inner(x: Any, y: Any) -> Node:
    """Return the sum of products over the last axes, ``z[..., ...] = Σₙ x[..., n]·y[..., n]``.

    Parameters
    ----------
    x, y : node or array_like
        ``(..., n)`` both; their other axes stand side by side. A scalar multiplies.

    Raises
    ------
    ShapeError
        If the sizes of the last axes differ.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.inner(gd.input("x", (2, 4)), gd.input("y", (3, 4)))
    <contract float32(2, 3)>
    """
    return _over_axis(*operands(x, y), -1)


def _over_axis(a: Node, b: Node, axis: int) -> Node:
    """Sum over the last axis of one and an axis of the other; scalars multiply."""
    if a.ndim and b.ndim:
        return tensordot(a, b, (-1, axis))
    product: Node = multiply(a, b)
    return product


__all__ = ["dot", "inner"]
