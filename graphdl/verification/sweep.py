"""Two ways to compute the same, proved equal piece by piece.

Both are walked together, inputs first. A node whose op and (merged) inputs are those of an earlier
one is that one. Nodes that have equal values at random points are candidates: what both depend on
is cut off, or what lies a few steps below that, and becomes symbols; if SymPy finds the two equal
for all values of these, they are merged. So an optimised gradient is proved equal to the one that
the chain rule builds, and no expression ever grows beyond a few steps.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from graphdl.ir import interpreter, scalar
from graphdl.ir.graph import Graph, static_shape
from graphdl.ir.kinds import Affine, ElementwiseOp, ViewOp
from graphdl.ir.leaves import CONSTANT, argument
from graphdl.ir.node import Node, rebuild, structural_key, topological
from graphdl.ir.sampling import random_inputs, random_state, small_dims
from graphdl.passes.expand import expand
from graphdl.verification import evaluator
from graphdl.verification.cones import between
from graphdl.verification.evaluator import UnsupportedError, Values
from graphdl.verification.limits import time_limit
from graphdl.verification.pairs import FAILURES
from graphdl.verification.precise import operations
from graphdl.verification.regions import OutsideDomainError, Region, explore
from graphdl.verification.symbolic import Symbolic, symbols_of
from graphdl.verification.zero import is_zero

MOST_NODES = 50_000
_DEPTHS = (0, 1, 2)
"""Steps below what a pair has in common at which it is cut, tried in turn."""
_MOST_STEPS, _MOST_TERMS = 30, 200
"""In which a pair may differ, and of the two expressions of an element."""
_MOST_CANDIDATES = 2
_MOST_FAILURES = 30
"""Pairs that look equal and are not found to be; then only equal structure counts."""
_MOST_OPERATIONS = 200
_MOST_REGIONS = 16
_MOST_BOOLS = 3
_SECONDS = 60.0
"""For a whole sweep; what the counts let through takes a fraction."""


def proved_equal(first: Sequence[Node], second: Sequence[Node]) -> bool:
    """Whether two lists of nodes are proved to have equal values, pair by pair.

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
    graph = expand(Graph(named))
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
        self.failures = 0

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
        number: dict[Node, int] = {}
        alike: dict[object, list[Node]] = {}
        for node in self.graph.nodes:
            made = rebuild(node, [merged[i] for i in node.inputs])
            key = structural_key(made, [number[i] for i in _aligned(made)])
            kept = by_key.get(key)
            if kept is None:
                for point in self.points:
                    point[made] = point[node]
                others = alike.setdefault(self._signature(made), [])
                kept = next((o for o in others[:_MOST_CANDIDATES] if self.is_equal(made, o)), None)
                if kept is None:
                    kept = made
                    others.append(made)
                    number[made] = len(number)
                by_key[key] = kept
            merged[node] = kept
        return merged

    def _signature(self, node: Node) -> object:
        """Return what nodes of equal value share."""
        seen = [np.asarray(p[node], dtype=np.float64) for p in self.points]
        with np.errstate(all="ignore"):
            texts = [f"{np.sum(v):.7e} {np.sum(v * np.arange(1, v.size + 1).reshape(v.shape)):.7e}"
                     for v in seen]  # fmt: skip
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
        for depth in _DEPTHS:
            cut = _cut([node, other], common, depth)
            if cut in tried:
                break
            tried.append(cut)
            if self._proved(node, other, cut):
                return True
        self.failures += 1
        return False

    def _proved(self, node: Node, other: Node, cut: Sequence[Node]) -> bool:
        """Whether two nodes are equal for all values of what was cut off."""
        inside = between(cut, [other, node])
        if len(inside) > _MOST_STEPS:
            return False
        try:
            if all(n.op.kind == "elementwise" or _number(n) is not None for n in inside):
                return all(
                    _of_one(inside, (other, node), symbols, region)
                    for symbols in _scalars(cut)
                    for region in explore(_MOST_REGIONS)
                )
            if sum(operations([n], self.env) for n in map(_alone, inside)) > _MOST_OPERATIONS:
                return False
            return all(n.dtype.is_float for n in cut) and all(
                self._of_all(node, other, cut, dict.fromkeys(self.env, size), region)
                for size in ((1, 2) if self.graph.dims else (1,))
                for region in explore(_MOST_REGIONS)
            )
        except FAILURES:
            return False

    def _of_all(
        self, node: Node, other: Node, cut: Sequence[Node], env: Mapping[str, int], region: Region
    ) -> bool:
        """Compare all elements in a region."""
        values: Values = {
            n: symbols_of(f"s{k}", static_shape(n.shape, env)) for k, n in enumerate(cut)
        }
        algebra = Symbolic(region)
        try:
            evaluator.run([node, other], values, env, algebra)
        except OutsideDomainError:
            return True
        pairs = zip(values[node].ravel(), values[other].ravel(), strict=True)
        return all(_same(a, b, algebra) for a, b in pairs)


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


def _scalars(cut: Sequence[Node]) -> Iterator[dict[Node, Any]]:
    """Yield a symbol for each float that was cut off, and all values of bools."""
    bools = [n for n in cut if n.dtype.name == "bool"]
    if len(bools) > _MOST_BOOLS or any(n.dtype.is_integer for n in cut):
        raise UnsupportedError("integers are no symbols")
    symbols = {n: symbols_of(f"s{k}", ()).item() for k, n in enumerate(cut) if n.dtype.is_float}
    for values in itertools.product((False, True), repeat=len(bools)):
        yield {**symbols, **dict(zip(bools, values, strict=True))}


def _of_one(
    inside: Sequence[Node], pair: tuple[Node, Node], symbols: dict[Node, Any], region: Region
) -> bool:
    """Compare one element in a region; that of a broadcast operand is one, too."""
    algebra, values = Symbolic(region), dict(symbols)

    def constant(value: Any) -> Any:
        return value if isinstance(value, bool) else algebra.number(value)

    try:
        for node in inside:
            number = _number(node)
            if number is not None:
                values[node] = algebra.number(number)
                continue
            assert isinstance(node.op, ElementwiseOp)
            operands = [values[i] for i in node.inputs]
            body = node.op.body(node.attrs)
            values[node] = scalar.evaluate(body, operands, constant, algebra.apply)
    except OutsideDomainError:
        return True
    return _same(values[pair[0]], values[pair[1]], algebra)


def _same(a: Any, b: Any, algebra: Symbolic) -> bool:
    if a == b:
        return True
    if algebra.size(a) + algebra.size(b) > _MOST_TERMS:
        raise UnsupportedError("too large for symbols")
    return is_zero(algebra.opened(a - b), algebra.region)


def _number(node: Node) -> Any:
    """Return the number that all elements of a node are, if that is written in the graph."""
    while node.op.kind == "view":
        node = node.inputs[0]
    if node.op is not CONSTANT or node.dtype.name == "bool":
        return None
    value = node.attr("value")
    return value.flat[0] if value.size and (value == value.flat[0]).all() else None


def _cut(pair: Sequence[Node], common: Collection[Node], depth: int) -> list[Node]:
    """Return what lies some steps below what a pair has in common: what becomes symbols.

    Steps that compute bools and integers do not count: a choice is looked at with its condition.
    """
    level, cut = dict.fromkeys(pair, 0), list[Node]()
    pending = list(level)
    for node in pending:
        if _number(node) is not None:
            continue
        if not node.inputs or (node in common and level[node] >= depth):
            cut.append(node)
            continue
        for source in node.inputs:
            if source not in level:
                level[source] = level[node] + (node in common and node.dtype.is_float)
                pending.append(source)
    return cut
