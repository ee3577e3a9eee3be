"""assert_same: two graphs mean the same."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from graphdl.ir.dim_text import shape_text
from graphdl.ir.graph import Graph
from graphdl.ir.node import Node, structural_key
from graphdl.testing.reporting import Reporter
from graphdl.verification.finding import Finding
from graphdl.verification.sampler import Arrays, Point, Sampler, evaluate_at
from graphdl.verification.tally import Agreement, Tally, refused, value_nodes
from graphdl.verification.wording import among

SIZES = (1, 0, 2, 7)
"""Tried for every symbolic dim, after the usual few elements."""


def assert_same(
    graph_a: Graph | Node | Sequence[Node],
    graph_b: Graph | Node | Sequence[Node],
    *,
    inputs: Mapping[str, Any] | None = None,
    state: Mapping[str, Any] | None = None,
    dims: Mapping[str, int | Sequence[int]] | None = None,
    seed: int = 0,
    points: int = 6,
    digits: float | None = None,
    edges: bool = True,
    report: str | os.PathLike[str] | Reporter | None = None,
) -> Agreement:
    """Assert that two graphs give the same outputs and updates of state.

    Both are evaluated by the interpreter with all floats in float64, at random points, at several
    sizes of each symbolic dim, and at edges: zeros, ties, special numbers, one NaN or infinity an
    input. An infinity or NaN of one must be one of the other. Inputs and state belong together by
    name; what only one of the graphs has, the other may do without, and state that one does not
    update must stay as it is. Where one refuses its arguments (an empty axis, a bad index), so must
    the other.

    Parameters
    ----------
    graph_a, graph_b : Graph, Node or sequence of Node
        What is expected, and what is compared with it.
    inputs, state : mapping of str to array_like, optional
        Values that shall not be drawn at random.
    dims : mapping of str to int or sequence of int, optional
        Sizes of symbolic dims; by default a few elements, then 1, 0, 2 and 7.
    seed : int
        Where chance starts.
    points : int
        Number of random points.
    digits : float, optional
        Decimal digits that must agree, relative to the element or to the root mean square of the
        array, whichever is larger; by default 6.5 for float32, whose constants are rounded,
        and 10 for float64.
    edges : bool
        Whether edges count. Two formulas may mean the same and overflow at different places.
    report : path-like, optional
        Folder that receives a page if the graphs differ.

    Returns
    -------
    Agreement
        How well they agree.

    Raises
    ------
    Disagreement
        If they differ; an AssertionError.
    ArgumentError
        If nothing can be compared: there is no output, or one that is finite nowhere.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", ("N",))
    >>> gd.testing.assert_same(gd.tanh(x), 2 * gd.sigmoid(2 * x) - 1).verdict
    'same'
    >>> gd.testing.assert_same(gd.relu(x), gd.abs(x))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    graphdl.testing.reporting.Disagreement: b differs from a in the only value
    ...
    """
    __tracebackhide__ = True
    first, second = _named(graph_a, "a"), _named(graph_b, "b")
    reporter = Reporter.of(report)
    wrong, point = _faces(first, second), None
    tally = Tally(_values(first, second), digits)
    if not wrong:
        sampler = Sampler([first, second], seed, inputs, state)
        for point in sampler.points(dims, SIZES, points, edges):
            wrong = _at(point, first, second, tally)
            if wrong:
                break
    if wrong:
        reporter.fail(
            f"{second.name} differs from {first.name} in "
            f"{among(len(wrong), len(tally.nodes), 'value')}",
            wrong,
            call=f"assert_same({first.name}, {second.name}, seed={seed})",
            facts={"seed": str(seed)},
            point=point,
            graphs=[second, first],
        )
    return reporter.passed(tally.passed("same"))


def _named(given: Graph | Node | Sequence[Node], name: str) -> Graph:
    return given if isinstance(given, Graph) else Graph(given, name=name)


def _values(first: Graph, second: Graph) -> dict[str, Node]:
    """Return what is compared, with the second graph's nodes where it has them."""
    return {**value_nodes(first), **value_nodes(second)}


def _faces(first: Graph, second: Graph) -> list[Finding]:
    """Return what differs before anything is computed: names, shapes, dtypes, first values."""
    wrong = []
    for name in dict.fromkeys([*first.outputs, *second.outputs]):
        a, b = first.outputs.get(name), second.outputs.get(name)
        if _type(a) != _type(b):
            site = "" if b is None else b.site
            wrong.append(Finding(name, _type(a), _type(b), site=site, node=b))
    for a, b in _common_leaves(first, second):
        if _type(a) != _type(b):
            wrong.append(Finding(a.name, _type(a), _type(b), site=b.site, node=b))
        elif structural_key(a, []) != structural_key(b, []):
            words = "an initialiser", "another initialiser"
            wrong.append(Finding(a.name, *words, site=b.site, node=b))
    return wrong


def _type(node: Node | None) -> str:
    return "no such output" if node is None else f"{node.dtype}{shape_text(node.shape)}"


def _common_leaves(first: Graph, second: Graph) -> Iterator[tuple[Node, Node]]:
    for mine, others in ((first.inputs, second.inputs), (first.state, second.state)):
        by_name = {b.name: b for b in others}
        yield from ((a, by_name[a.name]) for a in mine if a.name in by_name)


def _at(point: Point, first: Graph, second: Graph, tally: Tally) -> list[Finding]:
    found = evaluate_at(first, point), evaluate_at(second, point)
    if isinstance(found[0], str) or isinstance(found[1], str):
        same = isinstance(found[0], str) and isinstance(found[1], str)
        return [] if same else [refused(point, *found)]
    unchanged: Arrays = {f"state {k}": v for k, v in point.state.items()}
    return tally.compare(unchanged | found[0], None, unchanged | found[1])
