"""Bounds of sizes: what a polynomial in dims can be at most, and at least.

Dims run from 0 to their maximum, or to infinity where there is none.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from graphdl.ir.dims import Atom, FloorDiv, Monomial, Size, evaluate, symbol, terms_of


def upper_bound(size: Size, maxima: Mapping[str, int]) -> int:
    """Return a bound of a size's value while each dim runs from 0 to its maximum.

    Interval arithmetic: exact for sizes in which no dim occurs twice.

    Examples
    --------
    >>> n, m = symbol("N"), symbol("M")
    >>> upper_bound((n - m) // 2, {"N": 10, "M": 8})
    5
    """
    return _interval(size, maxima)[1]


def _interval(size: Size, maxima: Mapping[str, int]) -> tuple[int, int]:
    low = high = 0
    for monomial, coefficient in terms_of(size):
        term = (coefficient, coefficient)
        for atom, power in monomial:
            factor = _atom_interval(atom, maxima)
            for _ in range(power):
                corners = [a * b for a in term for b in factor]
                term = (min(corners), max(corners))
        low, high = low + term[0], high + term[1]
    return low, high


def _atom_interval(atom: Atom, maxima: Mapping[str, int]) -> tuple[int, int]:
    if isinstance(atom, str):
        return 0, evaluate(symbol(atom), maxima)
    low, high = _interval(atom.numerator, maxima)
    return low // atom.divisor, high // atom.divisor


def is_at_least(size: Size, bound: int) -> bool:
    """Whether a size is known to be at least that large, whatever its dims are (from 0 on).

    Quotients are replaced by what they cannot fall below, or exceed where they are subtracted; then
    all coefficients must be positive, and since sizes are whole numbers, the constant may fall
    short by less than 1. False does not mean that the size is smaller somewhere.

    Examples
    --------
    >>> n = symbol("N")
    >>> is_at_least(n - (n + 1) // 2, 0), is_at_least(n - 1, 0)
    (True, False)
    """
    lower = _lower_terms(size)
    return all(c >= 0 for m, c in lower.items() if m) and lower.get((), 0) > bound - 1


def _lower_terms(size: Size) -> dict[Monomial, Fraction]:
    """Return the terms of a polynomial without quotients that bounds a size from below."""
    total: dict[Monomial, Fraction] = {}
    for monomial, coefficient in terms_of(size):
        inner: dict[Monomial, Fraction] = {monomial: Fraction(coefficient)}
        if len(monomial) == 1 and isinstance(monomial[0][0], FloorDiv) and monomial[0][1] == 1:
            atom, divisor = monomial[0][0].numerator, monomial[0][0].divisor
            numerator = atom - (divisor - 1) if coefficient > 0 else -atom
            parts = _lower_terms(numerator)
            inner = {m: c * abs(coefficient) / divisor for m, c in parts.items()}
        for m, c in inner.items():
            total[m] = total.get(m, Fraction(0)) + c
    return total
