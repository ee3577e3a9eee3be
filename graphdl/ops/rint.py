"""rint."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp

rint = ElementwiseOp(
    "rint",
    s.round_even,
    grads=lambda x, y: (None,),
    doc="""Return the nearest whole number, of two the even one; the derivative is 0 everywhere.

    NaN and infinities stay, and so does the sign of zero.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.interpret(gd.Graph(gd.rint(gd.constant([0.5, 1.5, -2.6]))), {})["out"].tolist()
    [0.0, 2.0, -3.0]
    """,
)


__all__ = ["rint"]
