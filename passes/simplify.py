"""Algebraic simplification: only what floats allow, bit for bit.

What looks like algebra but isn't, and stays: ``x·0`` (NaN, inf), ``x − x`` (NaN, inf), ``x + 0``
(it turns −0 into 0), ``−(a − b)`` and ``(−a) − b`` (the sign of zero), regrouping of any kind.
"""

from __future__ import annotations

import math
from collections import Counter

import numpy as np

from graphdl.ir.dtypes import DType, bool_, float64, int32, int64, uint8
from graphdl.ir.graph import Graph
from graphdl.ir.kinds import PRIMITIVES, AssemblyOp, ElementwiseOp, ReduceOp
from graphdl.ir.leaves import constant
from graphdl.ir.node import Node, operators
from graphdl.ir.rewrites import (
    REWRITES,
    both_orders,
    is_instruction,
    is_number,
    operands_of,
    rewrite,
    uniform,
)
from graphdl.passes.rewriting import rewritten

RULES = REWRITES.setdefault("simplify", [])
"""All rules of this pass, those in op files included."""


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


def _apply(name: str, *operands: Node) -> Node:
    result: Node = PRIMITIVES[name](*operands)
    return result


def _like(x: Node, node: Node) -> Node | None:
    """Return ``x`` broadcast to the node's shape; None if the dtypes differ."""
    return operators["broadcast_to"](x, node.shape) if x.dtype is node.dtype else None


def _negated(node: Node) -> Node | None:
    """Return ``x`` of ``−x``."""
    return node.inputs[0] if is_instruction(node, "neg") else None


@rewrite("simplify", "elementwise", math="identity(x) → x")
def _identity(node: Node) -> Node | None:
    assert isinstance(node.op, ElementwiseOp)
    body = node.op.body(node.attrs)
    if not body.is_argument:
        return None
    assert isinstance(body.payload, int)
    return _like(node.inputs[body.payload], node)


@rewrite("simplify", "elementwise", math="f(x) → c where f ignores x")
def _ignores_inputs(node: Node) -> Node | None:
    assert isinstance(node.op, ElementwiseOp)
    body = node.op.body(node.attrs)
    return _like(constant(body.payload, node.dtype), node) if body.is_constant else None


@rewrite("simplify", "add", math="x + (−0) → x")
def _add_nothing(node: Node) -> Node | None:
    for x, zero in both_orders(node.inputs):
        if is_number(zero, -0.0):
            return _like(x, node)
    return None


@rewrite("simplify", "add", math="a + (−b) → a − b")
def _add_negated(node: Node) -> Node | None:
    for a, b in both_orders(node.inputs):
        positive = _negated(b)
        if positive is not None:
            return _apply("sub", a, positive)
    return None


@rewrite("simplify", "sub", math="x − 0 → x")
def _subtract_nothing(node: Node) -> Node | None:
    x, zero = node.inputs
    return _like(x, node) if is_number(zero, 0.0) else None


@rewrite("simplify", "sub", math="(−0) − x → −x")
def _subtract_from_nothing(node: Node) -> Node | None:
    zero, x = node.inputs
    return _like(_apply("neg", x), node) if is_number(zero, -0.0) else None


@rewrite("simplify", "sub", math="a − (−b) → a + b")
def _subtract_negated(node: Node) -> Node | None:
    a, b = node.inputs
    positive = _negated(b)
    return None if positive is None else _apply("add", a, positive)


@rewrite("simplify", "mul", math="x·1 → x")
def _times_one(node: Node) -> Node | None:
    for x, one in both_orders(node.inputs):
        if is_number(one, 1):
            return _like(x, node)
    return None


@rewrite("simplify", "mul", "div", math="x·(−1) → −x, x/(−1) → −x")
def _times_minus_one(node: Node) -> Node | None:
    orders = both_orders(node.inputs) if is_instruction(node, "mul") else [node.inputs]
    for x, one in orders:
        if is_number(one, -1) and node.dtype is not uint8:
            return _like(_apply("neg", x), node)
    return None


@rewrite("simplify", "div", math="x/1 → x")
def _over_one(node: Node) -> Node | None:
    x, one = node.inputs
    return _like(x, node) if is_number(one, 1) else None


@rewrite("simplify", "div", math="x/2ᵏ → x·2⁻ᵏ")
def _over_power_of_two(node: Node) -> Node | None:
    x, below = node.inputs
    value = uniform(below)
    if value is None or below.dtype is not node.dtype or not np.isfinite(value) or value == 0:
        return None
    with np.errstate(all="ignore"):
        inverse = np.asarray(1, value.dtype) / value
    if abs(math.frexp(float(value))[0]) != 0.5 or not np.isfinite(inverse):
        return None
    return _like(_apply("mul", x, constant(inverse)), node)


@rewrite("simplify", "mul", "div", math="(−a)·b → −(a·b), a/(−b) → −(a/b)")
def _sign_outside(node: Node) -> Node | None:
    """A sign meets others outside; a number takes it in instead."""
    a, b = node.inputs
    name = "mul" if is_instruction(node, "mul") else "div"
    minus_a, minus_b = _negated(a), _negated(b)
    if minus_a is not None and minus_b is not None:
        return _apply(name, minus_a, minus_b)
    if minus_a is not None:
        return _signed(name, minus_a, b)
    return None if minus_b is None else _signed(name, a, minus_b)


