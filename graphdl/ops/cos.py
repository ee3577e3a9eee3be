"""cos."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp

cos = ElementwiseOp(
    "cos",
    s.cos,
    grads=lambda x, y: (-s.sin(x),),
    doc="""Return the cosine of ``x``; NaN at ±inf.

    Examples
    --------
    >>> import graphdl as gd
    >>> float(gd.interpret(gd.Graph(gd.cos(0.0)), {})["out"])
    1.0
    """,
)


__all__ = ["cos"]
