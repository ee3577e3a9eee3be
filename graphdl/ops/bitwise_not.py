"""bitwise_not, invert."""

from __future__ import annotations

from typing import Any

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp
from graphdl.ir.node import Node
from graphdl.ops.bitwise import on_integers_or_bools
from graphdl.ops.logical_not import logical_not

_not = ElementwiseOp("bitwise_not", s.bitwise_not, accepts="integer", doc="Bits turned over.")


def bitwise_not(x: Any) -> Node:
    """Return all bits turned over, also written ``~x``: ``-x - 1``, of uint8 ``255 - x``.

    Of bools: not x. Errors as in :func:`bitwise_and`. ``invert`` is the same.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (2,), "int32")
    >>> gd.interpret(gd.Graph(~x), {"x": [0, 5]})["out"].tolist()
    [-1, -6]
    """
    return on_integers_or_bools(_not, logical_not, x)


invert = bitwise_not


__all__ = ["bitwise_not", "invert"]
