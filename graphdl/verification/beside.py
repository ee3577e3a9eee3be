"""A gradient at hand beside the one that the chain rule builds from proved rules, in floats.

Nothing is measured, so nothing but rounding is between them: a factor of 1 + 1e-6 is seen in every
element, also where the measured derivative is too coarse for it. Where numbers are equal, the loss
is followed to both sides, to tell what is wrong from what is a convention.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Sequence

import numpy as np

from graphdl.ir import differences
from graphdl.ir.node import Node, topological
from graphdl.passes.expand import expand
from graphdl.verification.comparison import Comparison
from graphdl.verification.directions import Directions, unit
from graphdl.verification.evidence import Counterexample
from graphdl.verification.methods import METHODS, Method, Point
from graphdl.verification.sizes import REFUSED
from graphdl.verification.ties import numbers_to_tie

METHOD = "the chain rule's gradient in float64"
_NEEDED = {"float32": 6.8, "float64": 9.0}
"""Decimal digits; constants of float32 graphs, and what is computed of them, are rounded."""
_CANCELLED = 1e-6
"""Of the root mean square of a gradient: smaller elements may be what rounding left."""
_LEFT = 1e-9
"""Where numbers are equal, sums are often exactly 0: less than this is rounding."""
_MOST_PLACES = 16
_STEP, _ASIDE = 2.0**-20, 1e-2
"""How far a loss is followed to both sides, and how far its slope may be off for that."""


def difference(
    comparison: Comparison, built: Sequence[Node], points: int, seed: int
) -> Counterexample | None:
    """Return the first element in which a gradient differs from what the chain rule builds.

    Parameters
    ----------
    comparison : Comparison
        The gradient at hand.
    built : sequence of Node
        As it should be.
    points, seed : int
        Number of random points, and where chance starts.
    """
    other = comparison.with_gradient(built)
    needed = _needed(comparison, built)
    rng = np.random.default_rng(seed)
    for _ in range(points):
        point = comparison.random(rng)
        got, expected = (c.gradient_at(point, METHODS[0]) for c in (comparison, other))
        for k, name in enumerate(comparison.names):
            for at in _different(got[f"d{k}"], expected[f"d{k}"], needed)[:1]:
                pair = float(expected[f"d{k}"][at]), float(got[f"d{k}"][at])
                return Counterexample(name, at, *pair, point.inputs, point.state, point.env)
    return None


def difference_at_ties(
    comparison: Comparison, built: Sequence[Node], seed: int
) -> Counterexample | None:
    """Return an element that differs where numbers are equal, though the loss has no kink there.

    On a kink a derivative is a convention: there a gradient may differ from that of the chain rule.
    """
    other, rng = comparison.with_gradient(built), np.random.default_rng(seed)
    for number in numbers_to_tie(expand(comparison.all)):
        with contextlib.suppress(*REFUSED):
            point = comparison.edge((number,), 0.0, rng)
            found = _difference_on_slopes(comparison, other, built, point)
            if found is not None:
                return found
    return None


def _difference_on_slopes(
    comparison: Comparison, other: Comparison, built: Sequence[Node], point: Point
) -> Counterexample | None:
    needed = _needed(comparison, built)
    got, expected = (c.gradient_at(point, METHODS[0]) for c in (comparison, other))
    for k, name in enumerate(comparison.names):
        for at in _different(got[f"d{k}"], expected[f"d{k}"], needed)[:_MOST_PLACES]:
            right, wrong = float(expected[f"d{k}"][at]), float(got[f"d{k}"][at])
            apart = abs(wrong - right) if math.isfinite(wrong) else math.inf
            if apart > _LEFT and _has_slope(comparison, point, k, at, right, apart):
                return Counterexample(name, at, right, wrong, point.inputs, point.state, point.env)
    return None


def _has_slope(
    comparison: Comparison, point: Point, k: int, at: tuple[int, ...], slope: float, apart: float
) -> bool:
    """Whether the loss has that slope on both sides, as far as it matters."""
    variable = comparison.wrt[k]
    if variable not in point.values:
        return False  # it is computed
    step = _STEP * unit(point.values[variable].shape, at)
    below, here, above = (
        differences.value(
            point.loss, {**point.values, variable: point.values[variable] + moved}, point.env
        )
        for moved in (-step, 0.0, step)
    )
    sides = (here - below) / _STEP, (above - here) / _STEP
    return all(abs(side - slope) < _ASIDE * apart for side in sides)


def as_method(comparison: Comparison, built: Sequence[Node]) -> Method:
    """Return what the chain rule builds as a way to measure the derivatives of a loss."""
    other = comparison.with_gradient(built)

    def measure(point: Point, directions: Directions) -> tuple[float, float]:
        found = other.resized(point.env).gradient_at(point, METHODS[0])
        parts = (found[f"d{k}"] * directions[v] for k, v in enumerate(other.wrt) if v in directions)
        return float(sum(np.sum(p) for p in parts)), 0.0

    return Method(METHOD, measure, _needed(comparison, built), METHOD)


def _needed(comparison: Comparison, built: Sequence[Node]) -> float:
    dtypes = {n.dtype.name for n in topological([*comparison.built, *built]) if n.dtype.is_float}
    return _NEEDED["float64" if dtypes == {"float64"} else "float32"]


def _different(got: np.ndarray, expected: np.ndarray, needed: float) -> list[tuple[int, ...]]:
    """Return the places of elements that agree to too few digits, the worst first."""
    if not got.size or not np.isfinite(expected).all():
        return []
    scale = np.maximum(np.abs(expected), _CANCELLED * np.sqrt(np.mean(expected**2)))
    apart = np.nan_to_num(np.abs(got - expected), nan=np.inf)
    error = np.divide(apart, scale, out=np.where(apart > 0, np.inf, 0.0), where=scale > 0)
    order = np.argsort(-error, axis=None, kind="stable")
    places = order[error.ravel()[order] > 10.0**-needed]
    return [tuple(int(i) for i in np.unravel_index(p, got.shape)) for p in places]
