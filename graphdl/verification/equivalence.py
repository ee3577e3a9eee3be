"""gd.verify_pass: two graphs that must mean the same.

Tried in this order: their structure; a proof piece by piece; a proof on symbols, at small sizes; 50
digits; float64. The last two compare at points, so that they check and do not prove.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from graphdl.ir.complex_step import NotAnalyticError
from graphdl.ir.errors import ArgumentError
from graphdl.ir.graph import Graph, intern
from graphdl.ir.node import Node
from graphdl.verification import precise
from graphdl.verification.evidence import finite
from graphdl.verification.finding import Finding
from graphdl.verification.pair import Arrays, Difference, Pair
from graphdl.verification.points import DIGITS
from graphdl.verification.sizes import REFUSED
from graphdl.verification.sweep import proved_equal
from graphdl.verification.wording import counted

if TYPE_CHECKING:
    from graphdl.diagram import Diagram


@dataclass(frozen=True, slots=True, eq=False)
class Equivalence:
    """Whether two things mean the same: two graphs, or a compiled module and its graphs.

    Attributes
    ----------
    verdict : str
        ``"proved"``, ``"checked"`` or ``"refuted"``.
    method : str
        By what.
    digits : float
        To how many decimal digits all results agree; inf for a proof.
    points : int
        At how many points they were compared.
    counterexample : str
        The first result that differs, if one does.
    inputs : dict of str to ndarray
        Where; state of a module as ``state <name>``.
    dims : dict of str to int
        Sizes of symbolic dims there.
    findings : tuple of Finding
        What differs.
    graph : Graph or None
        Drawn.
    """

    verdict: str
    method: str
    digits: float = math.inf
    points: int = 0
    counterexample: str = ""
    inputs: Mapping[str, np.ndarray] | None = None
    dims: Mapping[str, int] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    graph: Graph | None = None

    def __bool__(self) -> bool:
        return self.verdict != "refuted"

    def __str__(self) -> str:
        if self.verdict == "proved":
            return f"proved: both graphs mean the same ({self.method})"
        if self.verdict == "checked":
            digits = f"to {self.digits:.1f} digits " if math.isfinite(self.digits) else ""
            return f"checked {digits}at {counted(self.points, 'point')} ({self.method})"
        return f"refuted: {self.counterexample} ({self.method})"

    def to_dict(self) -> dict[str, Any]:
        """Return what JSON can hold."""
        return {
            "verdict": self.verdict, "method": self.method, "digits": finite(self.digits),
            "points": self.points, "counterexample": self.counterexample or None,
            "steps": [], "wrong": None,
        }  # fmt: skip

    def draw(self, **options: Any) -> Diagram:
        """Draw the graph, with what differs marked; see ``gd.draw``."""
        from graphdl.verification.page import drawn

        return drawn(self.graph, self.findings, options)

    def save(self, path: str | Path) -> Path:
        """Write a page that needs nothing else: verdict, what differs, where, a diagram."""
        from graphdl.verification.page import save

        facts = {"verdict": self.verdict, "method": self.method, "points": str(self.points)}
        graphs = [] if self.graph is None else [self.graph]
        return save(path, str(self), self.findings, facts, dict(self.inputs or {}), graphs)


def verify_pass(
    before: Graph,
    after: Graph,
    *,
    points: int = 3,
    seed: int = 0,
    inputs: Mapping[str, Any] | None = None,
    dims: Mapping[str, int] | None = None,
) -> Equivalence:
    """Compare the meaning of two graphs: a graph and what a pass has made of it.

    Parameters
    ----------
    before, after : Graph
        With the same outputs and updates; the second may have fewer inputs.
    points : int
        Number of random points, where there is no proof.
    seed : int
        Where chance starts.
    inputs : mapping of str to array_like, optional
        Inputs that shall not be drawn at random.
    dims : mapping of str to int, optional
        Sizes of symbolic dims, a few elements by default.

    Returns
    -------
    Equivalence
        Its ``verdict`` is ``"proved"`` (over the real numbers, by structure or at sizes 1 and 2;
        larger sizes, and where numbers are equal, in floats), ``"checked"`` or ``"refuted"``.

    Raises
    ------
    ArgumentError
        If their outputs or updates have different names or shapes.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", ("N",))
    >>> one, other = gd.Graph(gd.sum(x * x - 1.0)), gd.Graph(gd.sum((x + 1.0) * (x - 1.0)))
    >>> gd.verify_pass(one, other).verdict
    'proved'
    >>> print(gd.verify_pass(one, gd.Graph(gd.sum(x * x)), inputs={"x": [2.0]}))
    refuted: out: 3 before, 4 after (float64)
    """
    _check(before, after)
    mapping = intern([*before.roots, *after.roots])
    pairs = [
        (mapping[a], mapping[b]) for a, b in zip(before.roots, _roots(before, after), strict=True)
    ]
    if all(a is b for a, b in pairs):
        return Equivalence("proved", "same structure", graph=after)
    pair = Pair(_names(before), before.roots, _roots(before, after), inputs or {}, dims or {})
    found = _compared(pair, points, seed, after, exactly=False)
    if not found:
        return found
    for elsewhere in (_at_larger_sizes, _at_ties):
        difference = elsewhere(pair, seed, after)
        if difference is not None:
            return difference
    if proved_equal(before.roots, _roots(before, after)):
        return Equivalence("proved", "by SymPy, piece by piece", graph=after)
    if pair.is_proved():
        how = "by SymPy, dims 1 and 2" if pair.env else "by SymPy"
        return Equivalence("proved", how, graph=after)
    if precise.is_affordable(pair.roots, pair.env):
        try:
            return _compared(pair, points, seed, after, exactly=True)
        except NotAnalyticError:
            return found
    return found


def _at_larger_sizes(pair: Pair, seed: int, after: Graph) -> Equivalence | None:
    """Return a difference at larger sizes, which no proof looks at."""
    for other in pair.larger():
        with contextlib.suppress(*REFUSED):
            found = _compared(other, 1, seed, after, exactly=False)
            if not found:
                return found
    return None


def _at_ties(pair: Pair, seed: int, after: Graph) -> Equivalence | None:
    """Return a difference where numbers are equal: proofs look at what is less or greater."""
    for point in pair.ties(seed):
        try:
            pair.digits(point, exactly=False, finite=True)
        except Difference as found:
            return _refuted(found, "float64", 1, pair, point, after)
    return None


def _refuted(
    found: Difference, method: str, points: int, pair: Pair, point: Arrays, after: Graph
) -> Equivalence:
    node = {**after.outputs, **_updates(after)}.get(found.name)
    site = "" if node is None else node.site
    row = Finding(found.name, found.expected, found.got, found.digits, "", site, node)
    return Equivalence(
        "refuted", method, found.digits, points, str(found), point, pair.env, (row,), after
    )


def _compared(pair: Pair, points: int, seed: int, after: Graph, *, exactly: bool) -> Equivalence:
    """Compare at points; with 50 digits also at edges, where there is a value."""
    method = f"mpmath with {DIGITS} digits" if exactly else "float64"
    digits, met = math.inf, 0
    trials = [(p, False) for p in pair.points(points, seed)]
    trials += [(p, True) for p in pair.edges(seed)] if exactly else []
    for point, is_edge in trials:
        try:
            digits = min(digits, pair.digits(point, exactly=exactly))
        except Difference as found:
            return _refuted(found, method, met + 1, pair, point, after)
        except NotAnalyticError:
            if not is_edge:
                raise
            continue
        met += 1
    return Equivalence("checked", method, min(digits, float(DIGITS)), met, graph=after)


def _names(graph: Graph) -> list[str]:
    return [*graph.outputs, *_updates(graph)]


def _updates(graph: Graph) -> dict[str, Node]:
    return {f"update of {s.name}": value for s, value in graph.updates.items()}


def _roots(before: Graph, after: Graph) -> list[Node]:
    """Return the results of the second graph in the order of the first."""
    updates = {s.name: v for s, v in after.updates.items()}
    return [*(after.outputs[k] for k in before.outputs), *(updates[s.name] for s in before.updates)]


def _check(before: Graph, after: Graph) -> None:
    names = [set(_names(g)) for g in (before, after)]
    if names[0] != names[1]:
        raise ArgumentError(f"results differ: {sorted(names[0] ^ names[1])} is in one graph only")
    for a, b in zip(before.roots, _roots(before, after), strict=True):
        if a.shape != b.shape or a.dtype is not b.dtype:
            raise ArgumentError(f"results differ in shape or dtype: {a!r} and {b!r}")
