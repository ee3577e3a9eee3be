"""geglu."""

from __future__ import annotations

from typing import Any

from graphdl.ir.node import Node
from graphdl.ops.gelu import gelu
from graphdl.ops.glu import gated, halved

_geglu = gated("geglu", gelu, "The first half times the gelu of the second.")


def geglu(x: Any, axis: int = -1) -> Node:
    """Return ``a · gelu(b)`` of the halves of ``x``, gelu being the exact one; see :func:`glu`.

    Shazeer, 2020, arXiv:2002.05202.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.geglu(gd.input("x", ("N", 6)))
    <geglu float32(N, 3)>
    """
    return halved(_geglu, x, axis)


__all__ = ["geglu"]
