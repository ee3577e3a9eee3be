"""bitwise_xor."""

from __future__ import annotations

from typing import Any

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp
from graphdl.ir.node import Node
from graphdl.ops.bitwise import on_integers_or_bools
from graphdl.ops.logical_xor import logical_xor

_xor = ElementwiseOp("bitwise_xor", s.bitwise_xor, accepts="integer", doc="Bits in one of both.")


def bitwise_xor(x: Any, y: Any) -> Node:
    """Return the bits that are set in exactly one of both integers, also written ``x ^ y``.

    Of bools: whether exactly one holds. Errors as in :func:`bitwise_and`.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (2,), "uint8")
    >>> gd.interpret(gd.Graph(x ^ 6), {"x": [3, 12]})["out"].tolist()
    [5, 10]
    """
    return on_integers_or_bools(_xor, logical_xor, x, y)


__all__ = ["bitwise_xor"]
