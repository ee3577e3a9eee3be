"""softplus."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp

softplus = ElementwiseOp(
    "softplus",
    # log(1 + exp(x)) without overflow for large x
    lambda x: s.maximum(x, 0.0) + s.log1p(s.exp(-abs(x))),
    grads=lambda x, y: (s.sigmoid(x),),
    doc="Return ``log(1 + exp(x))``, finite for every finite ``x``.",
)

__all__ = ["softplus"]
