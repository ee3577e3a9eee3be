"""One derivative rule, proved: what it gives a cotangent, less SymPy's derivative, is zero.

A rule is taken as ``reverse`` builds it for a graph of only that op, on small sizes. It must be
linear in the cotangent, which its nodes show. Then it is a matrix, and each entry is compared with
SymPy's derivative of one element of the op's value by one element of an input, region by region.
Views and assemblies move elements: theirs are followed as they are, at full size.

The proof is about real numbers, at sizes 1, 2 and 3 (the kinds treat all sizes alike), where no
argument lies on a kink or tie. Where SymPy finds no proof, 50 digits at 100 points and more make
the rule *checked*.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from graphdl.ir.dims import evaluate as size_of
from graphdl.ir.errors import ShapeError
from graphdl.ir.graph import Graph, static_shape
from graphdl.ir.kinds import ElementwiseOp
from graphdl.ir.node import Node
from graphdl.ir.sampling import index_limits
from graphdl.passes.partials import partials
from graphdl.verification import evaluator, remembered
from graphdl.verification.evaluator import UnsupportedError, Values, array_of
from graphdl.verification.instances import Instance, element, elements, instances, is_wide, opened
from graphdl.verification.limits import time_limit
from graphdl.verification.linearity import is_linear
from graphdl.verification.moves import moves_agree
from graphdl.verification.outcome import Fault, Outcome, joined
from graphdl.verification.pairs import FAILURES, Pair, Place, compared
from graphdl.verification.regions import OutsideDomainError, Region, explore, sampled
from graphdl.verification.symbolic import Symbolic, symbols_of

Expression = Any

SECONDS = 10.0
"""What SymPy may take for one instance of a rule; what is not proved by then is checked. Rules of
the catalogue take less than 3."""

_REGIONS = 300
_SAMPLED = 3
_MOST_ELEMENTS = 80
_FEW_ELEMENTS = 16


def established(node: Node) -> Outcome:
    """Return how far the derivative rule of a node's op can be established; it is remembered."""
    key = remembered.rule_key(node)
    found = remembered.known(key)
    if found is not None:
        return found
    try:
        stages = _stages(node)
    except ShapeError as error:
        return remembered.remember(key, Outcome("open", str(error)))
    print_of = remembered.fingerprint([instance for instance, _ in stages])
    found = remembered.load(print_of)
    if found is None:
        found = _all_of(stages)
        remembered.store(print_of, found)
    return remembered.remember(key, found)


def _all_of(stages: Sequence[tuple[Instance, Instance | None]]) -> Outcome:
    """Establish instance after instance, the smallest first, while there is time.

    Those about which nothing is found (size 1 may have no value, large sizes too many regions)
    count only if there is no other with an axis longer than 1.
    """
    found, undecided, wide = list[Outcome](), list[Outcome](), False
    deadline = time.process_time() + SECONDS
    for instance, one in stages:
        if wide and time.process_time() > deadline and elements(instance) > _FEW_ELEMENTS:
            break
        outcome = _established(instance, one)
        if outcome.verdict == "refuted":
            return outcome
        if outcome.verdict == "open" and instance.output.op.kind != "elementwise":
            undecided.append(outcome)
        else:
            found.append(outcome)
            wide = wide or is_wide(instance)
    return joined(found if wide or not undecided else [*found, *undecided])


def _stages(node: Node) -> list[tuple[Instance, Instance | None]]:
    """Return instances, those of many elements of an elementwise op with that of one element."""
    if node.op.kind != "elementwise":
        return [(i, None) for i in instances(node)]
    one = element(node)
    shaped = instances(node) if any(i.shape for i in node.inputs) else []
    return [(one, None), *((i, one) for i in shaped)]


def _established(instance: Instance, one: Instance | None) -> Outcome:
    if instance.output.op.kind in ("view", "assembly"):
        try:
            return moves_agree(instance)
        except UnsupportedError:
            pass
    if elements(instance) > _MOST_ELEMENTS:
        return Outcome("open", "it is too large to be evaluated on symbols")
    return joined([_Proof(instance, given, one).run() for given in _concrete(instance)])


def _concrete(instance: Instance) -> Iterator[Values]:
    """Yield values of inputs that are integers or bools: no, all, or random ones set."""
    discrete = [i for i in dict.fromkeys(instance.inputs) if not i.dtype.is_float]
    if not discrete:
        yield {}
        return
    limits = index_limits(Graph(instance.output))
    rng = np.random.default_rng(0)
    by_name = {n.name: limit for n, limit in limits.items()}
    for variant in range(4):
        values: Values = {}
        for node in discrete:
            limit = size_of(by_name.get(node.name, 2), {})
            shape = static_shape(node.shape, {})
            drawn = rng.integers(0, max(limit, 1), shape)
            drawn = {0: np.zeros(shape, int), 1: np.full(shape, limit - 1)}.get(variant, drawn)
            values[node] = np.asarray(drawn).astype(node.dtype.numpy)
        yield values


