"""gd.verify.shrink: the smallest part of a graph that still fails."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial

from graphdl.ir.dims import evaluate, symbol
from graphdl.ir.errors import ArgumentError
from graphdl.ir.graph import Graph
from graphdl.ir.kinds import LeafOp
from graphdl.ir.node import Node, topological
from graphdl.verification.random_graphs.rebuilding import (
    fresh,
    names,
    on_inputs,
    only,
    replaced,
    resized,
)

_WINDOWS = (1, 2, 3)
"""Depths of the parts that are tried on their own."""
_DIM = 3
"""What a dim becomes first: small, and unlike other sizes."""
_REFUSALS = (ValueError, TypeError, LookupError)


def shrink(graph: Graph, fails: Callable[[Graph], bool], *, tries: int = 3000) -> Graph:
    """Return a smaller graph that still fails, none of whose simplifications does.

    Delta debugging on the graph itself: parts of a few nodes on inputs of their own; single
    outputs and updates; inner nodes as outputs; nodes replaced by inputs, or by one of their
    operands; equal leaves; smaller sizes. What fails becomes the graph to shrink, until nothing
    smaller does.

    Parameters
    ----------
    graph : Graph
        It fails.
    fails : callable
        Whether a graph shows the failure. It gets graphs with other inputs and outputs; one on
        which it raises is taken for one that does not fail.
    tries : int
        Most graphs to try; then the smallest so far is returned.

    Returns
    -------
    Graph
        Often of a few nodes; print it and it can be read back by ``gd.ir.text.parse``.

    Raises
    ------
    ArgumentError
        If the graph does not fail to begin with.

    Examples
    --------
    >>> import graphdl as gd
    >>> case = gd.verify.random_graph(1, nodes=30, ops=["exp", "add", "tanh", "sum"])
    >>> has_tanh = lambda g: any(n.op.name == "tanh" for n in g.nodes)
    >>> small = gd.verify.shrink(case.graph, has_tanh)
    >>> len(case.graph.nodes) > 20, len(small.nodes)
    (True, 2)
    """
    if not fails(graph):
        raise ArgumentError("the graph does not fail", remedy="pass one on which fails() is true")
    return _Search(fails, tries).smallest(graph)


class _Search:
    def __init__(self, fails: Callable[[Graph], bool], tries: int) -> None:
        self.fails, self.left = fails, tries
        self.tried: set[str] = set()

    def smallest(self, graph: Graph) -> Graph:
        """Take the first smaller graph that fails, again and again."""
        while True:
            found = next((c for c in _simpler(graph) if self._is_better(c, graph)), None)
            if found is None:
                return graph
            graph = found

    def _is_better(self, candidate: Graph, graph: Graph) -> bool:
        if self.left <= 0 or _size(candidate) >= _size(graph):
            return False
        text = str(candidate)
        if text in self.tried:
            return False
        self.tried.add(text)
        self.left -= 1
        try:
            return self.fails(candidate)
        except Exception:
            return False


def _size(graph: Graph) -> tuple[int, int, int]:
    """Return nodes, roots, elements: what shrinks."""
    env = dict.fromkeys(graph.dims, 100)
    elements = sum(math.prod(evaluate(s, env) for s in n.shape) for n in graph.nodes)
    return len(graph.nodes), len(graph.roots), elements


def _simpler(graph: Graph) -> Iterator[Graph]:
    """Yield simpler graphs, those first that leave least."""
    for way in (_windows, _single_roots, _inner_roots, _cuts, _operands, _merged_leaves, _sizes):
        for attempt in way(graph):
            try:
                yield attempt()
            except _REFUSALS:
                continue


_Attempt = Callable[[], Graph]


def _is_leaf(node: Node) -> bool:
    return isinstance(node.op, LeafOp)


def _windows(graph: Graph) -> Iterator[_Attempt]:
    """Each node with a few below it, on inputs of their own."""
    for depth in _WINDOWS:
        for node in graph.nodes:
            if not _is_leaf(node):
                yield partial(_window, graph, node, depth)


def _window(graph: Graph, root: Node, depth: int) -> Graph:
    taken, level = names(graph), {root: 0}
    for node in reversed(topological([root])):
        for source in node.inputs if level.get(node, depth) < depth else ():
            level[source] = min(level.get(source, depth), level[node] + 1)
    values: dict[Node, Node] = {}
    for node in topological([root]):
        if node not in level:
            continue
        if _is_leaf(node):
            values[node] = node
        elif level[node] == depth:
            values[node] = fresh(node, taken)
        else:
            values[node] = on_inputs(node, [values[i] for i in node.inputs])
    return only(graph, {"out": values[root]}, {})


def _single_roots(graph: Graph) -> Iterator[_Attempt]:
    """Each root alone, then all but one."""
    outputs, updates = graph.outputs, graph.updates
    for name, node in outputs.items():
        yield partial(only, graph, {name: node}, {})
    for state, value in updates.items():
        yield partial(only, graph, {}, {state: value})
    for name in outputs:
        yield partial(only, graph, {k: v for k, v in outputs.items() if k != name}, updates)
    for state in updates:
        yield partial(only, graph, outputs, {s: v for s, v in updates.items() if s is not state})


def _inner_roots(graph: Graph) -> Iterator[_Attempt]:
    """Each node as the only output, those with least below them first."""
    below = {n: len(topological([n])) for n in graph.nodes}
    for node in sorted(below, key=below.__getitem__):
        if not _is_leaf(node):
            yield partial(only, graph, {"out": node}, {})


def _cuts(graph: Graph) -> Iterator[_Attempt]:
    """An input in place of a node, of those with most below them first."""
    below = {n: len(topological([n])) for n in graph.nodes}
    for node in sorted(below, key=below.__getitem__, reverse=True):
        if not _is_leaf(node) or not node.name:
            yield partial(replaced, graph, {node: fresh(node, names(graph))})


def _operands(graph: Graph) -> Iterator[_Attempt]:
    """An operand in place of a node."""
    for node in reversed(graph.nodes):
        for source in dict.fromkeys(node.inputs):
            if source.shape == node.shape and source.dtype is node.dtype:
                yield partial(replaced, graph, {node: source})


def _merged_leaves(graph: Graph) -> Iterator[_Attempt]:
    """One leaf in place of another."""
    found = [n for n in graph.nodes if _is_leaf(n) and n not in graph.updates]
    for place, node in enumerate(found):
        for other in found[:place]:
            if other.shape == node.shape and other.dtype is node.dtype:
                yield partial(replaced, graph, {node: other})


def _sizes(graph: Graph) -> Iterator[_Attempt]:
    """Dims become numbers, numbers become smaller."""
    for name in graph.dims:
        yield partial(resized, graph, symbol(name), _DIM)
    present = {s for n in graph.nodes for s in n.shape if isinstance(s, int)}
    for size in sorted(present, reverse=True):
        for new in dict.fromkeys((1, 2, size // 2, size - 1)):
            if 0 < new < size:
                yield partial(resized, graph, size, new)
