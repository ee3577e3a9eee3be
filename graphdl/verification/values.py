"""How well two arrays agree, and what rounding may do to them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphdl.ir.dim_text import shape_text

Array = np.ndarray

SMALLEST_SCALE = 1e-3
"""Errors are relative to no less than this: what is 0 but for rounding has no right digit."""

DIGITS = {"float32": 6.5, "float64": 10.0}
"""Of agreement in double precision. A float32 graph holds its constants in float32."""

ROUNDING = {"float32": 256 * 2.0**-24, "float64": 1e-11}
"""What other orders of summation may do to a value, relative to its size."""


@dataclass(frozen=True, slots=True)
class Difference:
    """The worst element of an array that does not agree.

    Attributes
    ----------
    index : str
        ``"[2, 0]"``, or empty for a scalar.
    expected, got : object
        Its values; dtypes and shapes if these differ.
    digits : float
        To which it agrees.
    """

    index: str
    expected: Any
    got: Any
    digits: float


@dataclass(frozen=True, slots=True)
class Expected:
    """What a value should be.

    Attributes
    ----------
    double : ndarray
        Computed with all floats in float64.
    single : ndarray, optional
        Computed in the dtypes of the graph: how far that is from ``double`` tells what rounding
        does to this value.
    digits : float, optional
        Digits that must agree, instead of what follows from the dtype.
    """

    double: Array
    single: Array | None = None
    digits: float | None = None

    def compare(self, got: Array, dtype: str) -> tuple[float, Difference | None]:
        """Return the digits to which a value agrees, and the worst element if that is too few.

        Infinities and NaN must be where they are expected. Where single and double precision
        differ in them (an overflow), anything may be.
        """
        if got.shape != self.double.shape:
            shapes = (shape_text(self.double.shape), shape_text(got.shape))
            return 0.0, Difference("", f"shape {shapes[0]}", f"shape {shapes[1]}", 0.0)
        if not got.size:
            return math.inf, None
        if self.double.dtype.kind != "f":
            return self._exact(got)
        wanted = self.double.astype(np.float64)
        single = wanted if self.single is None else self.single.astype(np.float64)
        value = got.astype(np.float64)
        finite = np.isfinite(wanted)
        with np.errstate(all="ignore"):
            size = math.sqrt(float(np.mean(np.square(wanted[finite])))) if finite.any() else 0.0
            scale = np.maximum(np.abs(wanted), max(size, SMALLEST_SCALE))
            error = np.minimum(np.abs(value - wanted), np.abs(value - single))
            spread = np.abs(single - wanted)[finite & np.isfinite(single)].max(initial=0.0)
            allowed = self._allowed(dtype, scale, float(spread))
        told = _same_class(single, wanted)  # elsewhere one precision has overflown
        wrong = told & np.where(finite, ~(error <= allowed), ~_same_class(value, wanted))
        digits = np.where(wrong | (finite & told), _digits(error, scale), np.inf)
        if not wrong.any():
            return float(digits.min()), None
        place = int(np.argmin(np.where(wrong, digits, np.inf)))
        found = _difference(place, self.double, got, float(digits.ravel()[place]))
        return found.digits, found

    def _allowed(self, dtype: str, scale: Array, spread: float) -> Array:
        """Return the error that is let through, element by element."""
        if self.digits is not None:
            return np.asarray(10.0**-self.digits * scale)
        if self.single is None:
            return np.asarray(10.0 ** -DIGITS[dtype] * scale)
        return np.asarray(ROUNDING[dtype] * scale + 16 * spread)

    def _exact(self, got: Array) -> tuple[float, Difference | None]:
        """Compare integers: a rounded one may be that of either precision."""
        single = self.double if self.single is None else self.single
        wrong = ~((got == self.double) | (got == single))
        if not wrong.any():
            return math.inf, None
        return 0.0, _difference(int(np.argmax(wrong)), single, got, 0.0)


def _difference(place: int, expected: Array, got: Array, digits: float) -> Difference:
    index = [int(i) for i in np.unravel_index(place, got.shape)]
    pair = expected.ravel()[place].item(), got.ravel()[place].item()
    return Difference(str(index) if index else "", *pair, digits)


def _digits(error: Array, scale: Array) -> Array:
    with np.errstate(all="ignore"):
        found = -np.log10(error / scale)
    return np.asarray(np.nan_to_num(np.clip(found, 0.0, 16.0), nan=0.0))


def agreement(expected: float, got: float) -> float:
    """Return the digits to which two numbers agree.

    Examples
    --------
    >>> round(agreement(2.0, 2.002), 6)
    3.0
    """
    scale = np.asarray(max(abs(expected), SMALLEST_SCALE))
    return float(_digits(np.asarray(abs(got - expected)), scale))


def _same_class(a: Array, b: Array) -> Array:
    """Return where both are finite, both NaN, or the same infinity."""
    finite = np.isfinite(a) & np.isfinite(b)
    return np.asarray(finite | (np.isnan(a) & np.isnan(b)) | (a == b))
