"""A gradient at hand beside the one that the chain rule builds from proved rules, in floats.

Nothing is measured, so nothing but rounding is between them: a factor of 1 + 1e-6 is seen in every
element, also where the measured derivative is too coarse for it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from graphdl.ir.node import Node, topological
from graphdl.verification.comparison import Comparison
from graphdl.verification.directions import Directions
from graphdl.verification.evidence import Counterexample
from graphdl.verification.methods import METHODS, Method, Point

METHOD = "the chain rule's gradient in float64"
_NEEDED = {"float32": 6.8, "float64": 9.0}
"""Decimal digits; constants of float32 graphs, and what is computed of them, are rounded."""
_CANCELLED = 1e-6
"""Of the root mean square of a gradient: smaller elements may be what rounding left."""


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
            at = _worst(got[f"d{k}"], expected[f"d{k}"], needed)
            if at is not None:
                pair = float(expected[f"d{k}"][at]), float(got[f"d{k}"][at])
                return Counterexample(name, at, *pair, point.inputs, point.state, point.env)
    return None


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


def _worst(got: np.ndarray, expected: np.ndarray, needed: float) -> tuple[int, ...] | None:
    """Return the place of the worst element, if it agrees to too few digits."""
    if not got.size or not np.isfinite(expected).all():
        return None
    scale = np.maximum(np.abs(expected), _CANCELLED * np.sqrt(np.mean(expected**2)))
    apart = np.nan_to_num(np.abs(got - expected), nan=np.inf)
    error = np.divide(apart, scale, out=np.where(apart > 0, np.inf, 0.0), where=scale > 0)
    at = np.unravel_index(int(np.argmax(error)), got.shape)
    return tuple(int(i) for i in at) if error[at] > 10.0**-needed else None
