"""exp_product: the exponential of a product."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp

exp_product = ElementwiseOp(
    "exp_product",
    s.exp_product,
    grads=lambda x, y, z: (y * z, x * z),
    doc="""Return ``exp(x · y)`` with all its digits: the product is not rounded in between.

    ``exp(-x**2 / 2)`` at 12, say, is a number whose last digits depend on those that rounding
    ``x**2`` drops; ``exp_product(-x / 2, x)`` has them right. Where one factor is 0 and the other
    infinite the result is NaN.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (2,), "float64")
    >>> graph = gd.Graph(gd.exp_product(-0.5 * x, x))
    >>> gd.interpret(graph, {"x": [0.0, 2.0]})["out"].round(6).tolist()
    [1.0, 0.135335]
    """,
)

__all__ = ["exp_product"]
