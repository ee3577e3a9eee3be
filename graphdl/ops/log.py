"""log and log1p."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp

log = ElementwiseOp(
    "log", s.log, grads=lambda x, y: (1.0 / x,), doc="Return the natural logarithm of ``x``."
)
log1p = ElementwiseOp(
    "log1p",
    s.log1p,
    grads=lambda x, y: (1.0 / (1.0 + x),),
    doc="Return ``log(1 + x)``, exact also near 0.",
)

__all__ = ["log", "log1p"]
