"""Case by case: a computation on symbols runs once in each region in which its choices are alike.

Wherever a computation asks for the sign of an expression, the answer is looked up in what is
assumed already (linear inequalities, by Fourier-Motzkin elimination in exact fractions); where both
answers are possible, the computation is run again for the other one. So no expression ever holds a
choice, and all regions together cover everything but the places where something is exactly 0: kinks
and ties, whose documented derivative is a convention, not a theorem.

An expression that is not linear counts as a variable of its own. That is sound: a region which is
empty in truth may be visited, but none is left out.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

Expression = Any
Linear = dict[Expression, Fraction]
"""A linear form: the coefficient of each variable; that of 1 is the constant. It is > 0."""

_MOST_INEQUALITIES = 400


class OutsideDomainError(Exception):
    """The region lies where the computation has no real value."""


class Region:
    """Signs of expressions that are assumed, and those that follow.

    Parameters
    ----------
    script : sequence of int
        Which sign to take, 1 or -1, where both are possible; 1 when it has run out.
    """

    def __init__(self, script: Sequence[int] = ()) -> None:
        self.choices: list[int] = []
        self.signs: dict[Expression, int] = {}
        self.kinks: list[Expression] = []
        self.domain: list[Expression] = []
        self.inequalities: list[Linear] = []
        self._script = list(script)

    def sign(self, expression: Expression) -> int:
        """Return the sign of a real expression in this region: 1, -1, or 0 if it is just 0."""
        parts = _factors(expression)
        if parts is not None:
            return math.prod(self.sign(part) for part in parts)
        oriented, atom = _oriented(expression)
        if atom is None:
            return oriented
        if atom not in self.signs:
            self._assume(atom, self._followed(atom) or self._chosen(atom))
        return oriented * self.signs[atom]

    def require(self, expression: Expression) -> None:
        """Assume that an expression is positive: the computation has a value only there.

        Raises
        ------
        OutsideDomainError
            If it cannot be.
        """
        if _factors(expression) is not None:
            if self.sign(expression) <= 0:
                raise OutsideDomainError(str(expression))
            return
        oriented, atom = _oriented(expression)
        known = oriented if atom is None else oriented * (self.known(atom) or oriented)
        if known <= 0:
            raise OutsideDomainError(str(expression))
        if atom is not None and atom not in self.signs:
            if self._followed(atom) is None:
                self.domain.append(expression)
            self._assume(atom, oriented)

    def known(self, expression: Expression) -> int | None:
        """Return a sign if it follows from what is assumed."""
        oriented, atom = _oriented(expression)
        if atom is None:
            return oriented
        found = self.signs.get(atom) or self._followed(atom)
        return None if found is None else oriented * found

    def _followed(self, atom: Expression) -> int | None:
        if atom.is_positive:
            return 1
        if atom.is_negative:
            return -1
        form = linear(atom)
        possible = [s for s in (1, -1) if is_feasible([*self.inequalities, _times(form, s)])]
        return possible[0] if len(possible) == 1 else None

    def _chosen(self, atom: Expression) -> int:
        place = len(self.choices)
        self.choices.append(self._script[place] if place < len(self._script) else 1)
        self.kinks.append(atom)
        return self.choices[-1]

    def _assume(self, atom: Expression, sign: int) -> None:
        self.signs[atom] = sign
        self.inequalities.append(_times(linear(atom), sign))

    def point(self, symbols: Sequence[Expression], rng: random.Random) -> dict[Expression, Any]:
        """Return values of symbols that fulfil all inequalities that are linear in them."""
        plain = [
            f for f in self.inequalities if all(v == 1 or getattr(v, "is_Symbol", 0) for v in f)
        ]
        return _solution(plain, symbols, rng)


def explore(limit: int) -> Iterator[Region]:
    """Yield regions until every choice that was made in them has been made both ways.

    Raises
    ------
    TimeoutError
        After ``limit`` regions.
    """
    script: list[int] = []
    for _ in range(limit):
        region = Region(script)
        yield region
        script = list(region.choices)
        while script and script[-1] == -1:
            script.pop()
        if not script:
            return
        script[-1] = -1
    raise TimeoutError(f"more than {limit} regions")


def sampled(count: int) -> Iterator[Region]:
    """Yield some regions that chance chooses."""
    rng = random.Random(0)
    for _ in range(count):
        yield Region([rng.choice((1, -1)) for _ in range(1000)])


def _factors(expression: Expression) -> list[Expression] | None:
    """Return what the sign of a product or power is the product of; None for all others."""
    import sympy as sp

    expanded = sp.expand(expression)
    if expanded.is_Mul:
        return list(expanded.args)
    if expanded.is_Pow and not expanded.is_number and expanded.exp.is_Rational:
        base, exponent = expanded.base, expanded.exp
        return [base] if exponent.is_odd else [sp.Integer(1)]
    return None


def _oriented(expression: Expression) -> tuple[int, Expression | None]:
    """Return an expression as ±1 times one that stands for all its multiples; its sign if known."""
    import sympy as sp

    expanded = sp.expand(expression)
    if expanded.is_number:
        return int(sp.sign(expanded if expanded.is_Rational else expanded.evalf(60))), None
    _, atom = expanded.primitive()
    negative = atom.could_extract_minus_sign()
    return (-1, -atom) if negative else (1, atom)


def linear(expression: Expression) -> Linear:
    """Return an expanded expression as a linear form in its monomials."""
    form: Linear = {}
    for monomial, factor in expression.as_coefficients_dict().items():
        if factor.is_Rational:
            form[monomial] = form.get(monomial, Fraction(0)) + Fraction(
                int(factor.p), int(factor.q)
            )
        else:
            form[monomial * factor] = Fraction(1)
    return form


def _times(form: Linear, factor: Fraction | int) -> Linear:
    return {v: c * factor for v, c in form.items()}


def is_feasible(inequalities: Sequence[Linear]) -> bool:
    """Whether linear forms can all be positive at once; True where that takes too long to tell."""
    pending = [f for f in inequalities if f]
    while True:
        variables = {v: 0 for f in pending for v, c in f.items() if v != 1 and c}
        if not variables:
            return all(f.get(1, 0) > 0 for f in pending)
        for form in pending:
            for v in form.keys() & variables.keys():
                variables[v] += 1
        best = min(variables, key=variables.__getitem__)
        pending = _eliminated(pending, best)
        if len(pending) > _MOST_INEQUALITIES:
            return True


def _eliminated(pending: Sequence[Linear], variable: Expression) -> list[Linear]:
    below = [f for f in pending if f.get(variable, 0) > 0]
    above = [f for f in pending if f.get(variable, 0) < 0]
    rest = [f for f in pending if not f.get(variable, 0)]
    for low in below:
        for high in above:
            joint = _times(low, -high[variable])
            for v, c in high.items():
                joint[v] = joint.get(v, Fraction(0)) + c * low[variable]
            rest.append({v: c for v, c in joint.items() if v != variable and c})
            if not rest[-1]:
                rest[-1] = {1: Fraction(0)}
    return rest


def _solution(
    inequalities: Sequence[Linear], symbols: Sequence[Expression], rng: random.Random
) -> dict[Expression, Any]:
    """Choose values one by one, each within what the others still allow."""
    import sympy as sp

    stages: list[tuple[Expression, list[Linear]]] = []
    pending = [{sp.sympify(v): c for v, c in f.items()} for f in inequalities]
    order = list(symbols)
    rng.shuffle(order)
    for symbol in order:
        stages.append((symbol, [f for f in pending if f.get(symbol, 0)]))
        pending = _eliminated(pending, symbol)
    values: dict[Expression, Fraction] = {}
    for symbol, forms in reversed(stages):
        bounds = {1: [], -1: []}  # type: dict[int, list[Fraction]]
        for form in forms:
            rest = sum((c * values.get(v, Fraction(1)) for v, c in form.items() if v != symbol),
                       Fraction(0))  # fmt: skip
            bounds[1 if form[symbol] > 0 else -1].append(-rest / form[symbol])
        values[symbol] = _between(max(bounds[1], default=None), min(bounds[-1], default=None), rng)
    return {s: sp.Rational(v.numerator, v.denominator) for s, v in values.items()}


_STEPS = tuple(Fraction(n, 8) for n in range(1, 25))


def _between(low: Fraction | None, high: Fraction | None, rng: random.Random) -> Fraction:
    step = rng.choice(_STEPS)
    if low is None and high is None:
        return step * rng.choice((1, -1))
    if high is None:
        assert low is not None
        return low + step
    if low is None:
        return high - step
    if high - low > 2 * _STEPS[-1] and rng.random() < 0.5:  # where functions have their shape
        near, step = min(max(Fraction(0), low), high), step * rng.choice((1, -1))
        return near + step if low < near + step < high else near - step
    return low + (high - low) * Fraction(rng.randrange(1, 64), 64)


def holds(region: Mapping[Expression, int], values: Mapping[Expression, Any]) -> bool:
    """Whether values lie in a region, for certain."""
    for atom, sign in region.items():
        found = atom.xreplace(dict(values)).evalf(30)
        if not (found.is_real and found * sign > 0):
            return False
    return True
