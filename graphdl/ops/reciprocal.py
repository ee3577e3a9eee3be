"""reciprocal."""

from __future__ import annotations

from graphdl.ir.kinds import ElementwiseOp

reciprocal = ElementwiseOp(
    "reciprocal",
    lambda x: 1.0 / x,
    grads=lambda x, y: (-(y * y),),
    doc="""Return ``1 / x``; ±inf at ±0. Integers become float32 first.

    Examples
    --------
    >>> import graphdl as gd
    >>> float(gd.interpret(gd.Graph(gd.reciprocal(4.0)), {})["out"])
    0.25
    """,
)

__all__ = ["reciprocal"]
