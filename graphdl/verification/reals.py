"""The real number that a float of a graph stands for.

A proof is about real numbers, a graph holds floats: ``0.044715`` is written where that decimal is
meant, and ``0.7978845608028654`` where √(2/π) is. A float is read as the simplest of these that
rounds to it: a whole number, a short decimal, a small fraction, a root or logarithm of one, with π
where it needs it. Whatever is not recognised is its own exact value. Each float has one reading,
wherever it stands, so that a rule cannot be proved by reading its parts differently.
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np

Expression = Any
"""A SymPy expression; SymPy has no types."""

_DIGITS = {np.dtype(np.float64): 13, np.dtype(np.float32): 7}
_LARGEST = 10_000


def real(value: Any) -> Expression:
    """Return the exact number that a Python or NumPy number stands for.

    Examples
    --------
    >>> import math
    >>> real(0.1), real(math.sqrt(2 / math.pi)), real(math.log(10.0)), real(3)
    (1/10, sqrt(2)/sqrt(pi), log(10), 3)
    """
    import sympy as sp

    if isinstance(value, (bool, np.bool_, int, np.integer)):
        return sp.Integer(int(value))
    dtype = np.dtype(np.float32 if isinstance(value, np.float32) else np.float64)
    return _read(value.item() if isinstance(value, np.floating) else value, str(value), dtype)


@lru_cache(maxsize=4096)
def _read(value: float, written: str, dtype: np.dtype[Any]) -> Expression:
    import sympy as sp

    if not math.isfinite(value):
        return {math.inf: sp.oo, -math.inf: -sp.oo}.get(value, sp.nan)
    digits = written.split("e")[0].strip("-").replace(".", "").strip("0")
    if len(digits) < _DIGITS[dtype]:
        return sp.Rational(written)
    precision = float(np.finfo(dtype).eps)
    sign, size = (1 if value > 0 else -1), abs(value)
    for candidate in _candidates(sp, size, precision):
        if abs(float(candidate) - size) <= precision * size:
            return sign * candidate
    return sp.Rational(Fraction(value))


def _candidates(sp: Any, size: float, precision: float) -> list[Expression]:
    found = []
    for power in (0, 1, -1, 2, -2):
        square = _fraction(size * size * math.pi**power, precision)
        if square is not None:
            found.append(sp.sqrt(sp.Rational(square) / sp.pi**power))
    for inverse in (False, True):
        exponent = 1 / size if inverse else size
        base = _fraction(math.exp(exponent), precision) if exponent < math.log(_LARGEST) else None
        if base is not None and base != 1:
            found.append(1 / sp.log(sp.Rational(base)) if inverse else sp.log(sp.Rational(base)))
    return found


def _fraction(value: float, precision: float) -> Fraction | None:
    """Return the small fraction that a number is, up to rounding."""
    if not 1 / _LARGEST < value < _LARGEST:
        return None
    near = Fraction(value).limit_denominator(1000)
    return near if abs(float(near) - value) <= 8 * precision * value else None
