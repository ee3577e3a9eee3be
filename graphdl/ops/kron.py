"""kron: blocks of one array, each times an element of another."""

from __future__ import annotations

from typing import Any

from graphdl.ir.node import Node
from graphdl.ops.contract import operands
from graphdl.ops.multiply import multiply
from graphdl.ops.reshape import reshape


def kron(x: Any, y: Any) -> Node:
    """Return the Kronecker product: blocks of ``y``, each times an element of ``x``.

    Parameters
    ----------
    x, y : node or array_like
        Any shapes; the one of lower rank gets axes of size 1 in front.

    Returns
    -------
    Node
        The size of each axis is the product of both sizes.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.kron(gd.input("x", (2, 3)), gd.input("y", (4,)))
    <reshape float32(2, 12)>
    """
    a, b = operands(x, y)
    rank = max(a.ndim, b.ndim)
    left, right = ((1,) * (rank - n.ndim) + n.shape for n in (a, b))
    product: Node = multiply(
        reshape(a, tuple(s for size in left for s in (size, 1))),
        reshape(b, tuple(s for size in right for s in (1, size))),
    )
    return reshape(product, tuple(s * t for s, t in zip(left, right, strict=True)))


__all__ = ["kron"]
