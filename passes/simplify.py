"""Algebraic simplification: only what floats allow, bit for bit.

What looks like algebra but isn't, and stays: ``x·0`` (NaN, inf), ``x − x`` (NaN, inf), ``x + 0``
(it turns −0 into 0), ``−(a − b)`` and ``(−a) − b`` (the sign of zero), regrouping of any kind.
"""

from __future__ import annotations

import math
from collections import Counter

import numpy as np

from graphdl.ir.dtypes import uint8
from graphdl.ir.graph import Graph
from graphdl.ir.kinds import AssemblyOp, ElementwiseOp, ReduceOp
from graphdl.ir.leaves import constant
from graphdl.ir.node import Node, operators
from graphdl.ir.rewrites import (
    applied,
    both_orders,
    is_instruction,
    is_number,
    like,
    rewrite,
    uniform,
)
from graphdl.passes import logic
from graphdl.passes.rewriting import rewritten

RULES = logic.RULES
"""All rules of this pass, those in other files included."""


def simplify(graph: Graph, fired: Counter[str] | None = None) -> Graph:
    """Return the graph with identities removed and signs gathered; results keep every bit.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (3,))
    >>> simplify(gd.Graph(-(-x) * 1.0)).outputs["out"]
    <input 'x' float32(3,)>
    """
    return rewritten(graph, RULES, fired)


def _negated(node: Node) -> Node | None:
    """Return ``x`` of ``−x``."""
    return node.inputs[0] if is_instruction(node, "neg") else None


@rewrite(
    "simplify", "elementwise", math="identity(x) → x", examples=lambda gd, x: gd.stop_gradient(x)
)
def _identity(node: Node) -> Node | None:
    assert isinstance(node.op, ElementwiseOp)
    body = node.op.body(node.attrs)
    if not body.is_argument:
        return None
    assert isinstance(body.payload, int)
    return like(node.inputs[body.payload], node)


@rewrite("simplify", "elementwise", math="f(x) → c where f ignores x", examples=lambda x: x**0)
def _ignores_inputs(node: Node) -> Node | None:
    assert isinstance(node.op, ElementwiseOp)
    body = node.op.body(node.attrs)
    return like(constant(body.payload, node.dtype), node) if body.is_constant else None


@rewrite("simplify", "add", math="x + (−0) → x", examples=lambda x: x + -0.0)
def _add_nothing(node: Node) -> Node | None:
    for x, zero in both_orders(node.inputs):
        if is_number(zero, -0.0):
            return like(x, node)
    return None


@rewrite("simplify", "add", math="a + (−b) → a − b", examples=lambda x, y: [x + -y, -x + y])
def _add_negated(node: Node) -> Node | None:
    for a, b in both_orders(node.inputs):
        positive = _negated(b)
        if positive is not None:
            return applied("sub", a, positive)
    return None


@rewrite("simplify", "sub", math="x − 0 → x", examples=lambda x: x - 0.0)
def _subtract_nothing(node: Node) -> Node | None:
    x, zero = node.inputs
    return like(x, node) if is_number(zero, 0.0) else None


@rewrite("simplify", "sub", math="(−0) − x → −x", examples=lambda x: -0.0 - x)
def _subtract_from_nothing(node: Node) -> Node | None:
    zero, x = node.inputs
    return like(applied("neg", x), node) if is_number(zero, -0.0) else None


@rewrite("simplify", "sub", math="a − (−b) → a + b", examples=lambda x, y: x - -y)
def _subtract_negated(node: Node) -> Node | None:
    a, b = node.inputs
    positive = _negated(b)
    return None if positive is None else applied("add", a, positive)


@rewrite("simplify", "mul", math="x·1 → x", examples=lambda x: x * 1.0)
def _times_one(node: Node) -> Node | None:
    for x, one in both_orders(node.inputs):
        if is_number(one, 1):
            return like(x, node)
    return None


@rewrite(
    "simplify",
    "mul",
    "div",
    math="x·(−1) → −x, x/(−1) → −x",
    examples=lambda x: [x * -1.0, x / -1.0],
)
def _times_minus_one(node: Node) -> Node | None:
    orders = both_orders(node.inputs) if is_instruction(node, "mul") else [node.inputs]
    for x, one in orders:
        if is_number(one, -1) and node.dtype is not uint8:
            return like(applied("neg", x), node)
    return None


@rewrite("simplify", "div", math="x/1 → x", examples=lambda x: x / 1.0)
def _over_one(node: Node) -> Node | None:
    x, one = node.inputs
    return like(x, node) if is_number(one, 1) else None


