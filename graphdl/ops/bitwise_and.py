"""bitwise_and."""

from __future__ import annotations

from typing import Any

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp
from graphdl.ir.node import Node
from graphdl.ops.bitwise import on_integers_or_bools
from graphdl.ops.logical_and import logical_and

_and = ElementwiseOp("bitwise_and", s.bitwise_and, accepts="integer", doc="Bits in both.")


def bitwise_and(x: Any, y: Any) -> Node:
    """Return the bits that are set in both integers, also written ``x & y``; of bools: x and y.

    Raises
    ------
    DTypeError
        If an operand is floating.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (2,), "uint8")
    >>> gd.interpret(gd.Graph(x & 6), {"x": [3, 12]})["out"].tolist()
    [2, 4]
    """
    return on_integers_or_bools(_and, logical_and, x, y)


__all__ = ["bitwise_and"]
