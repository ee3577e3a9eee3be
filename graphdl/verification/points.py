"""Two expressions at points of a region, to 50 digits: where no proof is found, and to refute."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphdl.verification.regions import Region, holds

Expression = Any

DIGITS = 50
_WORKING = 80
_TRIES = 8
"""Points that may miss the region, for each that is wanted."""
_ROUNDED = 1e-14
"""Relative difference that rounded constants may make: a rule holds ``a·b`` as one float."""
_NOTHING = 1e-307
"""Smaller than every normal float: a difference that no float can show."""
_SATURATED = 1e-30
"""The same far out, where a rule takes limits for values: softsign is 1 at 10¹⁸."""


@dataclass(frozen=True, eq=False)
class Agreement:
    """How two expressions compare.

    Attributes
    ----------
    points : int
        Where both had a value.
    digits : int
        To how many digits they agree at the worst of them.
    worst : tuple or None
        Point, expected and got value, where they disagree.
    """

    points: int
    digits: int
    worst: tuple[dict[Expression, Any], float, float] | None = None


def agreement(
    got: Expression,
    expected: Expression,
    region: Region,
    symbols: Sequence[Expression],
    count: int,
    *,
    far: bool = False,
) -> Agreement:
    """Compare two expressions at random points of a region, with 50 digits.

    ``far`` says that the region lies far from 0, where values have reached their limits.
    """
    import mpmath

    rng, nothing = random.Random(0), _SATURATED if far else _NOTHING
    first, second = (_function(e, symbols) for e in (got, expected))
    met, digits = 0, DIGITS
    with mpmath.workdps(_WORKING):
        for _ in range(_TRIES * count):
            if met == count:
                break
            point = region.point(symbols, rng)
            if not holds(region.signs, point):
                continue
            given = [mpmath.mpf(int(v.p)) / int(v.q) for v in point.values()]
            given = [given[list(point).index(s)] for s in symbols]
            pair = _finite(first, given), _finite(second, given)
            if pair[0] is None or pair[1] is None:
                continue
            met += 1
            a, b = pair
            difference, scale = abs(a - b), max(abs(a), abs(b))
            if difference <= scale * mpmath.mpf(10) ** -DIGITS or difference < nothing:
                continue
            digits = min(digits, int(-mpmath.log10(difference / scale)))
            if difference > _ROUNDED * scale:
                return Agreement(met, max(digits, 0), (point, float(b), float(a)))
    return Agreement(met, digits if met else 0)


def _finite(function: Callable[..., Any], given: Sequence[Any]) -> Any:
    """Return a real finite value, or None."""
    import mpmath

    try:
        value = mpmath.mpmathify(function(*given))
    except (ArithmeticError, ValueError, TypeError, NotImplementedError):
        return None
    if isinstance(value, mpmath.mpc):
        if abs(value.imag) > mpmath.mpf(10) ** -DIGITS * (1 + abs(value.real)):
            return None
        value = value.real
    return value if mpmath.isfinite(value) else None


def _function(expression: Expression, symbols: Sequence[Expression]) -> Callable[..., Any]:
    import sympy as sp

    found: Callable[..., Any] = sp.lambdify(symbols, expression, [rounding(), "mpmath"], cse=True)
    return found


def rounding() -> Mapping[str, Callable[..., Any]]:
    """Return the roundings that instructions have, for mpmath."""
    import mpmath

    return {
        "floor": mpmath.floor,
        "ceiling": mpmath.ceil,
        "trunc": lambda x: mpmath.sign(x) * mpmath.floor(abs(x)),
        "round": mpmath.nint,
    }
