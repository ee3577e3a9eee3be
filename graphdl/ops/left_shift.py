"""left_shift."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp

left_shift = ElementwiseOp(
    "left_shift",
    s.left_shift,
    accepts="integer",
    doc="""Return the bits moved ``y`` places up, also written ``x << y``: ``x·2^y``, wrapped.

    A count that is negative or not below the number of bits gives 0, as in NumPy.

    Raises
    ------
    DTypeError
        If an operand is floating, or all are bools.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (3,), "uint8")
    >>> gd.interpret(gd.Graph(1 << x), {"x": [0, 7, 8]})["out"].tolist()
    [1, 128, 0]
    """,
)


__all__ = ["left_shift"]
