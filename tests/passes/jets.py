"""Numbers with derivatives that know what they depend on: an oracle that meets no untaken element.

A jet is one element's value, its partial derivatives by those variables that lead to it, and the
Hessian's product with one vector. What does not depend on a variable has no partial derivative by
it, so that nothing is ever multiplied by a zero that means "not taken".
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

Partials = dict[int, float]


@dataclass(frozen=True)
class Jet:
    """One element: its value, gradient by the variables it depends on, and Hessian · tangent."""

    value: float
    first: Partials = field(default_factory=dict)
    second: Partials = field(default_factory=dict)
    along: float = 0.0  # the derivative along the tangent
    scale: float = 1.0  # the largest finite number on the way: what rounding errors are measured by

    def __post_init__(self) -> None:
        sizes = (abs(v) for v in (self.value, *self.first.values(), *self.second.values()))
        largest = max(s if math.isfinite(s) else 0.0 for s in sizes)
        object.__setattr__(self, "scale", max(self.scale, largest))

    def has_value(self) -> bool:
        """Whether the value is finite, whatever the derivatives are."""
        return math.isfinite(self.value)

    def is_defined(self) -> bool:
        """Whether value and derivatives are finite."""
        return all(map(math.isfinite, (self.value, *self.first.values(), *self.second.values())))

    def __add__(self, other: Jet) -> Jet:
        return combined(self.value + other.value, [(1.0, self), (1.0, other)])

    def __neg__(self) -> Jet:
        return combined(-self.value, [(-1.0, self)])

    def __sub__(self, other: Jet) -> Jet:
        return self + -other

    def __mul__(self, other: Jet) -> Jet:
        linear = combined(self.value * other.value, [(other.value, self), (self.value, other)])
        second = dict(linear.second)
        for x, y in ((self, other), (other, self)):
            if y.first:
                for k, slope in x.first.items():
                    second[k] = second.get(k, 0.0) + slope * y.along
        return Jet(linear.value, linear.first, second, linear.along, linear.scale)

    def __truediv__(self, other: Jet) -> Jet:
        return self * applied("reciprocal", other)


def combined(value: float, terms: Sequence[tuple[float, Jet]]) -> Jet:
    """Return a value whose differential is a linear combination."""
    first: Partials = {}
    second: Partials = {}
    along = 0.0
    for factor, jet in terms:
        for result, given in ((first, jet.first), (second, jet.second)):
            for k, slope in given.items():
                result[k] = result.get(k, 0.0) + _product(factor, slope)
        if jet.first:
            along += _product(factor, jet.along)
    return Jet(value, first, second, along, max(jet.scale for _, jet in terms))


def _product(factor: float, slope: float) -> float:
    return slope if factor == 1 else factor * slope


Three = Callable[[np.float64], tuple[object, object, object]]
UNARY: dict[str, Three] = {
    "log": lambda x: (np.log(x), 1 / x, -1 / (x * x)),
    "log1p": lambda x: (np.log1p(x), 1 / (1 + x), -1 / (1 + x) ** 2),
    "sqrt": lambda x: (np.sqrt(x), 0.5 / np.sqrt(x), -0.25 / (np.sqrt(x) * x)),
    "rsqrt": lambda x: (x**-0.5, -0.5 * x**-1.5, 0.75 * x**-2.5),
    "cbrt": lambda x: (np.cbrt(x), 1 / (3 * np.cbrt(x) ** 2), -2 / (9 * np.cbrt(x) ** 5)),
    "reciprocal": lambda x: (1 / x, -((1 / x) ** 2), 2 * (1 / x) ** 3),
    "exp": lambda x: (np.exp(x), np.exp(x), np.exp(x)),
    "sin": lambda x: (np.sin(x), np.cos(x), -np.sin(x)),
    "tanh": lambda x: (np.tanh(x), 1 - np.tanh(x) ** 2, -2 * np.tanh(x) * (1 - np.tanh(x) ** 2)),
    "square": lambda x: (x * x, 2 * x, np.float64(2.0)),
    "arcsin": lambda x: (np.arcsin(x), (1 - x * x) ** -0.5, x * (1 - x * x) ** -1.5),
    "arctanh": lambda x: (np.arctanh(x), 1 / (1 - x * x), 2 * x / (1 - x * x) ** 2),
    "arccosh": lambda x: (np.arccosh(x), (x * x - 1) ** -0.5, -x * (x * x - 1) ** -1.5),
    "abs": lambda x: (abs(x), np.sign(x), np.float64(0.0)),
    "power": lambda x: (x**0.3, 0.3 * x**-0.7, -0.21 * x**-1.7),
    "overflow": lambda x: (np.exp(900 * x), 900 * np.exp(900 * x), 810000 * np.exp(900 * x)),
}  # fmt: skip
"""Value, first and second derivative."""


def applied(name: str, x: Jet) -> Jet:
    """Return a function of one element."""
    with np.errstate(all="ignore"):
        value, slope, bend = (float(v) for v in UNARY[name](np.float64(x.value)))  # type: ignore[arg-type]
    first = {k: slope * d for k, d in x.first.items()}
    second = {k: slope * h for k, h in x.second.items()}
    if bend != 0:
        for k, d in x.first.items():
            second[k] = second.get(k, 0.0) + bend * d * x.along
    return Jet(value, first, second, slope * x.along if x.first else 0.0, x.scale)


def total(terms: Sequence[Jet]) -> Jet:
    """Return a sum."""
    return combined(float(np.sum([t.value for t in terms])), [(1.0, t) for t in terms])


def product(factors: Sequence[Jet]) -> Jet:
    """Return a product, factor by factor."""
    result = Jet(1.0)
    for factor in factors:
        result = result * factor
    return result


def largest(items: Sequence[Jet]) -> Jet:
    """Return the first winner; NaN wins."""
    winner = items[int(np.argmax([j.value for j in items]))]
    return replace(winner, scale=max(j.scale for j in items))


def log_sum_exp(items: Sequence[Jet]) -> Jet:
    """Return the logarithm of the sum of exponentials, shifted by the largest element."""
    top = Jet(largest(items).value)
    return applied("log", total([applied("exp", j - top) for j in items])) + top
