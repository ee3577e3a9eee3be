"""assert_module: a compiled module, or any function, does what a graph says."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from typing import Any

import numpy as np

from graphdl.ir.errors import ArgumentError
from graphdl.ir.graph import Graph
from graphdl.testing.agreement import Agreement, Tally, refused, value_nodes
from graphdl.testing.points import REFUSALS, Arrays, Point, Refusal, Sampler, evaluate_at
from graphdl.testing.reporting import Finding, Reporter

SIZES = (0, 1, 7)
"""Tried for every symbolic dim, with the maximum where there is one."""


def assert_module(
    module: Any,
    graph: Graph | None = None,
    *,
    inputs: Mapping[str, Any] | None = None,
    state: Mapping[str, Any] | None = None,
    dims: Mapping[str, int | Sequence[int]] | None = None,
    seed: int = 0,
    points: int = 3,
    digits: float | None = None,
    edges: bool = True,
    report: str | os.PathLike[str] | Reporter | None = None,
) -> Agreement:
    """Assert that a module's entry point computes what its graph says.

    It is called at random points, at several sizes of each symbolic dim, and at edges, and compared
    with the interpreter: outputs with their shapes and dtypes, and state after the call. Rounding
    may do to a float32 result what it does to the interpreter's own (16 times that, plus 1.5e-5
    of the value); integers must be equal. Arguments that the interpreter refuses must be refused,
    with all state unchanged. The module's state is put back in the end.

    Parameters
    ----------
    module : CompiledModule, standalone module or callable
        What ``gd.compile`` returns, an object of a standalone NumPy folder, or a function that
        takes the graph's inputs in their order and returns a mapping of outputs (or the output).
    graph : Graph, optional
        What it shall compute; by default the graph that it was compiled from, if that was one.
    inputs, state : mapping of str to array_like, optional
        Values that shall not be drawn at random.
    dims : mapping of str to int or sequence of int, optional
        Sizes of symbolic dims; by default a few elements, 0, 1, 7 and the module's maximum.
    seed : int
        Where chance starts.
    points : int
        Number of random points.
    digits : float, optional
        Decimal digits that must agree, instead of what rounding explains.
    edges : bool
        Whether zeros, ties, special numbers, NaN and infinities are tried, too.
    report : path-like, optional
        Folder that receives a page if they differ.

    Returns
    -------
    Agreement
        How well they agree.

    Raises
    ------
    Disagreement
        If they differ; an AssertionError.
    ArgumentError
        If nothing can be compared, or the module has no such entry point.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", ("N", 2))
    >>> g = gd.Graph({"total": gd.sum(x * x, axis=1)}, name="square")
    >>> gd.testing.assert_module(gd.compile(g, "numpy", dims={"N": 16})).verdict
    'agrees'
    >>> gd.testing.assert_module(lambda x: {"total": (x * x).sum(axis=1)}, g).verdict
    'agrees'
    """
    __tracebackhide__ = True
    graph = _only(module) if graph is None else graph
    reporter = Reporter.of(report)
    entry = Entry(module, graph)
    tally = Tally(value_nodes(graph), digits)
    sampler = Sampler([graph], seed, inputs, state)
    wrong, point = [], None
    kept = {s.name: np.array(entry.state[s.name]) for s in graph.state}
    try:
        for point in sampler.points(dims, SIZES, points, edges, _maxima(module)):
            wrong = _at(point, graph, entry, tally)
            if wrong:
                break
    finally:
        entry.put(kept)
    if wrong:
        reporter.fail(
            f"{entry.name} differs from the graph in {len(wrong)} of {len(tally.nodes)} values",
            wrong,
            call=f"assert_module({entry.name}, {graph.name}, seed={seed})",
            facts={"seed": str(seed)},
            point=point,
            graphs=[graph],
        )
    return reporter.passed(tally.passed("agrees"))


def _only(module: Any) -> Graph:
    graphs: Sequence[Graph] = getattr(module, "graphs", ())
    if len(graphs) != 1:
        names = [g.name for g in graphs]
        raise ArgumentError(
            f"which graph shall {module!r} compute? It has {names or 'none'}",
            remedy="assert_module(module, graph)",
        )
    return graphs[0]


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
