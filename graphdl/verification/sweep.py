"""Two ways to compute the same, proved equal piece by piece.

Both are walked together, inputs first. A node whose op and (merged) inputs are those of an earlier
one is that one. Nodes that have equal values at random points are candidates: what both depend on
is cut off, or what lies a few steps below that, and becomes symbols; if SymPy finds the two equal
for all values of these, they are merged. So are nodes that are found to be 0, such as the adjoint
of the maximum that a softmax subtracts, and masks that never change. Thus an optimised gradient is
proved equal to the one that the chain rule builds, and no expression ever grows beyond a few steps.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

import numpy as np

from graphdl.ir import interpreter
from graphdl.ir.graph import Graph
from graphdl.ir.kinds import Affine, ViewOp
from graphdl.ir.leaves import argument
from graphdl.ir.node import Node, rebuild, structural_key, topological
from graphdl.ir.sampling import index_limits, random_inputs, random_state, small_dims
from graphdl.ops.full import full
from graphdl.passes.expand import expand
from graphdl.verification.cones import between, cut_around_sums, cut_below
from graphdl.verification.evaluator import UnsupportedError, Values
from graphdl.verification.limits import time_limit
from graphdl.verification.pairs import FAILURES
from graphdl.verification.pieces import equal_arrays, equal_elements
from graphdl.verification.precise import operations
from graphdl.verification.sizes import small

MOST_NODES = 50_000
_CUTS = ((0, False), (1, True), (2, True), (1, False), (2, False))
"""Steps below what a pair has in common at which it is cut, and whether only elementwise ones are
taken; tried in turn."""
_AROUND = (
    {"masks": False, "functions": False},
    {"masks": True, "functions": False},
    {"masks": True, "functions": True},
)
"""What is looked into to see that a node is 0, in turn."""
_MOST_STEPS = 30
"""In which a pair may differ."""
_MOST_CANDIDATES = 2
_MOST_FAILURES = 30
"""Pairs that look equal and are not found to be; then only equal structure counts."""
_MOST_OPERATIONS = 200
_NOTHING = 1e-12
"""Rounding of a zero."""
_SECONDS = 60.0
"""For a whole sweep; what the counts let through takes a fraction."""


def proved_equal(
    first: Sequence[Node], second: Sequence[Node], beside: Sequence[Node] = ()
) -> bool:
    """Whether two lists of nodes are proved to have equal values, pair by pair.

    Parameters
    ----------
    first, second : sequence of Node
        The pairs.
    beside : sequence of Node
        What else is computed of the same inputs: integers that are indices there lie in the axis.

    Examples
    --------
    >>> import graphdl as gd
    >>> x, w = gd.input("x", ("N", 3)), gd.param("w", (3, 5))
    >>> h = gd.tanh(x @ w)
    >>> proved_equal([gd.sum(h * 2.0 * h)], [gd.sum((h + h) * h)])
    True
    >>> proved_equal([gd.sum(h * 2.0)], [gd.sum(h * 3.0)])
    False
    """
    named = {f"a{k}": n for k, n in enumerate(first)} | {f"b{k}": n for k, n in enumerate(second)}
    graph = expand(Graph(named | {f"c{k}": n for k, n in enumerate(beside)}))
    if len(graph.nodes) > MOST_NODES:
        return False
    pairs = [(graph.outputs[f"a{k}"], graph.outputs[f"b{k}"]) for k in range(len(first))]
    try:
        with time_limit(_SECONDS):
            sweep = _Sweep(graph)
            if all(a is b or sweep.is_equal(a, b) for a, b in pairs):
                return True
            merged = sweep.run()
    except (*FAILURES, LookupError):
        return False
    return all(merged[a] is merged[b] for a, b in pairs)


class _Sweep:
    """One walk over a graph."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.env = small_dims(graph)
        self.points = [self._point(seed) for seed in range(2)]
        self.limits = index_limits(graph)
        self.failures = self.unfounded = 0
        self.constants: dict[object, Node] = {}

    def _point(self, seed: int) -> Values:
        """Evaluate all nodes at a random point."""
        rng = np.random.default_rng(seed)
        drawn = {
            **random_inputs(self.graph, rng, self.env, double=True),
            **random_state(self.graph, rng),
        }
        values: Values = {n: np.asarray(drawn[n.name]) for n in self.graph.inputs}
        values |= {n: np.asarray(drawn[n.name]) for n in self.graph.state}
        interpreter.run(list(self.graph.outputs.values()), values, self.env, double=True)
        return values

    def run(self) -> dict[Node, Node]:
        """Return what each node has been merged into."""
        merged: dict[Node, Node] = {}
        by_key: dict[object, Node] = {}
        known: dict[Node, int] = {}
        alike: dict[object, list[Node]] = {}
        for node in self.graph.nodes:
            made = rebuild(node, [merged[i] for i in node.inputs])
            key = structural_key(made, [known[i] for i in _aligned(made)])
            kept = by_key.get(key)
            if kept is None:
                for point in self.points:
                    point[made] = point[node]
                same = self.constant(made)
                kept = self._like(made, alike) if same is None else same
                for part in [kept] if same is None else topological([same]):
                    known.setdefault(part, len(known))
                by_key[key] = kept
            merged[node] = kept
        return merged

    def _like(self, node: Node, alike: dict[object, list[Node]]) -> Node:
        """Return an earlier node that is proved equal; without one the node itself."""
        others = alike.setdefault(self._signature(node), [])
        for other in others[:_MOST_CANDIDATES]:
            if self.is_equal(node, other):
                return other
        others.append(node)
        return node

    def _signature(self, node: Node) -> object:
        """Return what nodes of equal value share."""
        seen = [np.asarray(p[node], dtype=np.float64) for p in self.points]
        with np.errstate(all="ignore"):
            texts = [f"{np.sum(np.abs(v)):.7e} {np.sum(v * _weights(v)):.7e}" for v in seen]
        return (node.shape, node.dtype, *(t.replace("-0.0000000e", "0.0000000e") for t in texts))

    def is_equal(self, node: Node, other: Node) -> bool:
        """Whether two nodes have equal values, numerically and then on symbols."""
        if not node.dtype.is_float or not (node.inputs or other.inputs):
            return False
        if self.failures >= _MOST_FAILURES:
            return False
        for a, b in ((p[node], p[other]) for p in self.points):
            if not np.allclose(a, b, rtol=1e-9, atol=1e-12, equal_nan=True):
                return False
        common = set(topological([node])) & set(topological([other]))
        tried: list[list[Node]] = []
        for depth, within in _CUTS:
            cut = cut_below([node, other], common, depth, within=within)
            if cut in tried:
                continue
            tried.append(cut)
            if self._proved(node, other, cut):
                return True
        self.failures += 1
        return False

    def _proved(self, node: Node, other: Node, cut: Sequence[Node]) -> bool:
        """Whether two nodes are equal for all values of what was cut off.

        Looked at element by element; where that says nothing at small sizes.
        """
        inside = between(cut, [other, node])
        if len(inside) > _MOST_STEPS:
            return False
        try:
            return equal_elements(node, other, cut, self.limits)
        except UnsupportedError:
            small = sum(operations([n], self.env) for n in map(_alone, inside)) <= _MOST_OPERATIONS
            return small and self._at_sizes(node, other, cut)
        except FAILURES:
            return False

    def _at_sizes(self, node: Node, other: Node, cut: Sequence[Node]) -> bool:
        with contextlib.suppress(*FAILURES):
            return all(
                equal_arrays(node, other, cut, env, self.limits) for env in small(self.graph.dims)
            )
        return False

    def constant(self, node: Node) -> Node | None:
        """Return zeros if a node is proved to be that, as the adjoint of a shift; or a fixed mask.

        Guards against infinite values are such masks: over the real numbers there are none.
        """
        value = self._value(node) if node.op.kind in ("elementwise", "reduce") else None
        if value is None or self.unfounded >= _MOST_FAILURES:
            return None
        made = full(node.shape, value, node.dtype)
        cuts: list[Sequence[Node] | None] = [node.inputs]
        if node.dtype.is_float:
            cuts = [cut_around_sums(node, _MOST_STEPS, **kinds) for kinds in _AROUND]
        if any(cut is not None and self._proved(node, made, cut) for cut in cuts):
            return self.constants.setdefault((node.shape, node.dtype, value), made)
        self.unfounded += 1
        return None

    def _value(self, node: Node) -> float | bool | None:
        """Return the number 0, or the bool, that a node is at all points."""
        values = np.concatenate([np.asarray(p[node]).ravel() for p in self.points])
        if node.dtype.is_float:
            return 0.0 if values.size and np.abs(values).max() <= _NOTHING else None
        fixed = node.dtype.name == "bool" and values.size and (values == values[0]).all()
        return bool(values[0]) if fixed else None


def _weights(value: np.ndarray) -> np.ndarray:
    """Return weights under which sums vanish by chance only: gradients often sum to 0."""
    weights: np.ndarray = np.sqrt(np.arange(2.0, value.size + 2.0))
    return weights.reshape(value.shape)


def _alone(node: Node) -> Node:
    """Return a node on inputs that nothing computes."""
    return rebuild(node, [argument(k, i.shape, i.dtype) for k, i in enumerate(node.inputs)])


def _aligned(node: Node) -> list[Node]:
    """Return operands; of an elementwise op without views that only put axes of size 1 in front."""
    if node.op.kind != "elementwise":
        return list(node.inputs)
    return [_unpadded(i) for i in node.inputs]


def _unpadded(node: Node) -> Node:
    while isinstance(node.op, ViewOp):
        (source,) = node.inputs
        extra = node.ndim - source.ndim
        index = tuple(
            Affine() if s == 1 else Affine.index(f"i{axis}") for axis, s in enumerate(node.shape)
        )
        in_front = extra > 0 and node.shape == (1,) * extra + source.shape
        if not in_front or node.op.pull(node, index) != index[extra:]:
            break
        node = source
    return node