@rewrite("simplify", "div", math="x/2ᵏ → x·2⁻ᵏ", examples=lambda x: [x / 2.0, x / -0.125])
def _over_power_of_two(node: Node) -> Node | None:
    x, below = node.inputs
    value = uniform(below)
    if value is None or below.dtype is not node.dtype or not np.isfinite(value) or value == 0:
        return None
    with np.errstate(all="ignore"):
        inverse = np.asarray(1, value.dtype) / value
    if abs(math.frexp(float(value))[0]) != 0.5 or not np.isfinite(inverse):
        return None
    return like(applied("mul", x, constant(inverse)), node)


@rewrite(
    "simplify",
    "mul",
    "div",
    math="(−a)·b → −(a·b), a/(−b) → −(a/b)",
    examples=lambda x, y: [-x * y, x / -y, -x * -y, -x * 3.0],
)
def _sign_outside(node: Node) -> Node | None:
    """A sign meets others outside; a number takes it in instead."""
    a, b = node.inputs
    name = "mul" if is_instruction(node, "mul") else "div"
    minus_a, minus_b = _negated(a), _negated(b)
    if minus_a is not None and minus_b is not None:
        return applied(name, minus_a, minus_b)
    if minus_a is not None:
        return _signed(name, minus_a, b)
    return None if minus_b is None else _signed(name, a, minus_b)


def _signed(name: str, a: Node, b: Node) -> Node:
    """Return ``−(a·b)`` or ``−(a/b)``."""
    if uniform(b) is not None:
        return applied(name, a, _minus(b))
    if uniform(a) is not None:
        return applied(name, _minus(a), b)
    return applied("neg", applied(name, a, b))


def _minus(node: Node) -> Node:
    """Return a known number with the other sign."""
    value = uniform(node)
    assert value is not None
    return operators["broadcast_to"](constant(np.negative(np.asarray(value))), node.shape)


@rewrite("simplify", "neg", math="−(−x) → x", examples=lambda gd, x: gd.negative(-x))
def _negated_twice(node: Node) -> Node | None:
    return _negated(node.inputs[0])


@rewrite(
    "simplify",
    "neg",
    math="−(a·c) → a·(−c) for a number c",
    examples=lambda x: [-(x * 3.0), -(3.0 / x)],
)
def _sign_into_number(node: Node) -> Node | None:
    (x,) = node.inputs
    for name in ("mul", "div"):
        if is_instruction(x, name) and any(uniform(i) is not None for i in x.inputs):
            return _signed(name, *x.inputs)
    return None


@rewrite(
    "simplify",
    "abs",
    math="|−x| → |x|, ||x|| → |x|",
    examples=lambda gd, x: [gd.abs(-x), gd.abs(gd.abs(x))],
)
def _absolute_again(node: Node) -> Node | None:
    (x,) = node.inputs
    if is_instruction(x, "neg") and node.dtype is not uint8:
        return applied("abs", x.inputs[0])
    return x if is_instruction(x, "abs") else None


@rewrite(
    "simplify",
    "min",
    "max",
    math="min(x, x) → x, max(x, x) → x",
    examples=lambda gd, x: [gd.minimum(x, x), gd.maximum(x, x)],
)
def _extremum_of_one(node: Node) -> Node | None:
    x, y = node.inputs
    return x if x is y else None


@rewrite(
    "simplify",
    "min",
    "max",
    math="min(x, ∞) → x, max(x, −∞) → x",
    examples=lambda gd, x: [gd.minimum(x, math.inf), gd.maximum(x, -math.inf)],
)
def _extremum_with_infinity(node: Node) -> Node | None:
    limit = math.inf if is_instruction(node, "min") else -math.inf
    for x, bound in both_orders(node.inputs):
        if is_number(bound, limit):
            return like(x, node)
    return None


@rewrite(
    "simplify",
    "assembly",
    math="pad by nothing, concat of one → x",
    examples=lambda gd, x: gd.pad(x, 0),
)
def _assembled_of_one(node: Node) -> Node | None:
    assert isinstance(node.op, AssemblyOp)
    filled = [p for p in node.op.pieces(node) if 0 not in node.inputs[p.operand].shape]
    if len(filled) != 1:
        return None
    part = node.inputs[filled[0].operand]
    whole = part.shape == node.shape and all(s == 0 for s in filled[0].starts)
    return like(part, node) if whole else None


@rewrite(
    "simplify",
    "reduce",
    math="max of one element → x",
    examples=lambda gd, x: gd.max(gd.expand_dims(x, 1), 1),
)
def _extremum_of_size_one(node: Node) -> Node | None:
    """A sum isn't among them: it starts from 0, and so turns −0 into 0."""
    (x,) = node.inputs
    assert isinstance(node.op, ReduceOp)
    if node.op.combine not in ("min", "max") or any(x.shape[a] != 1 for a in node.attr("axes")):
        return None
    return operators["reshape"](x, node.shape)
