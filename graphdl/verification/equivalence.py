"""gd.verify_pass: two graphs that must mean the same.

Tried in this order: their structure; a proof on symbols, at small sizes; 50 digits; float64. The
last two compare at random points, so that they check and do not prove.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphdl.ir import interpreter
from graphdl.ir.complex_step import NotAnalyticError
from graphdl.ir.errors import ArgumentError
from graphdl.ir.graph import Graph, intern, static_shape
from graphdl.ir.node import Node
from graphdl.ir.sampling import random_inputs, random_state, small_dims
from graphdl.passes.expand import expand
from graphdl.verification import evaluator, precise
from graphdl.verification.evaluator import UnsupportedError, Values
from graphdl.verification.limits import time_limit
from graphdl.verification.regions import OutsideDomainError, explore
from graphdl.verification.rules import symbols_of
from graphdl.verification.symbolic import Symbolic
from graphdl.verification.zero import is_zero

_SECONDS = 10.0
_REGIONS = 64
_MOST_OPERATIONS = 1500
_SIZES = (2, 1, 3)
_NEEDED = 6.0


@dataclass(frozen=True, slots=True)
class Equivalence:
    """Whether two graphs mean the same.

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
        Where.
    """

    verdict: str
    method: str
    digits: float = math.inf
    points: int = 0
    counterexample: str = ""
    inputs: Mapping[str, np.ndarray] | None = None

    def __bool__(self) -> bool:
        return self.verdict != "refuted"

    def __str__(self) -> str:
        if self.verdict == "proved":
            return f"proved: both graphs mean the same ({self.method})"
        if self.verdict == "checked":
            return f"checked to {self.digits:.1f} digits at {self.points} points ({self.method})"
        return f"refuted: {self.counterexample} ({self.method})"


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
        Its ``verdict`` is ``"proved"`` (over the real numbers, by structure or at sizes 1 to 3),
        ``"checked"`` or ``"refuted"``.

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
        return Equivalence("proved", "same structure")
    comparison = _Pair(expand(before), expand(after), dict(inputs or {}), dict(dims or {}))
    found = comparison.compared(points, seed, _floats)
    if found and comparison.is_proved():
        return Equivalence("proved", f"by SymPy, dims {_SIZES[0]} and {_SIZES[1]}")
    if found and precise.is_affordable([*before.roots, *after.roots], comparison.env):
        try:
            return comparison.compared(points, seed, _precise)
        except NotAnalyticError:
            return found
    return found


def _roots(before: Graph, after: Graph) -> list[Node]:
    """Return the results of the second graph in the order of the first."""
    updates = {s.name: v for s, v in after.updates.items()}
    return [*(after.outputs[k] for k in before.outputs), *(updates[s.name] for s in before.updates)]


def _check(before: Graph, after: Graph) -> None:
    names = [{*g.outputs, *(f"update of {s.name}" for s in g.updates)} for g in (before, after)]
    if names[0] != names[1]:
        raise ArgumentError(f"results differ: {sorted(names[0] ^ names[1])} is in one graph only")
    for a, b in zip(before.roots, _roots(before, after), strict=True):
        if a.shape != b.shape or a.dtype is not b.dtype:
            raise ArgumentError(f"results differ in shape or dtype: {a!r} and {b!r}")


Results = list[np.ndarray]


def _floats(graph: Graph, roots: Sequence[Node], values: Values, env: Mapping[str, int]) -> Results:
    found = dict(values)
    interpreter.run(roots, found, env, double=True)
    return [found[r] for r in roots]


def _precise(
    graph: Graph, roots: Sequence[Node], values: Values, env: Mapping[str, int]
) -> Results:
    named = Graph({f"r{k}": r for k, r in enumerate(roots)})
    found = precise.outputs(named, values, env)
    return [found[f"r{k}"] for k in range(len(roots))]


class _Pair:
    """Two graphs without composites."""

    def __init__(
        self, before: Graph, after: Graph, given: dict[str, Any], dims: dict[str, int]
    ) -> None:
        self.graphs = before, after
        self.roots = list(before.roots), _roots(before, after)
        self.names = [*before.outputs, *(f"update of {s.name}" for s in before.updates)]
        self.given = given
        self.env = {**small_dims(after), **small_dims(before, given), **dims}

    def _values(self, graph: Graph, point: Mapping[str, Any]) -> Values:
        leaves = [n for n in (*graph.inputs, *graph.state) if n.name in point]
        wide = {n: np.float64 if n.dtype.is_float else n.dtype.numpy for n in leaves}
        return {n: np.asarray(point[n.name]).astype(wide[n]) for n in leaves}

    def compared(self, points: int, seed: int, evaluate: Any) -> Equivalence:
        """Evaluate both at random points."""
        rng, digits = np.random.default_rng(seed), math.inf
        method = "mpmath with 50 digits" if evaluate is _precise else "float64"
        for count in range(points):
            positive = count % 2 == 1
            point = {
                **random_inputs(self.graphs[0], rng, self.env, positive=positive, double=True),
                **self.given,
                **random_state(self.graphs[0], rng),
            }
            first, second = (
                evaluate(g, r, self._values(g, point), self.env)
                for g, r in zip(self.graphs, self.roots, strict=True)
            )
            for name, a, b in zip(self.names, first, second, strict=True):
                digits = min(digits, agreement(a, b))
                if digits < _NEEDED:
                    shown = _difference(a, b)
                    return Equivalence(
                        "refuted", method, digits, count + 1, f"{name}{shown}", point
                    )
        return Equivalence("checked", method, min(digits, 50.0), points)

    def is_proved(self) -> bool:
        """Whether all results are equal on symbols, at small sizes."""
        try:
            with time_limit(_SECONDS):
                return all(self._is_proved_at(size) for size in _SIZES[:2])
        except (TimeoutError, RecursionError, UnsupportedError, NotAnalyticError):
            return False

    def _is_proved_at(self, size: int) -> bool:
        env = dict.fromkeys(self.env, size)
        both = [*self.roots[0], *self.roots[1]]
        if precise.operations(both, env) > _MOST_OPERATIONS:
            return False
        drawn = random_inputs(self.graphs[0], np.random.default_rng(0), env, double=True)
        drawn.update(random_state(self.graphs[0], np.random.default_rng(0)))
        if any(not n.dtype.is_float for g in self.graphs for n in (*g.inputs, *g.state)):
            return False  # one choice of integers is no proof for all
        for region in explore(_REGIONS):
            try:
                results = [self._symbolic(k, drawn, env, Symbolic(region)) for k in (0, 1)]
            except OutsideDomainError:
                continue
            for a, b in zip(*results, strict=True):
                for left, right in zip(a.ravel(), b.ravel(), strict=True):
                    same = left == right or is_zero(left - right, region)
                    if not same:
                        return False
        return True

    def _symbolic(
        self, which: int, drawn: Mapping[str, Any], env: Mapping[str, int], algebra: Symbolic
    ) -> Results:
        graph, roots = self.graphs[which], self.roots[which]
        values: Values = {}
        for node in (*graph.inputs, *graph.state):
            values[node] = symbols_of(node.name, static_shape(node.shape, env))
        evaluator.run(roots, values, env, algebra)
        return [np.vectorize(algebra.opened, otypes=[object])(values[r]) for r in roots]


def agreement(a: np.ndarray, b: np.ndarray) -> float:
    """Return the decimal digits to which arrays agree; NaN and inf must be in the same places."""
    if a.dtype == object or b.dtype == object:
        pairs = zip(a.ravel(), b.ravel(), strict=True)
        return min((_digits(abs(x - y), max(abs(x), abs(y))) for x, y in pairs), default=math.inf)
    if a.dtype.kind != "f":
        return math.inf if np.array_equal(a, b) else 0.0
    finite = np.isfinite(a)
    if (
        not np.array_equal(a[~finite], b[~finite], equal_nan=True)
        or not np.isfinite(b[finite]).all()
    ):
        return 0.0
    if not finite.any():
        return math.inf
    return _digits(np.max(np.abs(a - b)[finite]), np.max(np.abs(a[finite])))


def _digits(difference: Any, scale: Any) -> float:
    import mpmath

    if difference == 0 or difference < 1e-300:
        return math.inf
    return max(0.0, float(-mpmath.log10(difference / max(scale, 1e-6))))


def _difference(a: np.ndarray, b: np.ndarray) -> str:
    """Return where two arrays differ most, and how."""
    first, second = (np.asarray(x, dtype=float) for x in (a, b))
    with np.errstate(all="ignore"):
        apart = np.nan_to_num(np.abs(first - second), nan=np.inf)
    at = tuple(int(i) for i in np.unravel_index(int(np.argmax(apart)), apart.shape))
    where = str(list(at)) if at else ""
    return f"{where}: {first[at]:.12g} before, {second[at]:.12g} after"
