"""tanh."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp

tanh = ElementwiseOp(
    "tanh", s.tanh, grads=lambda x, y: (1.0 - y * y,), doc="Return the hyperbolic tangent."
)

__all__ = ["tanh"]
