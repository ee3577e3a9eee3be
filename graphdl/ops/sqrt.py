"""sqrt."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp

sqrt = ElementwiseOp(
    "sqrt", s.sqrt, grads=lambda x, y: (0.5 / y,), doc="Return the square root; NaN below 0."
)

__all__ = ["sqrt"]
