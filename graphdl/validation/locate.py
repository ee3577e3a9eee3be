"""Which firing of which rule changed the meaning, and at which node."""

from __future__ import annotations

from collections.abc import Callable
from string import ascii_lowercase

import numpy as np

from graphdl.ir.graph import Graph, intern
from graphdl.ir.leaves import input
from graphdl.ir.node import Node, make, substitute, topological
from graphdl.passes.rewriting import Firing, Watched
from graphdl.validation.points import Point, Values, evaluated

Again = Callable[[Watched], Graph]
"""Runs a pass once more, with a limit on how many rules may fire."""

_NO_LIMIT = 1 << 62


def first_wrong_firing(
    again: Again, is_wrong: Callable[[Graph], bool]
) -> tuple[Firing | None, int, int, Graph]:
    """Bisect by the number of rules that may fire.

    Returns
    -------
    Firing or None
        The first one after which the graph is wrong; None if it is wrong without any.
    int
        How many had fired then.
    int
        How many fire in all.
    Graph
        The graph after it.
    """
    watched = Watched(_NO_LIMIT)
    found = again(watched)
    total = watched.total()
    none = again(Watched(0))
    if total == 0 or is_wrong(none):
        return None, 0, total, none if total else found
    right, wrong = 0, total
    while wrong - right > 1:
        middle = (right + wrong) // 2
        if is_wrong(again(Watched(middle))):
            wrong = middle
        else:
            right = middle
    watched = Watched(wrong)
    found = again(watched)
    return watched.last, wrong, total, found


def malformed(graph: Graph) -> tuple[Node, str] | None:
    """Return the first node that its op would not have made of its inputs, and why."""
    for node in graph.nodes:
        if not node.inputs:
            continue
        try:
            made = make(node.op, node.inputs, **dict(node.attrs))
        except (ValueError, TypeError, LookupError) as error:
            return node, f"{node.op.name} does not take these inputs: {error}"
        if made.shape != node.shape or made.dtype is not node.dtype:
            return node, f"{node!r} should be {made!r}"
    return None


def first_changed(before: Graph, after: Graph, point: Point, name: str) -> tuple[Node, Node]:
    """Walk down both graphs from a result that differs, as long as they have the same structure.

    Returns
    -------
    tuple of Node
        The node, and what is in its place now.
    """
    values = [evaluated(g, point, double=point.double) for g in (before, after)]
    pair = _result(before, name, before), _result(after, name, before)
    while True:
        one, other = pair
        deeper = next((p for p in _inputs(one, other) if not _alike(p, values)), None)
        if deeper is None or not (deeper[0].inputs or deeper[1].inputs):
            return pair  # leaves stay: this node reads other ones
        pair = deeper


def _result(graph: Graph, name: str, whole: Graph) -> Node:
    """Return a result by its name; state that is not updated stays."""
    if name in graph.outputs:
        return graph.outputs[name]
    states = [*graph.state, *whole.state]
    state = next(s for s in states if f"new {s.name}" == name)
    return graph.updates.get(state, state)


def _inputs(one: Node, other: Node) -> list[tuple[Node, Node]]:
    if one.op is not other.op or len(one.inputs) != len(other.inputs):
        return []
    return list(zip(one.inputs, other.inputs, strict=True))


def _alike(pair: tuple[Node, Node], values: list[Values]) -> bool:
    a, b = (v[n] for v, n in zip(values, pair, strict=True))
    if a.shape != b.shape or not np.allclose(a, b, rtol=1e-6, atol=1e-9, equal_nan=True):
        return False
    return a.dtype.kind != "f" or not np.any((a == 0) & (np.signbit(a) != np.signbit(b)))


def cut(before: Node, after: Node) -> tuple[Graph, Graph, dict[str, Node]]:
    """Return two nodes as graphs of what only one of them rests on.

    Returns
    -------
    Graph, Graph
        With one output ``out``.
    dict of str to Node
        The inputs of these graphs, and which node each stands for.
    """
    mapping = intern([before, after])
    roots = [mapping[before], mapping[after]]
    below = [set(topological([r])) for r in roots]
    shared = below[0] & below[1]
    frontier: dict[Node, None] = {}
    for root in roots:
        stack, seen = [root], set[Node]()
        while stack:
            node = stack.pop()
            if node in seen or not (node.inputs or node.name):
                continue  # constants stay what they are
            seen.add(node)
            if node in shared or node.name:
                frontier[node] = None
            else:
                stack.extend(reversed(node.inputs))
    taken = {n.name for n in frontier if n.name}
    letters = (c for c in _names() if c not in taken)
    names = {n: n.name or next(letters) for n in frontier}
    leaves = {n: input(names[n], n.shape, n.dtype) for n in frontier}
    parts = substitute(roots, dict(leaves))
    listed = list(leaves.values())
    one, other = (
        Graph(part, inputs=listed, name=name)
        for part, name in zip(parts, ("before", "after"), strict=True)
    )
    return one, other, {name: node for node, name in names.items()}


def _names() -> list[str]:
    return [*ascii_lowercase, *(f"v{k}" for k in range(1000))]
