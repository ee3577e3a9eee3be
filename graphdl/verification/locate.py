"""The first wrong adjoint of a backward pass, seen from the loss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from graphdl.differentiation import grad
from graphdl.ir import interpreter
from graphdl.ir.complex_step import NotAnalyticError
from graphdl.ir.graph import Graph, intern
from graphdl.ir.node import Node, topological
from graphdl.passes.derivative import reverse
from graphdl.verification.comparison import Comparison
from graphdl.verification.evidence import Counterexample, WrongAdjoint
from graphdl.verification.instances import bound
from graphdl.verification.methods import Method
from graphdl.verification.proof import Step, path
from graphdl.verification.rules import established
from graphdl.verification.shrink import sharpened

SAME = 8.0
"""Decimal digits from which on two values are taken to be the same."""
_MOST_NODES = 300


def first_wrong(
    loss: Node,
    wrt: Sequence[Node],
    method: Method,
    example: Counterexample,
    seed: int,
    *,
    sure: bool,
) -> WrongAdjoint | None:
    """Measure the derivative of a loss by every node on the way, from the loss back.

    The adjoints up to the first wrong one are right, so one of the ops that use this node has a
    wrong rule.

    Parameters
    ----------
    loss : Node
        What is differentiated.
    wrt : sequence of Node
        By what.
    method : Method
        How derivatives are measured.
    example : Counterexample
        Where.
    seed : int
        Where chance starts.
    sure : bool
        Whether only a single element counts that is wrong close by, too: the point may lie on the
        kinks of some nodes.
    """
    nodes = path(loss, wrt)  # opened: what is inside of composites can be measured, too
    if not nodes:
        return None
    variables = list(dict.fromkeys([*reversed(nodes), *wrt]))
    if len(variables) > _MOST_NODES:
        return None
    comparison = Comparison(nodes[-1], variables, {}, example.dims)
    point = comparison.at(example.inputs, example.state)
    try:
        for place, found in comparison.wrong_at(point, method, np.random.default_rng(seed)):
            clear = sharpened(comparison, place, found, method, seed)
            if clear is not None or not sure:
                return _of_rule(nodes, variables[place], clear or found)
    except NotAnalyticError:
        pass
    return None


def _of_rule(nodes: Sequence[Node], node: Node, found: Counterexample) -> WrongAdjoint:
    """Name the rule by which the adjoint of a node is made, of those on the way."""
    kept = intern([*nodes, node])
    users = [n for n in nodes if any(kept[i] is kept[node] for i in n.inputs)]
    culprit = next((u for u in users if established(u).verdict == "refuted"), users[-1])
    operand = next(k for k, i in enumerate(culprit.inputs) if kept[i] is kept[node])
    return WrongAdjoint(
        node, rule_of(culprit, operand), culprit.op.name, found.index, found.measured, found.claimed
    )


def rule_of(node: Node, operand: int) -> str:
    """Return the rule by which a node passes its cotangent on to an input, as math."""
    alone = bound(node)
    (adjoint,) = reverse([alone], [_cotangent(alone)], [alone.inputs[operand]], warn=False)
    rule = adjoint.origins[0].rule
    return rule.template if rule is not None and rule.template else "0"


def _cotangent(node: Node) -> Node:
    from graphdl.ir.leaves import input

    return input("c", node.shape, node.dtype)


def first_altered(
    given: Sequence[Node],
    built: Sequence[Node],
    point: Mapping[str, Any],
    env: Mapping[str, int],
    index: tuple[int, ...] | None = None,
    digits: float = SAME,
) -> WrongAdjoint | None:
    """Compare a gradient with what the chain rule builds, from the results down.

    As long as the op is the same and an input differs in value, the input is to blame.

    Parameters
    ----------
    given, built : sequence of Node
        Gradients at hand, and as they should be.
    point : mapping of str to array_like
        Values of inputs and state.
    env : mapping of str to int
        Sizes of dims.
    index : tuple of int, optional
        The element that is told of a gradient that is itself to blame; by default the worst.
    digits : float
        Decimal digits from which on values are the same.
    """
    rtol = 10.0**-digits
    values = _values([*given, *built], point, env)
    pairs = zip(given, built, strict=True)
    place = next((p for p in pairs if _differ(values, *p, rtol)), None)
    found = first = place
    while place is not None:
        found, (node, model) = place, place
        inputs = zip(node.inputs, model.inputs, strict=len(node.inputs) == len(model.inputs))
        alike = node.op is model.op and node.attrs == model.attrs
        place = next((p for p in inputs if alike and _differ(values, *p, rtol)), None)
    if found is None:
        return None
    return _compared(*found, values, index if found is first else None)


Values = dict[Node, np.ndarray]


def _values(roots: Sequence[Node], point: Mapping[str, Any], env: Mapping[str, int]) -> Values:
    values: Values = {}
    for leaf in topological(roots):
        if leaf.name in point and not leaf.inputs:
            dtype = np.float64 if leaf.dtype.is_float else leaf.dtype.numpy
            values[leaf] = np.asarray(point[leaf.name]).astype(dtype)
    interpreter.run(roots, values, env, double=True)
    return values


def _differ(values: Values, node: Node, model: Node, rtol: float) -> bool:
    a, b = values[node], values[model]
    if node is model or a.shape != b.shape or not a.size:
        return False
    return not np.allclose(a, b, rtol=rtol, atol=1e-12, equal_nan=True)


def _compared(
    node: Node, model: Node, values: Values, index: tuple[int, ...] | None
) -> WrongAdjoint:
    got, expected = (np.asarray(values[n], dtype=float) for n in (node, model))
    same = (got == expected) | (np.isnan(got) & np.isnan(expected))
    with np.errstate(all="ignore"):
        apart = np.where(same, 0.0, np.nan_to_num(np.abs(got - expected), nan=np.inf))
    worst = tuple(int(i) for i in np.unravel_index(int(np.argmax(apart)), got.shape))
    at = worst if index is None or not apart[index] else index
    rule = next((o.rule for o in model.origins if o.rule is not None), None)
    op = rule.serves.op.name if rule else model.op.name
    template = rule.template if rule else ""
    numbers = float(expected[at]), float(got[at])
    return WrongAdjoint(node, template, op, at or None, *numbers, node, altered=True)


def refuted_rule(loss: Node, wrt: Sequence[Node], step: Step) -> WrongAdjoint | None:
    """Return the first adjoint, seen from the loss, that a refuted rule makes."""
    fault = step.outcome.fault
    for node in reversed(path(loss, wrt)):
        if fault is not None and node.op.name == step.op and established(node) == step.outcome:
            floats = [i for i in dict.fromkeys(node.inputs) if i.dtype.is_float]
            operand = next((k for k, i in enumerate(node.inputs) if i is floats[0]), 0)
            rule = rule_of(node, operand)
            return WrongAdjoint(floats[0], rule, step.op, None, fault.expected, fault.got)
    return None


def with_adjoint(wrong: WrongAdjoint, graph: Graph) -> WrongAdjoint:
    """Add the node of a backward graph that is the adjoint of the forward node, if there is one."""
    if wrong.drawn is not None:
        return replace(wrong, drawn=_same(wrong.drawn, graph))
    served, loss = _same(wrong.node, graph), graph.outputs.get("loss")
    if served is None or loss is None or served not in topological([loss]):
        return replace(wrong, drawn=served)
    return replace(wrong, drawn=_same(grad(loss, served)[0], graph))


def _same(node: Node, graph: Graph) -> Node | None:
    """Return the node of a graph that has the structure of this one."""
    kept = intern([*graph.roots, node])
    return next((n for n in graph.nodes if kept[n] is kept[node]), None)
