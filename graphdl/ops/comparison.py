"""Comparisons and logic: results are bool and have no derivative."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp
from graphdl.ir.node import operators

less = ElementwiseOp("less", lambda x, y: x < y, accepts="number", doc="Return ``x < y``.")
less_equal = ElementwiseOp(
    "less_equal", lambda x, y: x <= y, accepts="number", doc="Return ``x <= y``."
)
greater = ElementwiseOp("greater", lambda x, y: x > y, accepts="number", doc="Return ``x > y``.")
greater_equal = ElementwiseOp(
    "greater_equal", lambda x, y: x >= y, accepts="number", doc="Return ``x >= y``."
)
equal = ElementwiseOp("equal", s.equal, accepts="number", doc="Return whether ``x`` equals ``y``.")
not_equal = ElementwiseOp(
    "not_equal", s.not_equal, accepts="number", doc="Return whether ``x`` differs from ``y``."
)
isnan = ElementwiseOp("isnan", s.isnan, doc="Return whether ``x`` is NaN.")
logical_and = ElementwiseOp(
    "logical_and", s.logical_and, accepts="bool", doc="Return ``x and y``, element by element."
)
logical_or = ElementwiseOp(
    "logical_or", s.logical_or, accepts="bool", doc="Return ``x or y``, element by element."
)
logical_xor = ElementwiseOp(
    "logical_xor", s.logical_xor, accepts="bool", doc="Return whether exactly one of both holds."
)
logical_not = ElementwiseOp(
    "logical_not", s.logical_not, accepts="bool", doc="Return ``not x``, element by element."
)

operators.update(lt=less, le=less_equal, gt=greater, ge=greater_equal)
operators.update({"and": logical_and, "or": logical_or, "xor": logical_xor, "not": logical_not})

__all__ = [
    "equal",
    "greater",
    "greater_equal",
    "isnan",
    "less",
    "less_equal",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "not_equal",
]
