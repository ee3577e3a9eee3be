"""Elementwise functions, all of them: operands from where their scalar rules are defined.

What a function is, is seen by calling it; so a new one is drawn without a line here. Only those
with attributes worth drawing, or that need some, stand in a table.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from graphdl.ir.dtypes import bool_, int32, uint8
from graphdl.ir.errors import GraphdlError
from graphdl.ir.kinds import ElementwiseOp
from graphdl.ir.leaves import input
from graphdl.ir.node import Attrs, Node
from graphdl.ops import FUNCTIONS
from graphdl.verification.random_graphs.behaviour import (
    CONDITION,
    POSITIVE,
    UNIT,
    Domain,
    Span,
    domains,
    image,
)
from graphdl.verification.random_graphs.builder import Builder
from graphdl.verification.random_graphs.family import Family
from graphdl.verification.random_graphs.known import Known, at_least, is_number

ATTRIBUTES: Mapping[str, tuple[Mapping[str, Any], ...]] = {
    "allclose": ({"rtol": 0.0, "atol": 0.3},),
    "gelu": ({}, {"approximate": "tanh"}),
    "integer_power": tuple({"n": n} for n in (-2, -1, 0, 1, 2, 3)),
    "isclose": ({"rtol": 0.0, "atol": 0.3},),
    "leaky_relu": ({"slope": 0.25}, {}),
    "polygamma": tuple({"n": n} for n in (0, 1, 2)),
    "round": ({}, {"decimals": 1}),
}
"""Attributes to draw; functions without a row take their defaults."""

_MOST_OPERANDS = 3
_LARGEST_WHOLE = 2.0**20
"""Of integers whose combinations are followed; beyond they may wrap."""


@dataclass(frozen=True, eq=False)
class Rule:
    """An elementwise function: what it computes of an element, under some attributes.

    Attributes
    ----------
    op : ElementwiseOp
        Below the function.
    attrs : Attrs
        Of the op.
    operands : tuple of str
        Parameters of the function that take arrays, as the op takes them.
    given : mapping of str
        The function's other parameters.
    """

    op: ElementwiseOp
    attrs: Attrs
    operands: tuple[str, ...]
    given: Mapping[str, Any]


@cache
def rules(name: str) -> tuple[Rule, ...]:
    """Return what a function computes of an element; nothing if it is not elementwise."""
    return tuple(r for a in ATTRIBUTES.get(name, ({},)) if (r := _rule(name, a)) is not None)


def _rule(name: str, given: Mapping[str, Any]) -> Rule | None:
    function = FUNCTIONS[name]
    parameters = inspect.signature(function).parameters.values()
    free = [p.name for p in parameters if p.default is p.empty and p.name not in given]
    if not 0 < len(free) <= _MOST_OPERANDS:
        return None
    for kind in ("float32", "int32", "bool"):
        operands = {k: input(k, ("N",), kind) for k in free}
        try:
            node = function(**operands, **given)
        except (GraphdlError, TypeError, ValueError):
            continue
        if not isinstance(node, Node) or not isinstance(node.op, ElementwiseOp):
            return None
        order = [_source(i).name for i in node.inputs]
        if sorted(order) == sorted(free) and node.shape == next(iter(operands.values())).shape:
            return Rule(node.op, node.attrs, tuple(order), given)
    return None


def _source(node: Node) -> Node:
    """Return what may have been converted for an operand."""
    while len(node.inputs) == 1:
        node = node.inputs[0]
    return node


def draw(b: Builder, name: str) -> Known:
    """Apply an elementwise function."""
    rule = b.pick(rules(name))
    domain = b.pick(domains(rule.op, rule.attrs))
    operands = _operands(b, rule.op.accepts, domain)
    given = {k: x.node for k, x in zip(rule.operands, operands, strict=True)}
    node = b.call(name, **given, **rule.given)
    whole = rule.op.accepts != "float" and not any(x.node.dtype.is_float for x in operands)
    if whole and any(x.bound > _LARGEST_WHOLE for x in operands):
        return b.add(node, math.inf, 0)
    found = image(rule.op, rule.attrs, tuple(_span(x, whole) for x in operands))
    return b.add(node, found.high, found.grain, found.low)


def _span(x: Known, whole: bool) -> Span:
    if x.node.dtype is bool_:
        return CONDITION
    return Span(x.low, x.high, x.grain, "i" if whole else "f")


def _operands(b: Builder, accepts: str, domain: Domain) -> list[Known]:
    count, exact = len(domain.spans), not domain.smooth
    if accepts == "bool":
        first = b.any(lambda k: not is_number(k)) or b.leaf(b.shape(), bool_)
        return [first, *(b.beside(first, boolean=True) for _ in range(count - 1))]
    if accepts == "integer":
        first = b.any(lambda k: k.node.dtype.is_integer) or b.leaf(b.shape(), int32)
        return [first, *(b.leaf(first.node.shape, int32) for _ in range(count - 1))]
    chosen = [s for s in domain.spans if s != CONDITION]
    found = [_brought(b, b.number(exact), chosen[0], exact)]
    for span in chosen[1:]:
        joined = Known(_joint(found), 0.0, 0.0, None)
        found.append(_brought(b, b.beside(joined, exact=exact), span, exact))
    if accepts == "select":
        found.insert(0, b.beside(Known(_joint(found), 0.0, 0.0, None), boolean=True))
    return found


def _joint(operands: list[Known]) -> Node:
    """Return a node of the shape to which operands broadcast."""
    node = operands[0].node
    for other in operands[1:]:
        node = node + other.node
    return node


def _brought(b: Builder, x: Known, span: Span, exact: bool) -> Known:
    """Return elements that lie in a span; the number itself if it does."""
    if span.low <= x.low and x.high <= span.high:
        return x
    if span.low >= POSITIVE.low:
        x = b.positive(x)
        return x if span.low <= x.low else b.add(x.node + 1.0, x.high + 1.0, x.grain, x.low + 1.0)
    if span == UNIT and not exact and b.chance(50):
        return b.add(b.call("tanh", x.node) * 0.5, 0.5)
    return b.scaled(x, span.high)


def _clip(b: Builder, name: str) -> Known:
    """Bounds are numbers: a scalar rule with operands of its own."""
    x = b.number(exact=True)
    low, high = b.pick(((-1, 1), (None, 0.5), (0, None), (-0.5, 2.0)))
    low = 0 if x.node.dtype is uint8 and low is not None else low
    return b.add(b.call(name, x.node, low, high), max(x.bound, 2.0), at_least(x.grain, 1))


FAMILIES = (Family(_clip, ("clip",)),)
"""Of the elementwise functions that are not drawn by their rule."""
