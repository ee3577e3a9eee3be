"""exp and expm1."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp

exp = ElementwiseOp("exp", s.exp, grads=lambda x, y: (y,), doc="Return e to the power ``x``.")
expm1 = ElementwiseOp(
    "expm1",
    s.expm1,
    grads=lambda x, y: (s.exp(x),),
    doc="Return ``exp(x) - 1``, exact also near 0.",
)

__all__ = ["exp", "expm1"]
