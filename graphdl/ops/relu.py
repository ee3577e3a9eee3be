"""relu and leaky_relu."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp

relu = ElementwiseOp(
    "relu",
    lambda x: s.maximum(x, 0.0),
    grads=lambda x, y: (s.select(y > 0.0, 1.0, 0.0),),
    doc="Return ``max(x, 0)``; the derivative at 0 is 0. NaN stays NaN.",
)
leaky_relu = ElementwiseOp(
    "leaky_relu",
    lambda x, *, slope=0.01: s.select(x > 0.0, x, slope * x),
    grads=lambda x, y, *, slope: (s.select(x > 0.0, 1.0, slope),),
    doc="Return ``x`` above 0 and ``slope * x`` elsewhere; the derivative at 0 is the slope.",
)

__all__ = ["leaky_relu", "relu"]
