"""tan."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp

tan = ElementwiseOp(
    "tan",
    s.tan,
    grads=lambda x, y: (1.0 + y * y,),
    doc="""Return the tangent of ``x``; NaN at ±inf.

    No float is exactly a pole: the result is finite for every finite ``x``.

    Examples
    --------
    >>> import graphdl as gd
    >>> float(gd.interpret(gd.Graph(gd.tan(0.0)), {})["out"])
    0.0
    """,
)


__all__ = ["tan"]
