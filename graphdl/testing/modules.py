"""assert_module: a compiled module, or any function, does what a graph says."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from graphdl.ir.errors import ArgumentError
from graphdl.ir.graph import Graph
from graphdl.testing.reporting import Reporter
from graphdl.verification.modules import compare_entry
from graphdl.verification.sampler import Sampler
from graphdl.verification.tally import Agreement


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
    found = compare_entry(
        module, graph, Sampler([graph], seed, inputs, state), dims, points, digits, edges
    )
    if found.wrong:
        reporter.fail(
            found.headline,
            found.wrong,
            call=f"assert_module({found.name}, {graph.name}, seed={seed})",
            facts={"seed": str(seed)},
            point=found.point,
            graphs=[graph],
        )
    return reporter.passed(found.tally.passed("agrees"))


def _only(module: Any) -> Graph:
    graphs: Sequence[Graph] = getattr(module, "graphs", ())
    if len(graphs) != 1:
        names = [g.name for g in graphs]
        raise ArgumentError(
            f"which graph shall {module!r} compute? It has {names or 'none'}",
            remedy="assert_module(module, graph)",
        )
    return graphs[0]
