"""erf."""

from __future__ import annotations

import math

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp

erf = ElementwiseOp(
    "erf",
    s.erf,
    grads=lambda x, y: ((2.0 / math.sqrt(math.pi)) * s.exp(-(x * x)),),
    doc="Return the error function, the integral of the normal density scaled to (-1, 1).",
)

__all__ = ["erf"]
