"""right_shift."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp

right_shift = ElementwiseOp(
    "right_shift",
    s.right_shift,
    accepts="integer",
    doc="""Return the bits moved ``y`` places down, also written ``x >> y``: ``⌊x / 2^y⌋``.

    The sign is kept. A count that is negative or not below the number of bits gives 0, or -1 where
    ``x`` is negative, as in NumPy. Errors as in ``left_shift``.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (3,), "int32")
    >>> gd.interpret(gd.Graph(x >> 1), {"x": [5, -5, -1]})["out"].tolist()
    [2, -3, -1]
    """,
)


__all__ = ["right_shift"]
