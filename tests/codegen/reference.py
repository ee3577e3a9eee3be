"""What the interpreter says of a graph, and how far rounding may take a build from it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np

from graphdl.ir.errors import DimensionError, IndexRangeError, ShapeError
from graphdl.ir.graph import Graph
from graphdl.ir.interpreter import interpret_step, run
from graphdl.ir.kinds import ReduceOp
from graphdl.ir.node import Node
from graphdl.passes.expand import expand
from graphdl.verification.random_graphs import Case

Arrays = Mapping[str, np.ndarray]

_RUNS = 6
_ULPS = 4.0
"""What one rounding may be: the accuracy of the worst functions."""
_ROUNDING = ("elementwise", "reduce", "contract", "prefix", "scatter")
"""Kinds that compute; the others only move elements."""


class Reference:
    """A graph at one point: what it gives in double precision, and when needed how rounding acts.

    Attributes
    ----------
    graph : Graph
        What is evaluated.
    env : mapping of str to int
        Sizes of dims.
    inputs, state : mapping of str to ndarray
        What it reads.
    """

    def __init__(self, graph: Graph, env: Mapping[str, int], inputs: Arrays, state: Arrays) -> None:
        self.graph, self.env, self.inputs, self.state = graph, env, inputs, state

    @cached_property
    def double(self) -> Arrays:
        """Results with every float in float64, by name; new state as ``state <name>``."""
        return self._evaluated(double=True)

    @cached_property
    def single(self) -> Arrays:
        """Results in the dtypes of the graph."""
        return self._evaluated(double=False)

    def _evaluated(self, *, double: bool) -> Arrays:
        out, after = interpret_step(
            self.graph, self.inputs, self.state, dims=self.env, double=double
        )
        return {**out, **{f"state {k}": v for k, v in after.items()}}

    @cached_property
    def results(self) -> Mapping[str, Node]:
        """The nodes of the results, by name."""
        return results(self.graph)

    @cached_property
    def units(self) -> Mapping[str, float]:
        """The roundoff of the narrowest floats on the way to each result."""
        return units(self.graph)

    @cached_property
    def scatter(self) -> Mapping[str, float]:
        """How far results move when every rounding is replaced by a random error of its size.

        That is Monte Carlo arithmetic: it sees where numbers cancel or are amplified, for each
        result, which no bound by the size of a result does. Numbers that need few bits are exact,
        so that no comparison of them goes the other way.
        """
        graph = expand(self.graph)
        moved = dict.fromkeys(self.results, 0.0)
        for seed in range(_RUNS):
            values = _disturbed(graph, self, np.random.default_rng(seed))
            for name, node in results(graph).items():
                if node.dtype.is_float:
                    change = np.abs(values[node] - self.double[name])
                    change = change[np.isfinite(change)]
                    moved[name] = max(moved[name], float(change.max(initial=0.0)))
        return moved


def _disturbed(graph: Graph, at: Reference, rng: np.random.Generator) -> Mapping[Node, np.ndarray]:
    values: dict[Node, np.ndarray] = {}
    given = [(n, at.inputs[n.name]) for n in graph.inputs]
    given += [(n, at.state[n.name]) for n in graph.state]
    for node, value in given:
        values[node] = value.astype(np.float64) if node.dtype.is_float else value
    with np.errstate(all="ignore"):
        for node in graph.nodes:
            if node in values:
                continue
            run([node], values, at.env, double=True)
            value = values[node]
            if node.op.kind in _ROUNDING and node.dtype.is_float and not _is_exact(value):
                error = _ULPS * float(np.finfo(node.dtype.numpy).eps)
                size = _partial_sums(node, values) if _is_sum(node) else value
                values[node] = value + size * (error * rng.uniform(-1.0, 1.0, value.shape))
    return values


def _is_sum(node: Node) -> bool:
    return isinstance(node.op, ReduceOp) and node.op.combine == "add"


def _partial_sums(node: Node, values: Mapping[Node, np.ndarray]) -> np.ndarray:
    """Return the root of the sum of squares of all partial sums: each is rounded."""
    (x,), axes = node.inputs, node.attr("axes")
    last = range(-len(axes), 0)
    terms = np.moveaxis(values[x], axes, last)
    partial = np.cumsum(terms.reshape(*values[node].shape, -1), axis=-1, dtype=np.float64)
    root: np.ndarray = np.sqrt((partial**2).sum(axis=-1))
    return root


def _is_exact(value: np.ndarray) -> bool:
    return np.array_equal(value.astype(np.float32), value, equal_nan=True)


def results(graph: Graph) -> dict[str, Node]:
    """Map what a graph computes to its nodes: outputs, and ``state <name>`` for new state."""
    after = {f"state {s.name}": graph.updates.get(s, s) for s in graph.state}
    return {**graph.outputs, **after}


def units(graph: Graph) -> dict[str, float]:
    """Return the roundoff of the narrowest floats that each result is computed in.

    Leaves are given and round nothing; composites are opened.
    """
    opened = expand(graph)
    found: dict[Node, float] = {}
    for node in opened.nodes:
        unit = max((found[i] for i in node.inputs), default=0.0)
        if node.dtype.is_float and node.inputs:
            unit = max(unit, float(np.finfo(node.dtype.numpy).eps))
        found[node] = unit
    return {name: found[node] for name, node in results(opened).items()}


def references(case: Case, seed: int, most: int = 9) -> list[Reference]:
    """Return a case at its dims, at most at so many; those at which it is refused are left out."""
    found = []
    for env in case.dims(seed):
        reference = Reference(case.graph, env, case.inputs(env, seed), case.state(seed))
        try:
            assert reference.double is not None
        except (DimensionError, IndexRangeError, ShapeError):  # an axis is empty that must not be
            continue
        found.append(reference)
        if len(found) == most:
            break
    return found


def difference(value: np.ndarray, reference: Reference, name: str, *, exact: bool) -> str | None:
    """Say what is wrong with a result, if anything.

    A few roundoffs of its largest element are always allowed. Where it is off by more, rounding
    must be able to explain it: by what it did to the interpreter's own result, or does at random.
    """
    node, double = reference.results[name], reference.double[name]
    if value.shape != double.shape or value.dtype != node.dtype.numpy:
        return f"{value.dtype}{value.shape} instead of {node.dtype}{double.shape}"
    if exact or value.dtype.kind != "f":
        wanted = reference.single[name]
        return None if np.array_equal(value, wanted, equal_nan=True) else _shown(value, wanted)
    usual = np.isfinite(double)
    if not np.isfinite(value[usual]).all():
        usual &= np.isfinite(reference.single[name])
        if not np.isfinite(value[usual]).all():
            return f"not finite: {_shown(value, double)}"
    if not usual.any():
        return None
    wanted, got = double[usual], value[usual].astype(np.float64)
    scale, worst = float(np.abs(wanted).max()), float(np.abs(got - wanted).max())
    allowed = 64 * reference.units[name] * scale
    if worst <= allowed:
        return None
    single = reference.single[name][usual].astype(np.float64)
    own = float(np.abs(single - wanted).max())
    allowed = max(allowed, 16 * own, 4 * reference.scatter[name])
    if worst <= allowed:
        return None
    return f"off by {worst:.3g} of {scale:.3g}, {allowed:.2g} is rounding: {_shown(value, double)}"


def _shown(value: np.ndarray, wanted: np.ndarray) -> str:
    places = np.flatnonzero(~((value == wanted) | ((value != value) & (wanted != wanted))).ravel())
    first = places[:4]
    return f"{value.ravel()[first]} instead of {wanted.ravel()[first]} at {first} ({len(places)})"
