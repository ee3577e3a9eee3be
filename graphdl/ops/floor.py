"""floor."""

from __future__ import annotations

from typing import Any

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp
from graphdl.ir.node import Node
from graphdl.ops.rounding import of_floats

_floor = ElementwiseOp("floor", s.floor, grads=lambda x, y: (None,))


def floor(x: Any) -> Node:
    """Return the largest whole number that is at most ``x``; integers stay as they are.

    The derivative is 0 everywhere. NaN and infinities stay.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.interpret(gd.Graph(gd.floor(gd.constant([1.7, -1.2]))), {})["out"].tolist()
    [1.0, -2.0]
    """
    return of_floats(_floor, x)


__all__ = ["floor"]
