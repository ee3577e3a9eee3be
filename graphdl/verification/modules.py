"""A compiled module beside the interpreter: every entry point at random points, sizes and edges."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphdl.compiler import CompiledModule
from graphdl.ir.errors import ArgumentError, DimensionError
from graphdl.ir.graph import Graph
from graphdl.verification.equivalence import Equivalence
from graphdl.verification.finding import Finding
from graphdl.verification.sampler import REFUSALS, Arrays, Point, Refusal, Sampler, evaluate_at
from graphdl.verification.tally import Tally, refused, value_nodes
from graphdl.verification.wording import among

SIZES = (0, 1, 7)
"""Tried for every symbolic dim, with the maximum where there is one."""


@dataclass(frozen=True, slots=True)
class Compared:
    """How an entry point compares with its graph.

    Attributes
    ----------
    name : str
        The entry point, with the target.
    tally : Tally
        What agreed.
    wrong : list of Finding
        What is wrong at the first point where anything is.
    point : Point or None
        The last point that was tried.
    """

    name: str
    tally: Tally
    wrong: list[Finding]
    point: Point | None

    @property
    def headline(self) -> str:
        """What is wrong, in a line."""
        share = among(len(self.wrong), len(self.tally.nodes), "value")
        return f"{self.name} differs from the graph in {share}"


def verify_module(
    module: CompiledModule,
    *,
    points: int,
    seed: int,
    inputs: Mapping[str, Any] | None,
    dims: Mapping[str, int] | None,
) -> Equivalence:
    """Compare every entry point with the interpreter; see ``gd.verify``."""
    method = f"{module.target} against the interpreter"
    known = {i.name for g in module.graphs for i in g.inputs}
    unknown = (inputs or {}).keys() - known
    if unknown:
        raise ArgumentError(f"{module!r} has no input {sorted(unknown)}")
    unknown = (dims or {}).keys() - {d for g in module.graphs for d in g.dims}
    if unknown:
        raise DimensionError(f"{module!r} has no dim {sorted(unknown)}")
    digits, met = math.inf, 0
    for graph in module.graphs:
        names, sizes = {i.name for i in graph.inputs}, set(graph.dims)
        given = {k: v for k, v in (inputs or {}).items() if k in names}
        fixed = {k: v for k, v in (dims or {}).items() if k in sizes}
        found = compare_entry(module, graph, Sampler([graph], seed, given, None), fixed, points)
        met += found.tally.points
        if found.wrong:
            first = found.wrong[0]
            text = f"{found.headline}, {first.name}: expected {first.expected}, got {first.got}"
            at = found.point
            return Equivalence(
                "refuted", method, first.digits, met, text, at.values if at else {},
                at.dims if at else {}, tuple(found.wrong), graph,
            )  # fmt: skip
        digits = min(digits, found.tally.passed("agrees").digits)
    return Equivalence("checked", method, digits, met, graph=module.graphs[0])


def compare_entry(
    module: Any,
    graph: Graph,
    sampler: Sampler,
    dims: Mapping[str, int | Sequence[int]] | None,
    points: int,
    digits: float | None = None,
    edges: bool = True,
) -> Compared:
    """Call an entry point until it differs from what the interpreter says; its state is put back.

    Parameters
    ----------
    module : object
        With the entry point and a mapping ``state``; or the function itself.
    graph : Graph
        What it shall compute.
    sampler : Sampler
        Draws the points.
    dims : mapping of str to int or sequence of int, optional
        Sizes of symbolic dims.
    points : int
        Number of random points.
    digits : float, optional
        Decimal digits that must agree, instead of what rounding explains.
    edges : bool
        Whether zeros, ties, special numbers, NaN and infinities are tried, too.
    """
    entry = Entry(module, graph)
    tally = Tally(value_nodes(graph), digits)
    wrong, point = list[Finding](), None
    kept = {s.name: np.array(entry.state[s.name]) for s in graph.state}
    try:
        for point in sampler.points(dims, SIZES, points, edges, _maxima(module)):
            wrong = _at(point, graph, entry, tally)
            if wrong:
                break
    finally:
        entry.put(kept)
    return Compared(entry.name, tally, wrong, point)


def _maxima(module: Any) -> Mapping[str, int]:
    lowered = getattr(module, "module", None)
    maxima: Mapping[str, int] = getattr(lowered, "maxima", {})
    return maxima


class Entry:
    """An entry point with the state that it updates.

    Attributes
    ----------
    name : str
        For messages.
    state : mapping of str to ndarray
        What can be read and set.
    """

    def __init__(self, module: Any, graph: Graph) -> None:
        self.graph = graph
        entries = getattr(module, "entries", {})
        found = entries.get(graph.name) or getattr(module, graph.name, None)
        if found is None and callable(module):
            found = module
        if not callable(found):
            raise ArgumentError(
                f"{module!r} has no entry point {graph.name!r}",
                remedy="pass the function itself: assert_module(module.forward, graph)",
            )
        self.call: Callable[..., Any] = found
        target = getattr(module, "target", None)
        self.name = f"{graph.name} ({target})" if target else graph.name
        owner = getattr(found, "__self__", module)  # of a method
        self.state: MutableMapping[str, Any] = getattr(owner, "state", {})
        unseen = [s.name for s in graph.state if s.name not in self.state]
        if unseen:
            raise ArgumentError(
                f"{graph.name} has state that {self.name} does not show: {unseen}",
                remedy="pass an object with the entry point and a mapping `state`",
            )

    def put(self, state: Mapping[str, Any]) -> None:
        """Set the state that it has."""
        for name, value in state.items():
            self.state[name] = value

    def run(self, point: Point) -> Arrays | Refusal:
        """Return outputs and new state under ``state <name>``; or why the call was refused."""
        self.put(point.state)
        try:
            result = self.call(*(point.inputs[i.name] for i in self.graph.inputs))
        except REFUSALS as error:
            return f"{type(error).__name__}: {error}".splitlines()[0]
        if not isinstance(result, Mapping):
            result = dict(zip(self.graph.outputs, [result], strict=True))
        return {**{k: np.array(v) for k, v in result.items()}, **self.current()}

    def current(self) -> Arrays:
        """Return a copy of the graph's state, ``state <name>``."""
        return {f"state {s.name}": np.array(self.state[s.name]) for s in self.graph.state}


def _at(point: Point, graph: Graph, entry: Entry, tally: Tally) -> list[Finding]:
    double = evaluate_at(graph, point)
    single = evaluate_at(graph, point, double=False)
    got = entry.run(point)
    if isinstance(double, str) or isinstance(single, str):
        if not isinstance(got, str):
            return [refused(point, double, got)]
        before = {f"state {k}": v for k, v in point.state.items()}
        changed = [k for k, v in entry.current().items() if not _equal(v, before[k])]
        return [Finding(k, "unchanged: the call was refused", "changed") for k in changed]
    if isinstance(got, str):
        return [refused(point, double, got)]
    return _types(got, tally) or tally.compare(double, single, got)


def _equal(a: np.ndarray, b: np.ndarray) -> bool:
    return np.array_equal(a, b, equal_nan=a.dtype.kind == "f")


def _types(got: Arrays, tally: Tally) -> list[Finding]:
    """Return outputs that are missing or of another dtype."""
    wrong = []
    for name, node in tally.nodes.items():
        found = got[name].dtype.name if name in got else "no such output"
        if found != node.dtype.name:
            wrong.append(Finding(name, node.dtype.name, found, site=node.site, node=node))
    return wrong
