"""exp_product: the exponential of a product, as slopes need it."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp

exp_product = ElementwiseOp(
    "exp_product",
    s.exp_product,
    grads=lambda x, y, z: (y * z, x * z),
    doc="""Return ``exp(x · y)`` with all its digits: the product is not rounded before.""",
)

__all__: list[str] = []
