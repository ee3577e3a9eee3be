"""vdot and vecdot: inner products of vectors."""

from __future__ import annotations

from typing import Any

from graphdl.ir.node import Node
from graphdl.ops.contract import operands
from graphdl.ops.dot import dot
from graphdl.ops.einsum import einsum
from graphdl.ops.reshape import reshape
from graphdl.ops.tensordot import tensordot


def vdot(x: Any, y: Any) -> Node:
    """Return the sum of the products of all elements, both arrays read as vectors.

    Parameters
    ----------
    x, y : node or array_like
        Equally many elements, of any shapes.

    Raises
    ------
    ShapeError
        If the numbers of elements differ.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.vdot(gd.input("x", (2, 3)), gd.input("y", (2, 3)))
    <contract float32()>
    """
    a, b = operands(x, y)
    return tensordot(a, b, a.ndim) if a.shape == b.shape else dot(reshape(a, -1), reshape(b, -1))


def vecdot(x: Any, y: Any) -> Node:
    """Return the inner products of vectors along the last axes, whose other axes broadcast.

    Parameters
    ----------
    x, y : node or array_like
        ``(..., n)``.

    Raises
    ------
    ShapeError
        If the shapes do not fit.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.vecdot(gd.input("x", ("N", 4)), gd.input("y", ("N", 4)))
    <contract float32(N,)>
    """
    return einsum("...i,...i->...", x, y)


__all__ = ["vdot", "vecdot"]
