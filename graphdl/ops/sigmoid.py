"""sigmoid."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp

sigmoid = ElementwiseOp(
    "sigmoid",
    s.sigmoid,
    # SymPy's exp(-x)/(1+exp(-x))² is inf/inf at -100 in float32
    grads=lambda x, y: (y * (1.0 - y),),
    doc="Return ``1 / (1 + exp(-x))``, accurate in both tails.",
)

__all__ = ["sigmoid"]
