"""Two graphs beside each other: at random points and edges, and on symbols."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from typing import Any

import numpy as np

from graphdl.ir import interpreter
from graphdl.ir.complex_step import NotAnalyticError
from graphdl.ir.graph import Graph, static_shape
from graphdl.ir.node import Node
from graphdl.ir.sampling import given_dims, random_inputs, random_state, small_dims
from graphdl.passes.expand import expand
from graphdl.verification import evaluator, precise
from graphdl.verification.evaluator import UnsupportedError, Values
from graphdl.verification.limits import time_limit
from graphdl.verification.pairs import FAILURES
from graphdl.verification.regions import OutsideDomainError, explore
from graphdl.verification.sizes import larger, small
from graphdl.verification.symbolic import Symbolic, symbols_of
from graphdl.verification.ties import numbers_to_tie
from graphdl.verification.zero import is_zero

_SECONDS = 60.0
"""Beyond this nothing more is tried; what the counts let through takes a fraction."""
_REGIONS = 64
_MOST_OPERATIONS = 400
_WORK = 4000
"""Terms of all results, in all regions."""
_EDGES = (0.0, 1.0, 50.0)
NEEDED = 6.0
"""Decimal digits: constants of float32 graphs are rounded."""

Results = list[np.ndarray]
Arrays = dict[str, np.ndarray]


class Difference(Exception):
    """Two results differ."""

    def __init__(self, text: str, name: str, expected: float, got: float, digits: float) -> None:
        super().__init__(text)
        self.name, self.expected, self.got, self.digits = name, expected, got, digits


class Pair:
    """Two lists of results under the same names."""

    def __init__(
        self,
        names: Sequence[str],
        first: Sequence[Node],
        second: Sequence[Node],
        given: Mapping[str, Any],
        dims: Mapping[str, int],
    ) -> None:
        named = {f"a{k}": n for k, n in enumerate(first)} | {
            f"b{k}": n for k, n in enumerate(second)
        }
        self.names, self.given = list(names), given
        self.graph = expand(Graph(named))
        self.env = {**small_dims(self.graph, given), **dims}
        self.free = self.env.keys() - dims.keys() - given_dims(self.graph, given).keys()
        self.leaves = (*self.graph.inputs, *self.graph.state)

    @property
    def roots(self) -> list[Node]:
        """Results of the first, then those of the second."""
        return list(self.graph.outputs.values())

    def larger(self) -> Iterator[Pair]:
        """Yield the same at larger sizes of the dims that nobody has fixed."""
        for env in larger(self.roots, self.env, self.free):
            made = copy(self)
            made.env = env
            yield made

    def _halves(self, results: Results) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
        count = len(self.names)
        yield from zip(self.names, results[:count], results[count:], strict=True)

    def points(self, count: int, seed: int) -> Iterator[Arrays]:
        """Yield random points."""
        rng = np.random.default_rng(seed)
        for k in range(count):
            positive = k % 2 == 1
            drawn = random_inputs(self.graph, rng, self.env, positive=positive, double=True)
            drawn.update({k: np.asarray(v) for k, v in self.given.items()})
            yield {**drawn, **random_state(self.graph, rng, positive=positive)}

    def edges(self, seed: int) -> Iterator[Arrays]:
        """Yield points whose floats are all 0, all 1, all large."""
        return self._filled(_EDGES, seed)

    def ties(self, seed: int) -> Iterator[Arrays]:
        """Yield points whose floats are all a number with which something is compared, perhaps."""
        return self._filled(numbers_to_tie(self.graph), seed)

    def _filled(self, numbers: Sequence[float], seed: int) -> Iterator[Arrays]:
        for number in numbers:
            (point,) = self.points(1, seed)
            for leaf in self.leaves:
                if leaf.dtype.is_float and leaf.name not in self.given:
                    point[leaf.name] = np.full(point[leaf.name].shape, number)
            yield point

    def digits(self, point: Arrays, *, exactly: bool, finite: bool = False) -> float:
        """Return the digits to which all results agree at a point.

        Parameters
        ----------
        point : mapping of str to ndarray
            Inputs and state.
        exactly : bool
            Whether 50 digits are computed.
        finite : bool
            Whether only those elements count that are finite in the first.

        Raises
        ------
        Difference
            If they are too few.
        NotAnalyticError
            If there is no value with 50 digits.
        """
        values: Values = {}
        for leaf in self.leaves:
            dtype = np.float64 if leaf.dtype.is_float else leaf.dtype.numpy
            values[leaf] = np.asarray(point[leaf.name]).astype(dtype)
        if exactly:
            found = list(precise.outputs(self.graph, values, self.env).values())
        else:
            interpreter.run(self.roots, values, self.env, double=True)
            found = [values[r] for r in self.roots]
        least = math.inf
        for name, a, b in self._halves(found):
            b = np.where(np.isfinite(a), b, a) if finite else b
            digits = agreement(a, b)
            least = min(least, digits)
            if digits < NEEDED:
                where, expected, got = _worst(a, b)
                text = f"{name}{where}: {expected:.12g} before, {got:.12g} after"
                raise Difference(text, name, expected, got, digits)
        return least

    def is_proved(self) -> bool:
        """Whether all results are equal on symbols, at small sizes."""
        if any(not n.dtype.is_float for n in self.leaves):
            return False  # one choice of integers is no proof for all
        try:
            with time_limit(_SECONDS):
                return all(self._is_proved_at(env) for env in small(self.graph.dims))
        except (*FAILURES, NotAnalyticError, LookupError):
            return False

    def _is_proved_at(self, env: Mapping[str, int]) -> bool:
        if precise.operations(self.roots, env) > _MOST_OPERATIONS:
            return False
        work = _WORK
        for region in explore(_REGIONS):
            algebra = Symbolic(region)
            values: Values = {
                n: symbols_of(n.name, static_shape(n.shape, env)) for n in self.leaves
            }
            try:
                evaluator.run(self.roots, values, env, algebra)
            except OutsideDomainError:
                continue
            for _, a, b in self._halves([values[r] for r in self.roots]):
                for left, right in zip(a.ravel(), b.ravel(), strict=True):
                    work -= algebra.size(left) + algebra.size(right)
                    if work < 0:
                        raise UnsupportedError("too large for symbols")
                    difference = algebra.opened(left - right)
                    if difference != 0 and not is_zero(difference, region):
                        return False
        return True


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


def _worst(a: np.ndarray, b: np.ndarray) -> tuple[str, float, float]:
    """Return where two arrays differ most, and their values there."""
    first, second = (np.asarray(x, dtype=float) for x in (a, b))
    same = (first == second) | (np.isnan(first) & np.isnan(second))
    with np.errstate(all="ignore"):
        apart = np.where(same, 0.0, np.nan_to_num(np.abs(first - second), nan=np.inf))
    at = tuple(int(i) for i in np.unravel_index(int(np.argmax(apart)), apart.shape))
    return str(list(at)) if at else "", float(first[at]), float(second[at])
