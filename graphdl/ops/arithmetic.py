"""Arithmetic: add, subtract, multiply, divide, negative, abs, sign."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp
from graphdl.ir.node import operators

add = ElementwiseOp(
    "add",
    lambda x, y: x + y,
    grads=lambda x, y, z: (1.0, 1.0),
    accepts="number",
    doc="Return ``x + y``.",
)
subtract = ElementwiseOp(
    "subtract",
    lambda x, y: x - y,
    grads=lambda x, y, z: (1.0, -1.0),
    accepts="number",
    doc="Return ``x - y``.",
)
multiply = ElementwiseOp(
    "multiply",
    lambda x, y: x * y,
    grads=lambda x, y, z: (y, x),
    accepts="number",
    doc="Return ``x * y``.",
)
divide = ElementwiseOp(
    "divide",
    lambda x, y: x / y,
    # -z/y rather than -x/y²: no overflow of y² where z itself is finite
    grads=lambda x, y, z: (1.0 / y, -(z / y)),
    doc="Return ``x / y``; integers become float32 first.",
)
negative = ElementwiseOp(
    "negative", lambda x: -x, grads=lambda x, z: (-1.0,), accepts="number", doc="Return ``-x``."
)
abs = ElementwiseOp(
    "abs",
    s.absolute,
    grads=lambda x, z: (s.sign(x),),
    accepts="number",
    doc="Return ``|x|``; the derivative at 0 is 0.",
)
sign = ElementwiseOp(
    "sign",
    s.sign,
    grads=lambda x, z: (None,),
    accepts="number",
    doc="Return -1, 0 or 1; the derivative is 0 everywhere. NaN stays NaN.",
)

operators.update(add=add, sub=subtract, mul=multiply, div=divide, neg=negative, abs=abs)

__all__ = ["abs", "add", "divide", "multiply", "negative", "sign", "subtract"]