def _signed(name: str, a: Node, b: Node) -> Node:
    """Return ``−(a·b)`` or ``−(a/b)``."""
    if uniform(b) is not None:
        return _apply(name, a, _minus(b))
    if uniform(a) is not None:
        return _apply(name, _minus(a), b)
    return _apply("neg", _apply(name, a, b))


def _minus(node: Node) -> Node:
    """Return a known number with the other sign."""
    value = uniform(node)
    assert value is not None
    return operators["broadcast_to"](constant(np.negative(np.asarray(value))), node.shape)


@rewrite("simplify", "neg", math="−(−x) → x")
def _negated_twice(node: Node) -> Node | None:
    return _negated(node.inputs[0])


@rewrite("simplify", "neg", math="−(a·c) → a·(−c) for a number c")
def _sign_into_number(node: Node) -> Node | None:
    (x,) = node.inputs
    for name in ("mul", "div"):
        if is_instruction(x, name) and any(uniform(i) is not None for i in x.inputs):
            return _signed(name, *x.inputs)
    return None


@rewrite("simplify", "abs", math="|−x| → |x|, ||x|| → |x|")
def _absolute_again(node: Node) -> Node | None:
    (x,) = node.inputs
    if is_instruction(x, "neg") and node.dtype is not uint8:
        return _apply("abs", x.inputs[0])
    return x if is_instruction(x, "abs") else None


@rewrite("simplify", "min", "max", math="min(x, x) → x, max(x, x) → x")
def _extremum_of_one(node: Node) -> Node | None:
    x, y = node.inputs
    return x if x is y else None


@rewrite("simplify", "min", "max", math="min(x, ∞) → x, max(x, −∞) → x")
def _extremum_with_infinity(node: Node) -> Node | None:
    limit = math.inf if is_instruction(node, "min") else -math.inf
    for x, bound in both_orders(node.inputs):
        if is_number(bound, limit):
            return _like(x, node)
    return None


@rewrite("simplify", "and", "or", math="x ∧ x → x, x ∨ x → x")
def _logic_of_one(node: Node) -> Node | None:
    x, y = node.inputs
    return x if x is y else None


@rewrite("simplify", "and", "or", "xor", math="x ∧ true → x, x ∨ false → x, x ∧ false → false …")
def _logic_with_constant(node: Node) -> Node | None:
    for x, known in both_orders(node.inputs):
        value = uniform(known)
        if value is not None and is_instruction(node, "xor"):
            return _like(_apply("not", x) if value else x, node)
        if value is not None:
            neutral = is_instruction(node, "and")
            return _like(x if bool(value) == neutral else known, node)
    return None


@rewrite("simplify", "not", math="¬¬x → x, ¬(a = b) → a ≠ b, ¬(a ≠ b) → a = b")
def _denied(node: Node) -> Node | None:
    (x,) = node.inputs
    if is_instruction(x, "not"):
        return x.inputs[0]
    for name, opposite in (("eq", "ne"), ("ne", "eq")):
        if is_instruction(x, name):
            return _apply(opposite, *x.inputs)
    return None


@rewrite("simplify", "select", math="select(true, a, b) → a, select(false, a, b) → b")
def _known_choice(node: Node) -> Node | None:
    condition, a, b = node.inputs
    value = uniform(condition)
    return None if value is None else _like(a if value else b, node)


@rewrite("simplify", "select", math="select(c, a, a) → a")
def _equal_choice(node: Node) -> Node | None:
    _, a, b = node.inputs
    return _like(a, node) if a is b else None


@rewrite("simplify", "select", math="select(¬c, a, b) → select(c, b, a)")
def _denied_choice(node: Node) -> Node | None:
    condition, a, b = node.inputs
    if not is_instruction(condition, "not"):
        return None
    return _apply("select", condition.inputs[0], b, a)


@rewrite("simplify", "select", math="select(c, select(c, a, b), d) → select(c, a, d)")
def _chosen_already(node: Node) -> Node | None:
    condition, a, b = node.inputs
    for place, branch in ((1, a), (2, b)):
        inner = operands_of(branch, "select")
        if inner and inner[0] is condition and inner[place].shape == branch.shape:
            branches = [inner[1], b] if place == 1 else [a, inner[2]]
            return _apply("select", condition, *branches)
    return None


@rewrite("simplify", "cast", math="cast(x) → x where the dtype stays")
def _cast_to_same(node: Node) -> Node | None:
    return _like(node.inputs[0], node)


@rewrite("simplify", "cast", math="cast(cast(x)) → cast(x) where the first loses nothing")
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


@rewrite("simplify", "assembly", math="pad by nothing, concat of one → x")
def _assembled_of_one(node: Node) -> Node | None:
    assert isinstance(node.op, AssemblyOp)
    filled = [p for p in node.op.pieces(node) if 0 not in node.inputs[p.operand].shape]
    if len(filled) != 1:
        return None
    part = node.inputs[filled[0].operand]
    whole = part.shape == node.shape and all(s == 0 for s in filled[0].starts)
    return _like(part, node) if whole else None


@rewrite("simplify", "reduce", math="max of one element → x")
def _extremum_of_size_one(node: Node) -> Node | None:
    """A sum isn't among them: it starts from 0, and so turns −0 into 0."""
    (x,) = node.inputs
    assert isinstance(node.op, ReduceOp)
    if node.op.combine not in ("min", "max") or any(x.shape[a] != 1 for a in node.attr("axes")):
        return None
    return operators["reshape"](x, node.shape)
