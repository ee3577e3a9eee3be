"""sin."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp

sin = ElementwiseOp(
    "sin",
    s.sin,
    grads=lambda x, y: (s.cos(x),),
    doc="""Return the sine of ``x``; NaN at ±inf.

    Examples
    --------
    >>> import graphdl as gd
    >>> float(gd.interpret(gd.Graph(gd.sin(0.0)), {})["out"])
    0.0
    """,
)


__all__ = ["sin"]