class _Proof:
    """One instance, with all discrete inputs given."""

    def __init__(self, instance: Instance, given: Values, one: Instance | None = None) -> None:
        self.instance = instance
        self.one: _Proof | None = _Proof(one, {}) if one else None
        self.given = given
        graph = opened(instance)
        by_name = {n.name: n for n in graph.inputs}
        self.inputs = graph.inputs
        self.output = graph.outputs["y"]
        self.adjoints = [graph.outputs[f"d{k}"] for k in range(len(instance.adjoints))]
        self.wrt = [by_name[w.name] for w in instance.wrt]
        self.cotangent = by_name["c"]
        self.values = {by_name[n.name]: v for n, v in given.items()}
        self.symbols = {w: symbols_of(w.name, static_shape(w.shape, {})) for w in self.wrt}
        self.constant = _without_derivative(instance)
        self.declared = tuple(f"no derivative by {w.name} is declared" for w in self.constant)

    def run(self) -> Outcome:
        if not is_linear(self.adjoints, self.cotangent):
            return Outcome("open", "the rule is not seen to be linear in the cotangent")
        self.deadline = time.process_time() + SECONDS
        symbols = [s for w in self.wrt for s in self.symbols[w].ravel()]
        found: list[Outcome] = []
        try:
            for region in sampled(_SAMPLED) if self.one else explore(_REGIONS):
                try:
                    with time_limit(3 * SECONDS):
                        pairs = list(self._pairs(region))
                except OutsideDomainError:
                    continue
                found.append(compared(region, pairs, symbols, self.deadline, self._fault))
                if found[-1].verdict == "refuted":
                    return found[-1]
                if time.process_time() > self.deadline + 2 * SECONDS:
                    raise TimeoutError(f"more than {3 * SECONDS:g} s")
        except FAILURES as error:
            found.append(Outcome("open", f"{type(error).__name__}: {error}"))
        if self.one:  # what there is to say about elements has been said of one
            found = [Outcome(f.verdict, f.how, points=f.points, digits=f.digits) for f in found]
        return joined([*found, Outcome("proved", remarks=self.declared)])

    def _pairs(self, region: Region) -> Iterator[Pair]:
        """Yield what the rule gives and SymPy's derivative, for each pair of elements."""
        import sympy as sp

        algebra = Symbolic(region)
        forward: Values = {**self.values, **self.symbols}
        evaluator.run([self.output], forward, {}, algebra)
        relaxed = Symbolic(region, strict=False)
        relaxed.given = algebra.given
        y = forward[self.output]
        for at in np.ndindex(*y.shape):
            values = dict(forward)
            unit = np.full(y.shape, sp.Integer(0), dtype=object)
            unit[at] = sp.Integer(1)
            values[self.cotangent] = unit
            evaluator.run(self.adjoints, values, {}, relaxed)
            single = None if self.one is None else self._of_one(at, y.shape, forward, relaxed)
            for operand, (variable, adjoint) in enumerate(
                zip(self.wrt, self.adjoints, strict=True)
            ):
                if self.instance.wrt[operand] in self.constant:
                    continue
                got = np.broadcast_to(values[adjoint], self.symbols[variable].shape)
                for place in np.ndindex(*got.shape):
                    symbol = self.symbols[variable][place]
                    if single is not None:
                        slope = single[operand].get(place, 0)
                    else:
                        slope = sp.diff(y[at], symbol) if isinstance(y[at], sp.Basic) else 0
                    yield (
                        algebra.opened(sp.sympify(got[place])),
                        algebra.opened(sp.sympify(slope)),
                        (operand, place, at),
                    )

    def _of_one(
        self, at: tuple[int, ...], shape: tuple[int, ...], forward: Values, algebra: Symbolic
    ) -> list[dict[tuple[int, ...], Expression]]:
        """Return what the rule of one element gives each input for an element of the result."""
        import sympy as sp

        assert self.one is not None
        one, places = self.one, list[tuple[int, ...]]()
        values: Values = {one.cotangent: array_of([sp.Integer(1)], ())}
        pairs = zip(self.instance.inputs, one.instance.inputs, strict=True)
        for mine, its in dict.fromkeys(pairs):
            whole = forward[next(n for n in forward if n.name == mine.name)]
            order = np.broadcast_to(np.arange(whole.size).reshape(whole.shape), shape)
            place = tuple(int(i) for i in np.unravel_index(order[at], whole.shape))
            leaf = next((n for n in one.inputs if n.name == its.name), its)
            values[leaf] = whole[place] if whole.dtype != object else array_of([whole[place]], ())
            values[leaf] = np.asarray(values[leaf])
            if mine.dtype.is_float:
                places.append(place)
        evaluator.run(one.adjoints, values, {}, algebra)
        return [{p: values[a].item()} for p, a in zip(places, one.adjoints, strict=True)]

    def _fault(
        self, where: Place, point: dict[Expression, Any], expected: float, got: float
    ) -> Fault:
        operand, place, at = where
        values = {str(s): float(v) for s, v in point.items()}
        values.update({n.name: v.tolist() for n, v in self.given.items()})
        return Fault(self.wrt[operand].name, place, at, values, expected, got)


def _without_derivative(instance: Instance) -> list[Node]:
    """Return the inputs by which an elementwise op declares to have no derivative."""
    node = instance.output
    if not isinstance(node.op, ElementwiseOp):
        return []
    known = partials(node.op, node.attrs)
    return [i for i, p in zip(node.inputs, known, strict=True) if p is None and i.dtype.is_float]
