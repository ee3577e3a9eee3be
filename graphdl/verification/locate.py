"""The first wrong adjoint of a backward pass, seen from the loss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from graphdl.ir import interpreter
from graphdl.ir.complex_step import NotAnalyticError
from graphdl.ir.graph import Graph, intern
from graphdl.ir.node import Node
from graphdl.passes.derivative import reverse
from graphdl.verification.comparison import Comparison, Method
from graphdl.verification.instances import bound
from graphdl.verification.proof import path
from graphdl.verification.result import WrongAdjoint
from graphdl.verification.rules import established

_MOST_NODES = 300


def first_wrong(
    loss: Node,
    wrt: Sequence[Node],
    method: Method,
    inputs: Mapping[str, Any],
    dims: Mapping[str, int],
    seed: int,
) -> WrongAdjoint | None:
    """Measure the derivative of a loss by every node on the way, from the loss back.

    The adjoints up to the first wrong one are right, so one of the ops that use this node has a
    wrong rule.
    """
    nodes = path(loss, wrt)  # opened: what is inside of composites can be measured, too
    if not nodes:
        return None
    variables = list(dict.fromkeys([*reversed(nodes), *wrt]))
    if len(variables) > _MOST_NODES:
        return None
    comparison = Comparison(nodes[-1], variables, dict(inputs), dict(dims))
    try:
        comparison.run(method, 1, np.random.default_rng(seed))
    except NotAnalyticError:
        return None
    if not comparison.wrong:
        return None
    place = min(comparison.wrong)
    node, found = variables[place], comparison.wrong[place]
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
    given: Sequence[Node], built: Sequence[Node], point: Mapping[str, Any], env: Mapping[str, int]
) -> WrongAdjoint | None:
    """Compare a gradient with what the chain rule builds, from the results down.

    Parameters
    ----------
    given, built : sequence of Node
        Gradients at hand, and as they should be.
    point : mapping of str to array_like
        Values of inputs and state.
    env : mapping of str to int
        Sizes of dims.
    """
    interned = intern([*given, *built])
    pairs = [(interned[a], interned[b]) for a, b in zip(given, built, strict=True)]
    place = next(((a, b) for a, b in pairs if a is not b), None)
    while place is not None:
        node, model = place
        deeper = None
        if node.op is model.op and len(node.inputs) == len(model.inputs):
            differing = [p for p in zip(node.inputs, model.inputs, strict=True) if p[0] is not p[1]]
            same = [p for p in differing if p[0].shape == p[1].shape and p[0].dtype is p[1].dtype]
            deeper = same[0] if len(differing) == 1 and same else None
        if deeper is None:
            return _compared(node, model, point, env)
        place = deeper
    return None


def _compared(
    node: Node, model: Node, point: Mapping[str, Any], env: Mapping[str, int]
) -> WrongAdjoint:
    graph = Graph({"got": node, "expected": model})
    inputs = {n.name: point[n.name] for n in graph.inputs}
    state = {n.name: point[n.name] for n in graph.state if n.name in point}
    found = interpreter.interpret(graph, inputs, state, double=True, dims=env)
    got, expected = np.asarray(found["got"]), np.asarray(found["expected"])
    index, pair = None, (float("nan"), float("nan"))
    if got.shape == expected.shape and got.size:
        at = np.unravel_index(int(np.argmax(np.abs(got - expected))), got.shape)
        index, pair = tuple(int(i) for i in at), (float(expected[at]), float(got[at]))
    rule = model.origins[0].rule if model.origins else None
    op = rule.serves.op.name if rule else model.op.name
    return WrongAdjoint(node, rule.template if rule else "", op, index, *pair)
