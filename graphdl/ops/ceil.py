"""ceil."""

from __future__ import annotations

from typing import Any

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp
from graphdl.ir.node import Node
from graphdl.ops.rounding import of_floats

_ceil = ElementwiseOp("ceil", s.ceil, grads=lambda x, y: (None,))


def ceil(x: Any) -> Node:
    """Return the smallest whole number that is at least ``x``; integers stay as they are.

    The derivative is 0 everywhere. NaN and infinities stay.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.interpret(gd.Graph(gd.ceil(gd.constant([1.2, -1.7]))), {})["out"].tolist()
    [2.0, -1.0]
    """
    return of_floats(_ceil, x)


__all__ = ["ceil"]
