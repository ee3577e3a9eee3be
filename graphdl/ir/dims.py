"""Sizes of axes: ints, or polynomials in symbolic dims such as ``N``.

Arithmetic on sizes happens at every node, so it is a small polynomial class of our own; SymPy's
is some hundred times slower. ``Dim.sympy()`` converts where the algebra needs more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import total_ordering
from typing import Any

from graphdl.ir.errors import DimensionError


@total_ordering
class FloorDiv:
    """An atom ``(numerator // divisor)`` of a polynomial, for strided slices of symbolic axes."""

    __slots__ = ("divisor", "numerator")

    def __init__(self, numerator: Dim, divisor: int) -> None:
        self.numerator = numerator
        self.divisor = divisor

    def __repr__(self) -> str:
        return f"(({self.numerator!r})//{self.divisor})"

    def __eq__(self, other: object) -> bool:
        return repr(self) == repr(other) if isinstance(other, FloorDiv) else False

    def __lt__(self, other: object) -> bool:
        return repr(self) < repr(other)

    def __hash__(self) -> int:
        return hash(repr(self))


Atom = str | FloorDiv
Monomial = tuple[tuple[Atom, int], ...]


class Dim:
    """A non-constant polynomial with integer coefficients in symbolic dims.

    Operations that give a constant return an int, so ``isinstance(size, int)`` tells whether a
    size is static.

    Examples
    --------
    >>> n = symbol("N")
    >>> 2 * n + 1, (n + 1) - n
    (2*N + 1, 1)
    """

    __slots__ = ("_hash", "terms")

    def __init__(self, terms: tuple[tuple[Monomial, int], ...]) -> None:
        self.terms = terms
        self._hash = hash(terms)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Dim) and self.terms == other.terms

    def __hash__(self) -> int:
        return self._hash

    def __add__(self, other: Size) -> Size:
        terms = dict(self.terms)
        for monomial, coefficient in terms_of(other):
            terms[monomial] = terms.get(monomial, 0) + coefficient
        return _normal(terms)

    __radd__ = __add__

    def __neg__(self) -> Dim:
        return Dim(tuple((m, -c) for m, c in self.terms))

    def __sub__(self, other: Size) -> Size:
        return self + (-other)

    def __rsub__(self, other: Size) -> Size:
        return (-self) + other

    def __mul__(self, other: Size) -> Size:
        terms: dict[Monomial, int] = {}
        for m1, c1 in self.terms:
            for m2, c2 in terms_of(other):
                monomial = _times(m1, m2)
                terms[monomial] = terms.get(monomial, 0) + c1 * c2
        return _normal(terms)

    __rmul__ = __mul__

    def __floordiv__(self, divisor: int) -> Size:
        if all(c % divisor == 0 for _, c in self.terms):
            return _normal({m: c // divisor for m, c in self.terms})
        return Dim(((((FloorDiv(self, divisor), 1),), 1),))

    def __repr__(self) -> str:
        return " + ".join(_term_text(m, c) for m, c in self.terms).replace("+ -", "- ")

    def sympy(self) -> Any:
        """Return the polynomial as a SymPy expression over non-negative integer symbols."""
        import sympy as sp

        def leaf(name: str) -> Any:
            return sp.Symbol(name, integer=True, nonnegative=True)

        return fold(self, leaf, lambda value, divisor: sp.floor(value / divisor))


Size = int | Dim
Shape = tuple[Size, ...]


def terms_of(size: Size) -> tuple[tuple[Monomial, int], ...]:
    """Return monomials with their coefficients; of an int, the empty monomial with it."""
    return size.terms if isinstance(size, Dim) else (((), size),)


def _times(a: Monomial, b: Monomial) -> Monomial:
    powers: dict[Atom, int] = dict(a)
    for atom, power in b:
        powers[atom] = powers.get(atom, 0) + power
    return tuple(sorted(powers.items(), key=lambda item: str(item[0])))


MOST_TERMS = 100
"""Sizes have no more terms: those of a product of sums would double with every factor."""


def _normal(terms: Mapping[Monomial, int]) -> Size:
    kept = [(m, c) for m, c in terms.items() if c]
    if len(kept) > MOST_TERMS:
        raise DimensionError(
            f"a size of more than {MOST_TERMS} terms", remedy="give a part of it a name of its own"
        )
    if not kept:
        return 0
    if len(kept) == 1 and not kept[0][0]:
        return kept[0][1]
    # Highest degree first, the constant last: the order in which people write polynomials.
    kept.sort(key=lambda item: (-sum(p for _, p in item[0]), str(item[0])))
    return Dim(tuple(kept))


def _term_text(monomial: Monomial, coefficient: int) -> str:
    factors = [str(a) for a, p in monomial for _ in range(p)]
    if abs(coefficient) != 1 or not factors:
        factors.insert(0, str(abs(coefficient)))
    return ("-" if coefficient < 0 else "") + "*".join(factors)


def symbol(name: str) -> Dim:
    """Return the symbolic dim of that name."""
    if not name.isidentifier():
        raise DimensionError(
            f"{name!r} cannot name a symbolic dim", remedy="use an identifier such as 'N'"
        )
    return Dim(((((name, 1),), 1),))


def product(sizes: Iterable[Size]) -> Size:
    """Return the product of sizes: the number of elements of a shape."""
    result: Size = 1
    for size in sizes:
        result = size * result
    return result


def divide(numerator: Size, denominator: Size) -> Size | None:
    """Return the exact quotient of two sizes, or None where it is no polynomial.

    Examples
    --------
    >>> divide(symbol("N") * 64, symbol("N"))
    64
    """
    if numerator == denominator:
        return 1
    divisors = terms_of(denominator)
    if len(divisors) != 1 or divisors[0][1] == 0:
        return None
    (divisor, factor), quotient = divisors[0], {}
    for monomial, coefficient in terms_of(numerator):
        powers = dict(monomial)
        for atom, power in divisor:
            powers[atom] = powers.get(atom, 0) - power
        if coefficient % factor or any(p < 0 for p in powers.values()):
            return None
        key = tuple((a, p) for a, p in sorted(powers.items(), key=lambda i: str(i[0])) if p)
        quotient[key] = coefficient // factor
    return _normal(quotient)


def fold(size: Size, leaf: Callable[[str], Any], floor_div: Callable[[Any, int], Any]) -> Any:
    """Evaluate a size in any ring: ``leaf`` gives the value of a dim's name."""
    total: Any = 0
    for monomial, coefficient in terms_of(size):
        term: Any = coefficient
        for atom, power in monomial:
            if isinstance(atom, str):
                value = leaf(atom)
            else:
                value = floor_div(fold(atom.numerator, leaf, floor_div), atom.divisor)
            for _ in range(power):
                term = term * value
        total = total + term
    return total


def evaluate(size: Size, env: Mapping[str, int]) -> int:
    """Return the value of a size where its dims have these values.

    Raises
    ------
    DimensionError
        If a dim has no value.
    """
    if isinstance(size, int):
        return size

    def leaf(name: str) -> int:
        if name not in env:
            raise DimensionError(
                f"dim {name!r} has no value", remedy=f"give dims={{{name!r}: ...}}"
            )
        return env[name]

    return int(fold(size, leaf, lambda value, divisor: value // divisor))


def symbols(size: Size) -> tuple[str, ...]:
    """Return the names of the dims that a size depends on, sorted."""
    found: set[str] = set()
    for monomial, _ in terms_of(size):
        for atom, _ in monomial:
            found.update([atom] if isinstance(atom, str) else symbols(atom.numerator))
    return tuple(sorted(found))
