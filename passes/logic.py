"""Simplification of truth values, choices and casts: rules of the pass ``simplify``."""

from __future__ import annotations

import operator

from graphdl.ir.dtypes import DType, bool_, float64, int32, int64
from graphdl.ir.node import Node, make, operators
from graphdl.ir.rewrites import (
    REWRITES,
    applied,
    both_orders,
    is_instruction,
    like,
    operands_of,
    rewrite,
    uniform,
)

RULES = REWRITES.setdefault("simplify", [])
"""All rules of the pass, those in other files included."""

_LOGIC = (operator.and_, operator.or_, operator.xor)


@rewrite("simplify", "and", "or", math="x ∧ x → x, x ∨ x → x", examples=lambda b: [b & b, b | b])
def _logic_of_one(node: Node) -> Node | None:
    x, y = node.inputs
    return x if x is y else None


@rewrite(
    "simplify",
    "and",
    "or",
    "xor",
    math="x ∧ true → x, x ∨ false → x, x ∧ false → false …",
    examples=lambda b: [op(b, known) for op in _LOGIC for known in (True, False)],
)
def _logic_with_constant(node: Node) -> Node | None:
    for x, known in both_orders(node.inputs):
        value = uniform(known)
        if value is not None and is_instruction(node, "xor"):
            return like(applied("not", x) if value else x, node)
        if value is not None:
            neutral = is_instruction(node, "and")
            return like(x if bool(value) == neutral else known, node)
    return None


@rewrite(
    "simplify",
    "not",
    math="¬¬x → x, ¬(a = b) → a ≠ b, ¬(a ≠ b) → a = b",
    examples=lambda gd, b, x, y: [~~b, ~gd.equal(x, y), ~gd.not_equal(x, y)],
)
def _denied(node: Node) -> Node | None:
    (x,) = node.inputs
    if is_instruction(x, "not"):
        return x.inputs[0]
    for name, opposite in (("eq", "ne"), ("ne", "eq")):
        if is_instruction(x, name):
            return applied(opposite, *x.inputs)
    return None


@rewrite(
    "simplify",
    "select",
    math="select(true, a, b) → a, select(false, a, b) → b",
    examples=lambda gd, x, y: [gd.where(True, x, y), gd.where(False, x, y)],
)
def _known_choice(node: Node) -> Node | None:
    condition, a, b = node.inputs
    value = uniform(condition)
    return None if value is None else like(a if value else b, node)


@rewrite(
    "simplify", "select", math="select(c, a, a) → a", examples=lambda gd, b, x: gd.where(b, x, x)
)
def _equal_choice(node: Node) -> Node | None:
    _, a, b = node.inputs
    return like(a, node) if a is b else None


@rewrite(
    "simplify",
    "select",
    math="select(¬c, a, b) → select(c, b, a)",
    examples=lambda gd, b, x, y: gd.where(~b, x, y),
)
def _denied_choice(node: Node) -> Node | None:
    condition, a, b = node.inputs
    if not is_instruction(condition, "not"):
        return None
    return applied("select", condition.inputs[0], b, a)


@rewrite(
    "simplify",
    "select",
    math="select(c, select(c, a, b), d) → select(c, a, d)",
    examples=lambda gd, b, x, y, z: [
        gd.where(b, gd.where(b, x, y), z),
        gd.where(b, x, gd.where(b, y, z)),
    ],
)
def _chosen_already(node: Node) -> Node | None:
    condition, a, b = node.inputs
    for place, branch in ((1, a), (2, b)):
        inner = operands_of(branch, "select")
        if inner and inner[0] is condition and inner[place].shape == branch.shape:
            branches = [inner[1], b] if place == 1 else [a, inner[2]]
            return applied("select", condition, *branches)
    return None


@rewrite(
    "simplify",
    "cast",
    math="cast(x) → x where the dtype stays",
    examples=lambda gd, x: make(gd.cast(x, "int64").op, [x], dtype=x.dtype),
)
def _cast_to_same(node: Node) -> Node | None:
    return like(node.inputs[0], node)


@rewrite(
    "simplify",
    "cast",
    math="cast(cast(x)) → cast(x) where the first loses nothing",
    examples=lambda gd, k, b: [
        gd.cast(gd.cast(k, "int64"), "float64"),
        gd.cast(gd.cast(b, "int32"), "float64"),
    ],
)
def _cast_of_cast(node: Node) -> Node | None:
    (middle,) = node.inputs
    if not is_instruction(middle, "cast"):
        return None
    (x,) = middle.inputs
    # Floats beyond an integer's range have no defined conversion: leave their path alone.
    detour = middle.dtype.is_float and node.dtype.is_integer
    if not _loses_nothing(x.dtype, middle.dtype):
        return None
    if detour and not _loses_nothing(x.dtype, node.dtype):
        return None
    return operators["cast"](x, dtype=node.dtype)


def _loses_nothing(source: DType, target: DType) -> bool:
    """Whether every value of a dtype stands in another one."""
    if source is bool_ or source is target:
        return True
    if source is int64 or target.rank <= source.rank:
        return False
    return source is not int32 or target is int64 or target is float64
