"""The error function and the gamma function's logarithm with its derivatives.

The oracle of the latter is mpmath: slow, right to the last digit, independent of emitted code.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from graphdl.ir.instructions import bounds
from graphdl.ir.instructions.table import row

Array = np.ndarray
_BITS = 113
"""Twice as many as a float64 has: what cancels below 0 is still there."""


def _each(function: Callable[..., float]) -> Callable[..., Any]:
    """Return a function of floats as one of arrays, in the dtype of its last operand."""
    mapped = np.vectorize(function, otypes=[np.float64])
    return lambda *operands: mapped(*operands).astype(np.result_type(*operands))


def _lgamma(x: float) -> float:
    import mpmath

    if math.isinf(x) or (x <= 0 and x == math.floor(x)):
        return math.inf
    with mpmath.workprec(_BITS):
        return float(mpmath.re(mpmath.loggamma(x)))


def _polygamma(n: float, x: float) -> float:
    import mpmath

    if math.isnan(x) or not (0 <= n <= 100 and n == math.floor(n)) or x == -math.inf:
        return math.nan
    if x == math.inf:
        return math.inf if n == 0 else 0.0
    if x <= 0 and x == math.floor(x):
        if n % 2:
            return math.inf
        return -math.copysign(math.inf, x) if x == 0 else math.nan
    with mpmath.workprec(_BITS):
        return float(mpmath.psi(int(n), x))


def _digamma(x: float) -> float:
    return _polygamma(0, x)


def _moved(value: Callable[..., Any], slope: Callable[..., Any]) -> Callable[..., Any]:
    """Return the continuation of a function of the last operand by its known derivative."""

    def continued(*operands: Array) -> Array:
        at = [np.real(o) for o in operands]
        return np.asarray(value(*at) + 1j * slope(*at) * np.imag(operands[-1]))

    return continued


def _bell(x: Array) -> Array:
    return np.asarray(2 / math.sqrt(math.pi) * np.exp(-x * x))


_ERF, _ERFC = _each(math.erf), _each(math.erfc)
_LGAMMA, _DIGAMMA, _POLYGAMMA = _each(_lgamma), _each(_digamma), _each(_polygamma)

row(
    "erf",
    1,
    evaluate=_ERF,
    continued=_moved(_ERF, _bell),
    numpy="_erf",
    sympy=lambda sp, a: sp.erf(a),
    bounds=bounds.within(-1, 1),
    cost=12,
)
row(
    "erfc",
    1,
    evaluate=_ERFC,
    continued=_moved(_ERFC, lambda x: -_bell(x)),
    numpy="_erfc",
    sympy=lambda sp, a: sp.erfc(a),
    bounds=bounds.within(0, 2),
    cost=30,
)
row(
    "lgamma",
    1,
    evaluate=_LGAMMA,
    continued=_moved(_LGAMMA, _DIGAMMA),
    numpy="_lgamma",
    latex=r"\log\left|\Gamma\left({0}\right)\right|",
    sympy=lambda sp, a: sp.loggamma(a),
    bounds=bounds.finite_within(0, math.inf, open=True),
    cost=60,
)
row(
    "digamma",
    1,
    evaluate=_DIGAMMA,
    continued=_moved(_DIGAMMA, lambda x: _POLYGAMMA(1.0, x)),
    numpy="_digamma",
    latex=r"\psi\left({0}\right)",
    sympy=lambda sp, a: sp.digamma(a),
    bounds=bounds.finite_within(0, math.inf, open=True),
    cost=60,
)
row(
    "polygamma",
    2,
    evaluate=_POLYGAMMA,
    continued=_moved(_POLYGAMMA, lambda n, x: _POLYGAMMA(n + 1, x)),
    numpy="_polygamma",
    latex=r"\psi^{{({0})}}\left({1}\right)",
    sympy=lambda sp, n, a: sp.polygamma(n, a),
    bounds=bounds.of_order,
    cost=150,
)
