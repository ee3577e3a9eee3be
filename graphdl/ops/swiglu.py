"""swiglu."""

from __future__ import annotations

from typing import Any

from graphdl.ir.node import Node
from graphdl.ops.glu import gated, halved
from graphdl.ops.silu import silu

_swiglu = gated("swiglu", silu, "The first half times the silu of the second.")


def swiglu(x: Any, axis: int = -1) -> Node:
    """Return ``a · silu(b)`` of the halves of ``x``; see :func:`glu`.

    Shazeer, 2020, arXiv:2002.05202. Where the gate comes first, pass
    ``gd.concat([value, gate], axis)``.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.swiglu(gd.input("x", ("N", 6)))
    <swiglu float32(N, 3)>
    """
    return halved(_swiglu, x, axis)


__all__ = ["swiglu"]
