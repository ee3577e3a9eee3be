"""Sizes of axes: ints, or polynomials in symbolic dims such as ``N``.

Arithmetic on sizes happens at every node, so it is a small polynomial class of our own; SymPy's
is some hundred times slower. ``Dim.sympy()`` converts where the algebra needs more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from functools import total_ordering
from operator import index
from typing import Any

from graphdl.ir.errors import DimensionError, ParseError


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
        for monomial, coefficient in _terms(other):
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
            for m2, c2 in _terms(other):
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


def _terms(size: Size) -> tuple[tuple[Monomial, int], ...]:
    return size.terms if isinstance(size, Dim) else (((), size),)


def _times(a: Monomial, b: Monomial) -> Monomial:
    powers: dict[Atom, int] = dict(a)
    for atom, power in b:
        powers[atom] = powers.get(atom, 0) + power
    return tuple(sorted(powers.items(), key=lambda item: str(item[0])))


def _normal(terms: Mapping[Monomial, int]) -> Size:
    kept = [(m, c) for m, c in terms.items() if c]
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


def as_size(value: object) -> Size:
    """Turn an int, a dim's name or a polynomial's text into a size.

    Raises
    ------
    DimensionError
        If it is negative or not a size at all.

    Examples
    --------
    >>> as_size("N"), as_size("2*N + 1"), as_size(3)
    (N, 2*N + 1, 3)
    """
    if isinstance(value, Dim):
        return value
    if isinstance(value, str):
        return symbol(value) if value.isidentifier() else parse_size(value)
    size = _as_int(value)
    if size is None or not 0 <= size < 2**63:
        raise DimensionError(
            f"{value!r} is not a size", remedy="use an int >= 0 of 64 bits or a name such as 'N'"
        )
    return size


def _as_int(value: Any) -> int | None:
    try:
        return index(value)
    except TypeError:
        return None


def as_shape(shape: object) -> Shape:
    """Turn a sequence of sizes, or one size, into a shape."""
    if isinstance(shape, (str, Dim)) or _as_int(shape) is not None:
        return (as_size(shape),)
    if not isinstance(shape, Iterable) or getattr(shape, "ndim", 1) != 1:
        raise DimensionError(f"{shape!r} is not a shape", remedy="use a tuple such as ('N', 64)")
    return tuple(as_size(s) for s in shape)


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
    divisors = _terms(denominator)
    if len(divisors) != 1 or divisors[0][1] == 0:
        return None
    (divisor, factor), quotient = divisors[0], {}
    for monomial, coefficient in _terms(numerator):
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
    for monomial, coefficient in _terms(size):
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
    for monomial, coefficient in _terms(size):
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
    for monomial, coefficient in _terms(size):
        inner: dict[Monomial, Fraction] = {monomial: Fraction(coefficient)}
        if len(monomial) == 1 and isinstance(monomial[0][0], FloorDiv) and monomial[0][1] == 1:
            atom, divisor = monomial[0][0].numerator, monomial[0][0].divisor
            numerator = atom - (divisor - 1) if coefficient > 0 else -atom
            parts = _lower_terms(numerator)
            inner = {m: c * abs(coefficient) / divisor for m, c in parts.items()}
        for m, c in inner.items():
            total[m] = total.get(m, Fraction(0)) + c
    return total


def symbols(size: Size) -> tuple[str, ...]:
    """Return the names of the dims that a size depends on, sorted."""
    found: set[str] = set()
    for monomial, _ in _terms(size):
        for atom, _ in monomial:
            found.update([atom] if isinstance(atom, str) else symbols(atom.numerator))
    return tuple(sorted(found))


def shape_text(shape: Shape) -> str:
    """Return a shape as people write it.

    Examples
    --------
    >>> shape_text((symbol("N"), 64))
    '(N, 64)'
    """
    inner = ", ".join(str(s) for s in shape)
    return f"({inner},)" if len(shape) == 1 else f"({inner})"


def region_text(starts: Shape, steps: Sequence[int], sizes: Shape, shape: Shape) -> str:
    """Return what stands in brackets to take a region of an array, as in NumPy.

    Examples
    --------
    >>> n = symbol("N")
    >>> region_text((0, 2, n - 1), (1, 1, -1), (4, 3, n), (4, 8, n))
    '[:, 2:5, ::-1]'
    """
    found = [_span_text(*axis) for axis in zip(starts, steps, sizes, shape, strict=True)]
    while len(found) > 1 and found[-1] == ":":
        found.pop()
    return f"[{', '.join(found)}]"


def _span_text(start: Size, step: int, size: Size, full: Size) -> str:
    stop, after = start + (size - 1) * step + (1 if step > 0 else -1), start + size * step
    if isinstance(after, int) and isinstance(full, int):
        open_end = after >= full if step > 0 else after < 0
    else:
        open_end = stop == (full if step > 0 else -1) or (isinstance(size, Dim) and abs(step) > 1)
    first = 0 if step > 0 else full - 1
    bounds = "" if start == first else str(start), "" if open_end else str(stop)
    shown = ":".join(re.sub(r"^\((\(.*\)//\d+)\)$", r"\1", b.replace(" ", "")) for b in bounds)
    return shown if step == 1 else f"{shown}:{step}"


def parse_size(text: str) -> Size:
    """Read a size back from its ``repr`` (a recursive-descent parser; nothing is evaluated)."""
    import re

    tokens = re.findall(r"\d+|[^\W\d]\w*|//|[-+*()]|\S", text)
    position = 0

    def peek() -> str:
        return tokens[position] if position < len(tokens) else ""

    def take() -> str:
        nonlocal position
        position += 1
        return tokens[position - 1] if position <= len(tokens) else ""

    def atom() -> Size:
        token = take()
        if token == "(":
            inner = sum_()
            if take() != ")":
                raise ParseError(f"{text!r} is not a size: ')' is missing")
            return inner
        if token == "-":
            return -factor()
        if token.isdigit():
            return int(token)
        if token.isidentifier():
            return symbol(token)
        raise ParseError(f"{text!r} is not a size: {token!r} is unexpected")

    def factor() -> Size:
        value = atom()
        while peek() in ("*", "//"):
            if take() == "*":
                value = value * atom()
            else:
                divisor = atom()
                if not isinstance(divisor, int) or divisor < 1:
                    raise ParseError(f"{text!r} is not a size: the divisor must be a positive int")
                value = value // divisor
        return value

    def sum_() -> Size:
        value = factor()
        while peek() in ("+", "-"):
            value = value + factor() if take() == "+" else value - factor()
        return value

    result = sum_()
    if position != len(tokens):
        raise ParseError(f"{text!r} is not a size: {peek()!r} is unexpected")
    return result
