"""Intervals: what an instruction's result can be, given what its operands can be.

An interval stands for finite numbers; an infinite end means that there is no limit. None stands for
results that may be NaN or infinite. Sums, products and powers are taken not to overflow.
"""

from __future__ import annotations

import math
from collections.abc import Callable

Interval = tuple[float, float]
Bounds = Callable[..., Interval | None]
"""From the intervals of the operands to that of the result."""

ANY: Interval = (-math.inf, math.inf)
LARGEST = 80.0
"""The exponential of more may overflow; of this much it does not in float32."""


def anything(*operands: Interval) -> Interval:
    """Return no limits: the instruction is finite wherever its operands are."""
    return ANY


def within(low: float, high: float) -> Bounds:
    """Return the bounds of an instruction whose results are between two numbers."""
    return lambda *operands: (low, high)


def hull(*operands: Interval) -> Interval:
    """Return the smallest interval that holds all of some."""
    return min(low for low, _ in operands), max(high for _, high in operands)


def rising(
    function: Callable[[float], float],
    low: float = -math.inf,
    high: float = math.inf,
    *,
    open: bool = False,
) -> Bounds:
    """Return the bounds of a function that never falls, and is finite from low to high."""

    def bounds(x: Interval) -> Interval | None:
        if not _inside(x, low, high, open):
            return None
        first, last = (end if math.isinf(end) else function(end) for end in x)
        return first, last

    return bounds


def exponential(function: Callable[[float], float]) -> Bounds:
    """Return the bounds of a function that grows like the exponential, and soon overflows."""

    def bounds(x: Interval) -> Interval | None:
        return (function(x[0]), function(x[1])) if x[1] <= LARGEST else None

    return bounds


def dipping(depth: float) -> Bounds:
    """Return the bounds of x times a share that rises from 0 to 1: at least minus the depth."""
    return lambda x: (max(min(x[0], 0.0), -depth), max(x[1], 0.0))


def finite_within(low: float, high: float, *, open: bool = False) -> Bounds:
    """Return the bounds of an instruction that is finite where its last operand is in a range."""

    def bounds(*operands: Interval) -> Interval | None:
        return ANY if _inside(operands[-1], low, high, open) else None

    return bounds


def _inside(x: Interval, low: float, high: float, open: bool) -> bool:
    """Whether numbers lie in a range, its ends left out if it is open."""
    return low < x[0] and x[1] < high if open else low <= x[0] and x[1] <= high


def added(x: Interval, y: Interval) -> Interval:
    """Return the bounds of sums."""
    return x[0] + y[0], x[1] + y[1]


def subtracted(x: Interval, y: Interval) -> Interval:
    """Return the bounds of differences."""
    return x[0] - y[1], x[1] - y[0]


def negated(x: Interval) -> Interval:
    """Return the bounds of the numbers with the other sign."""
    return -x[1], -x[0]


def multiplied(x: Interval, y: Interval) -> Interval:
    """Return the bounds of products."""
    corners = [0.0 if 0 in (a, b) else a * b for a in x for b in y]
    return min(corners), max(corners)


def divided(x: Interval, y: Interval) -> Interval | None:
    """Return the bounds of quotients."""
    return None if y[0] <= 0 <= y[1] else multiplied(x, (1 / y[1], 1 / y[0]))


def remainder(x: Interval, y: Interval) -> Interval | None:
    """Return the bounds of a division with remainder, which is by anything but 0."""
    return None if y[0] <= 0 <= y[1] else ANY


def absolute(x: Interval) -> Interval:
    """Return the bounds of sizes."""
    low, high = sorted((abs(x[0]), abs(x[1])))
    return (0.0 if x[0] <= 0 <= x[1] else low), high


def lesser(x: Interval, y: Interval) -> Interval:
    """Return the bounds of the lesser of two."""
    return min(x[0], y[0]), min(x[1], y[1])


def greater(x: Interval, y: Interval) -> Interval:
    """Return the bounds of the greater of two."""
    return max(x[0], y[0]), max(x[1], y[1])


def power(x: Interval, y: Interval) -> Interval | None:
    """Return the bounds of powers: finite for a base that fits a constant exponent."""
    low, high = y
    fits = x[0] > 0 or (x[0] == 0 and low >= 0)
    return (0.0, math.inf) if low == high and fits else None


def of_order(n: Interval, x: Interval) -> Interval | None:
    """Return the bounds of derivatives of a whole order, right of the poles."""
    return ANY if n[0] == n[1] and n[0] >= 0 and n[0] % 1 == 0 and x[0] > 0 else None


def chosen(condition: Interval, x: Interval, y: Interval) -> Interval:
    """Return the bounds of one or the other."""
    return hull(x, y)


def same(x: Interval) -> Interval:
    """Return what it was given."""
    return x
