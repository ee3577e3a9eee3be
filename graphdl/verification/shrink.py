"""The smallest counterexample: small sizes, few inputs that are not 0, small whole numbers.

A point is made simpler step by step, as long as the gradient stays wrong there and close by. (At a
single point it may differ by convention: on a kink.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import numpy as np

from graphdl.ir.complex_step import NotAnalyticError
from graphdl.ir.errors import GraphdlError
from graphdl.verification.comparison import Comparison
from graphdl.verification.directions import agreement, unit
from graphdl.verification.evidence import Counterexample
from graphdl.verification.methods import Arrays, Method, Point

_SIZES = (1, 2)
_MOST_TRIALS = 300
_WORK = 40_000
"""Nodes that all trials together may evaluate."""
_ASIDE = 2.0**-20
_MOST_ELEMENTS = 256
_MOST_BLOCKS = 16
_NUMBERS = (0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5)
Step = Callable[[Arrays], Arrays]
"""From a point to the arrays that would make it simpler; none if it is as simple."""

_REFUSALS = (GraphdlError, ValueError, ArithmeticError, LookupError, TypeError)


def smallest(
    comparison: Comparison, found: Counterexample, method: Method, seed: int
) -> Counterexample:
    """Return a counterexample that is as small as can be found in bounded time.

    Parameters
    ----------
    comparison : Comparison
        Where it was found.
    found : Counterexample
        At random values.
    method : Method
        How derivatives are measured.
    seed : int
        Where chance starts.
    """
    sizes: tuple[int, ...] = () if comparison.given else _SIZES
    if found.dims and found.dims != comparison.env:  # it is right at those that are tried first
        sizes = tuple(range(1, max(found.dims.values())))
    for size in sizes:
        env = dict.fromkeys(comparison.env, size)
        smaller = None if env == found.dims else _at_size(comparison, env, method, seed)
        if smaller is not None:
            return smaller
    return _Shrinking(comparison.resized(dict(found.dims)), method, seed).run(found)


def sharpened(
    comparison: Comparison, k: int, found: Counterexample, method: Method, seed: int
) -> Counterexample | None:
    """Return the counterexample at a single element of a variable that is wrong close by, too.

    What differs at the point alone, on a kink, does so by convention: there is none.
    """
    point, search = found.inputs | found.state, _Shrinking(comparison, method, seed)
    return search.element(k, point, found) or search.element(k, point, replace(found, index=None))


def _at_size(
    comparison: Comparison, env: dict[str, int], method: Method, seed: int
) -> Counterexample | None:
    """Look for a counterexample where all dims have other sizes."""
    try:
        other = comparison.resized(env)
        result = other.run(method, 2, np.random.default_rng(seed))
    except _REFUSALS:
        return None
    if result.counterexample is None:
        return None
    return _Shrinking(other, method, seed).run(result.counterexample)


class _Shrinking:
    """One search."""

    def __init__(self, comparison: Comparison, method: Method, seed: int) -> None:
        self.comparison, self.method = comparison, method
        self.rng = np.random.default_rng(seed)
        nodes = len(comparison.forward.nodes) + len(comparison.gradient.nodes)
        self.trials = min(_MOST_TRIALS, _WORK // nodes)
        leaves = (*comparison.all.inputs, *comparison.all.state)
        self.floats = {n.name for n in leaves if n.dtype.is_float} - comparison.given.keys()

    def run(self, found: Counterexample) -> Counterexample:
        """Return the simplest counterexample that is met; not one of several variables."""
        if found.variable not in self.comparison.names:
            return found
        k = self.comparison.names.index(found.variable)
        point: Arrays = {**found.inputs, **found.state}
        best = self.element(k, point, found)
        if best is None:
            return found
        index = best.index
        assert index is not None
        changed = True
        while changed:
            changed = False
            for simplify in self._steps(point):
                trial = point | simplify(point)
                if self.trials <= 0 or all(trial[n] is point[n] for n in point):
                    continue
                simpler = self._wrong(k, index, trial)
                if simpler is not None:
                    point, best, changed = trial, simpler, True
        return best

    def element(self, k: int, point: Arrays, found: Counterexample) -> Counterexample | None:
        """Return the counterexample at the first single element that is wrong."""
        shape = self.comparison.gradient_at(self._point(point), self.method)[f"d{k}"].shape
        places = [found.index] if found.index is not None else list(np.ndindex(*shape))
        for index in places[:_MOST_ELEMENTS]:
            if self.trials <= 0:
                break
            wrong = self._wrong(k, index, point)
            if wrong is not None:
                return wrong
        return None

    def _steps(self, point: Arrays) -> Iterator[Step]:
        """Yield ways to make a point simpler, the greatest first.

        Each is applied to the point as it is by then, and returns nothing if it changes nothing.
        """
        names = [n for n in point if n in self.floats and point[n].size]
        for name in names:
            yield partial(_zeros, name)
            yield partial(_ones, name)
        for name in names:
            yield partial(_whole, name)
            for block in _blocks(point[name].size):
                yield partial(_without, name, block)
        for name in names:
            for place in range(point[name].size if point[name].size <= _MOST_ELEMENTS else 0):
                for number in _NUMBERS:
                    yield partial(_with, name, place, number)

    def _point(self, values: Arrays) -> Point:
        comparison = self.comparison
        return comparison.at(
            {n.name: values[n.name] for n in comparison.all.inputs},
            {n.name: values[n.name] for n in comparison.all.state},
        )

    def _wrong(self, k: int, index: tuple[int, ...], values: Arrays) -> Counterexample | None:
        """Return a counterexample if the gradient is wrong at a point and close by."""
        found = self._compared(k, index, values)
        if found is None:
            return None
        aside = {
            n: v + _ASIDE * self.rng.standard_normal(v.shape) if n in self.floats else v
            for n, v in values.items()
        }
        near = self._compared(k, index, aside)
        if near is None:
            return None
        scale = max(abs(found.measured), abs(found.claimed), abs(near.measured), 1e-3)
        same = abs(found.measured - near.measured) + abs(found.claimed - near.claimed)
        return found if same < 1e-2 * scale else None

    def _compared(self, k: int, index: tuple[int, ...], values: Arrays) -> Counterexample | None:
        self.trials -= 1
        comparison, method = self.comparison, self.method
        try:
            point = self._point(values)
            gradient = comparison.gradient_at(point, method)[f"d{k}"]
            along = unit(gradient.shape, index)
            measured, error = method.measure(point, {comparison.wrt[k]: along})
            digits = agreement(gradient, along, measured, error)
        except (NotAnalyticError, *_REFUSALS):
            return None
        claimed = float(gradient[index])
        if digits >= method.needed or not np.isfinite(claimed):
            return None
        return Counterexample(
            comparison.names[k], index, float(measured), claimed, point.inputs, point.state,
            point.env,
        )  # fmt: skip


def _is_odd(value: np.ndarray) -> bool:
    """Whether an array has other numbers than small whole ones."""
    return not np.isin(value, _NUMBERS).all()


def _zeros(name: str, point: Arrays) -> Arrays:
    return {name: np.zeros(point[name].shape)} if point[name].any() else {}


def _ones(name: str, point: Arrays) -> Arrays:
    return {name: np.ones(point[name].shape)} if _is_odd(point[name]) else {}


def _whole(name: str, point: Arrays) -> Arrays:
    """Round, but away from 0."""
    value = point[name]
    rounded = np.where(np.rint(value) == 0, np.sign(value), np.rint(value))
    return {name: rounded} if _is_odd(value) else {}


def _blocks(size: int) -> Iterator[slice]:
    """Yield halves, quarters, ... of an array."""
    length = size
    while length > 1 and size // length < _MOST_BLOCKS:
        length = (length + 1) // 2
        yield from (slice(start, start + length) for start in range(0, size, length))


def _without(name: str, block: slice, point: Arrays) -> Arrays:
    flat = point[name].ravel().copy()
    if not flat[block].any():
        return {}
    flat[block] = 0.0
    return {name: flat.reshape(point[name].shape)}


def _with(name: str, place: int, number: float, point: Arrays) -> Arrays:
    """Set an element to a number, if that is simpler than what it is."""
    flat = point[name].ravel().copy()
    known = flat[place]
    if known in _NUMBERS and _NUMBERS.index(known) <= _NUMBERS.index(number):
        return {}
    flat[place] = number
    return {name: flat.reshape(point[name].shape)}
