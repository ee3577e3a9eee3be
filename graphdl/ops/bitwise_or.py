"""bitwise_or."""

from __future__ import annotations

from typing import Any

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp
from graphdl.ir.node import Node
from graphdl.ops.bitwise import on_integers_or_bools
from graphdl.ops.logical_or import logical_or

_or = ElementwiseOp("bitwise_or", s.bitwise_or, accepts="integer", doc="Bits in any of both.")


def bitwise_or(x: Any, y: Any) -> Node:
    """Return the bits that are set in any of both integers, also written ``x | y``.

    Of bools: x or y. Errors as in :func:`bitwise_and`.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (2,), "uint8")
    >>> gd.interpret(gd.Graph(x | 6), {"x": [3, 12]})["out"].tolist()
    [7, 14]
    """
    return on_integers_or_bools(_or, logical_or, x, y)


__all__ = ["bitwise_or"]
