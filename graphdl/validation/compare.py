"""When results differ: not by rounding, of which a second precision tells how much there is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from graphdl.validation.points import Point, Results

_SINGLE = float(np.finfo(np.float32).eps)


@dataclass(frozen=True)
class Tolerance:
    """What may differ.

    Attributes
    ----------
    of_scale, of_spread : float
        Shares of the largest element, and of the difference between precisions.
    strict : bool
        Whether NaN and infinities must stay.
    signs : bool
        Whether zeros must keep their signs.
    """

    of_scale: float
    of_spread: float
    strict: bool
    signs: bool = False


EXACT = Tolerance(4 * _SINGLE, 4, strict=True)
"""For passes that change nothing but the order of sums, in float64; folding rounds to float32."""
EXACT_NARROW = Tolerance(256 * _SINGLE, 16, strict=True)
"""The same in the dtypes of the graph."""
EXACT_SIGNED = Tolerance(256 * _SINGLE, 16, strict=True, signs=True)
"""Where nothing is summed."""
FORMULAS = Tolerance(1e-6, 64, strict=False)
"""For other formulas, in float64: they may cancel less, or overflow later."""
CODE = Tolerance(256 * _SINGLE, 16, strict=True)
"""For compiled code."""


@dataclass(frozen=True, eq=False)
class Problem:
    """A result that differs.

    Attributes
    ----------
    point : Point
        Where.
    name : str
        The result.
    text : str
        How.
    """

    point: Point
    name: str
    text: str


def problem(
    point: Point, before: Results, after: Results | str, other: Results, tolerance: Tolerance
) -> Problem | None:
    """Return the first result that differs.

    Parameters
    ----------
    point : Point
        Where both were evaluated.
    before, after : Results
        What is compared; a text if there is no value afterwards.
    other : Results
        As before, in the other precision.
    tolerance : Tolerance
        What may differ.
    """
    if isinstance(after, str):
        return Problem(point, "", f"it cannot be evaluated any more: {after}")
    for name, expected in before.items():
        got = after.get(name)
        if got is None:
            # An update that is gone leaves state as it is.
            got = point.arrays[name.removeprefix("new ")].astype(expected.dtype)
        if got.shape != expected.shape:
            return Problem(point, name, f"{name} has shape {expected.shape}, then {got.shape}")
        wrong = differing(expected, got, other[name], tolerance)
        if wrong.any():
            at = tuple(int(i) for i in np.argwhere(wrong)[0])
            shown = f"{name}{list(at) if at else ''}"
            pair = f"{number(expected[at])} before, {number(got[at])} after"
            return Problem(point, name, f"{shown} is {pair}")
    return None


def differing(
    expected: np.ndarray, got: np.ndarray, other: np.ndarray, tolerance: Tolerance
) -> np.ndarray:
    """Return which elements differ by more than rounding does."""
    if expected.dtype.kind != "f":
        # What rounding decides (a comparison, a position) may go either way.
        return np.asarray((expected != got) & (expected == other))
    with np.errstate(all="ignore"):
        a, b, c = (np.asarray(x, np.float64) for x in (expected, got, other))
        finite = np.isfinite(a) & np.isfinite(c)
        scale = max(float(np.abs(a[finite]).max(initial=0.0)), 1e-2)
        spread = float(np.abs(a - c)[finite].max(initial=0.0))
        allowed = tolerance.of_scale * scale + tolerance.of_spread * spread
        wrong = finite & ~(np.abs(a - b) <= allowed)
        if tolerance.strict:
            sure = ~np.isfinite(a) & (_same(a, c))
            wrong |= sure & ~_same(a, b)
        if tolerance.signs:
            zeros = (a == 0) & (b == 0) & (c == 0)
            wrong |= zeros & (np.signbit(a) == np.signbit(c)) & (np.signbit(a) != np.signbit(b))
    return np.asarray(wrong)


def _same(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.asarray((a == b) | (np.isnan(a) & np.isnan(b)))


def number(value: Any) -> str:
    """Return an element for a message."""
    return f"{value:.9g}" if isinstance(value, (float, np.floating)) else str(value)
