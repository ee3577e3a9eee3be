"""From SymPy to scalar expressions: a strict walk over the functions that kernels can compute.

SymPy defines and differentiates; what is computed stays close to what it wrote. Numbers are folded
to the nearest float, ``x**2`` becomes ``x*x``, negative powers one division, negative terms a
subtraction. Two forms that overflow where the value is harmless are written differently:
``exp(u)/(1 + exp(u))`` as ``sigmoid(u)``, and a product with a piecewise factor that is zero
somewhere as a choice between products, so that the zero stays exact.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from graphdl.ir import scalar
from graphdl.ir.errors import ArgumentError
from graphdl.ir.scalar import Scalar

Expression = Any
"""A SymPy expression; SymPy has no types."""

_FUNCTIONS = {
    "exp": scalar.exp, "log": scalar.log, "tanh": scalar.tanh, "erf": scalar.erf,
    "Abs": Scalar.__abs__, "sign": scalar.sign, "Not": scalar.logical_not,
    "floor": scalar.floor, "ceiling": scalar.ceil, "trunc": scalar.trunc,
    "round": scalar.round_even, "sin": scalar.sin, "cos": scalar.cos, "tan": scalar.tan,
    "asin": scalar.asin, "acos": scalar.acos, "atan": scalar.atan, "sinh": scalar.sinh,
    "cosh": scalar.cosh, "asinh": scalar.asinh, "acosh": scalar.acosh, "atanh": scalar.atanh,
    "erfc": scalar.erfc, "loggamma": scalar.lgamma, "digamma": scalar.digamma,
}  # fmt: skip
_PAIRS = {"atan2": scalar.atan2, "Mod": scalar.mod}
_FOLDED = {
    "Max": scalar.maximum, "Min": scalar.minimum, "And": scalar.logical_and,
    "Or": scalar.logical_or, "Xor": scalar.logical_xor,
}  # fmt: skip
_RELATIONS = {
    "StrictLessThan": "lt", "LessThan": "le", "StrictGreaterThan": "gt", "GreaterThan": "ge",
    "Equality": "eq", "Unequality": "ne",
}  # fmt: skip
_LARGEST_POWER = 64
"""Integer powers up to this are multiplied out."""


def from_sympy(expression: Expression, symbols: Sequence[Expression]) -> Scalar:
    """Return a SymPy expression as a scalar expression over the symbols as arguments.

    Parameters
    ----------
    expression : sympy.Expr
        Of sums, products, powers, exp, log, circular and hyperbolic functions and their inverses,
        erf, erfc, loggamma, polygamma, Abs, sign, floor, ceiling, Mod, Max, Min, Piecewise,
        relations, logic and real numbers. A Dirac delta, the derivative of a jump, counts as the
        zero that it is almost everywhere.
    symbols : sequence of sympy.Symbol
        What becomes argument 0, 1 ...

    Raises
    ------
    ArgumentError
        If a function, a symbol or a number has no scalar form; it is named.

    Examples
    --------
    >>> import sympy as sp
    >>> x = sp.Symbol("x", real=True)
    >>> from_sympy(1 - x**2 / 2, [x])
    1 − (0.5·(x0·x0))
    """
    import sympy as sp

    return _Converter(sp, symbols).convert(sp.sympify(expression))


class _Converter:
    """One walk; equal subexpressions become one value."""

    def __init__(self, sp: Any, symbols: Sequence[Expression]) -> None:
        self.sp = sp
        self.known: dict[Expression, Scalar] = {
            s: scalar.argument(i) for i, s in enumerate(symbols)
        }

    def convert(self, expression: Expression) -> Scalar:
        """Return the scalar value of an expression."""
        if expression not in self.known:
            self.known[expression] = self._new(expression)
        return self.known[expression]

    def _new(self, e: Expression) -> Scalar:
        sp, name = self.sp, type(e).__name__
        if e in (sp.true, sp.false):
            return scalar.constant(bool(e))
        if getattr(e, "is_number", False):
            return scalar.constant(self._number(e))
        if e.is_Add:
            return self._sum(e)
        if e.is_Mul:
            return self._product(e)
        if e.is_Pow:
            inverse = e.exp.is_number and e.exp.is_negative
            return self._quotient(sp.Integer(1), [e]) if inverse else self._power(e.base, e.exp)
        if name in _RELATIONS:
            return scalar.apply(_RELATIONS[name], *(self.convert(a) for a in e.args))
        if name == "Piecewise":
            return self._choice(e)
        if name in _FOLDED:
            first, *others = (self.convert(a) for a in sorted(e.args, key=sp.default_sort_key))
            for other in others:
                first = _FOLDED[name](first, other)
            return first
        if name == "DiracDelta":
            return scalar.constant(0)
        if name in _FUNCTIONS and len(e.args) == 1:
            return _FUNCTIONS[name](self.convert(e.args[0]))
        if name in _PAIRS:
            return _PAIRS[name](*(self.convert(a) for a in e.args))
        if name == "polygamma":
            return self._polygamma(*e.args)
        raise _unsupported(e)

    def _polygamma(self, n: Expression, x: Expression) -> Scalar:
        at = self.convert(x)
        return scalar.digamma(at) if n == 0 else scalar.polygamma(self.convert(n), at)

    def _number(self, e: Expression) -> float | int:
        """Return the nearest float; whole numbers that a float holds stay whole."""
        if e.is_Integer and abs(int(e)) <= 2**53:
            return int(e)
        if e.is_Rational and not e.is_Integer:
            return int(e.p) / int(e.q)
        if e in (self.sp.oo, -self.sp.oo, self.sp.nan):
            return float(e)
        value = e.evalf(40)  # digits enough to round once
        if not value.is_Float:
            raise _unsupported(e)
        return float(value)

    def _sum(self, e: Expression) -> Scalar:
        """Add and subtract the terms as SymPy orders them, a positive one first if there is one."""
        terms = [self._signed(t) for t in e.as_ordered_terms()]
        first = next((i for i, (negative, _) in enumerate(terms) if not negative), 0)
        terms.insert(0, terms.pop(first))
        negative, total = terms[0]
        total = -total if negative else total
        for negative, term in terms[1:]:
            total = total - term if negative else total + term
        return total

    def _signed(self, term: Expression) -> tuple[bool, Scalar]:
        """Return whether a term is negative, and its opposite if so."""
        leading = term.args[0] if term.is_Mul else term
        negative = bool(leading.is_number and leading.is_negative)
        return negative, self.convert(-term if negative else term)

    def _product(self, e: Expression) -> Scalar:
        numbers = [a for a in e.args if a.is_number]
        factors = [a for a in e.as_ordered_factors() if not a.is_number]
        coefficient = self.sp.Mul(*numbers)
        choice = next((f for f in factors if self._has_zero_branch(f)), None)
        if choice is not None:
            others = self.sp.Mul(*(a for a in e.args if a is not choice))
            branches = [(value * others, holds) for value, holds in choice.args]
            return self.convert(self.sp.Piecewise(*branches, evaluate=False))
        if coefficient.is_negative:
            return -self.convert(self.sp.Mul(-coefficient, *factors))
        return self._quotient(coefficient, factors)

    def _quotient(self, coefficient: Expression, factors: Sequence[Expression]) -> Scalar:
        """Multiply what stands above the bar, and divide once."""
        above, below = self._fraction(factors)
        if coefficient != 1 or not above:
            above.insert(0, self.convert(coefficient))
        top = _multiplied(above)
        return top / _multiplied(below) if below else top

    def _has_zero_branch(self, e: Expression) -> bool:
        return type(e).__name__ == "Piecewise" and any(value == 0 for value, _ in e.args)

    def _fraction(self, factors: Sequence[Expression]) -> tuple[list[Scalar], list[Scalar]]:
        """Return the factors above and below the bar."""
        above, below = [], []
        rest, logistic = self._logistic(factors)
        for factor in rest:
            if factor.is_Pow and factor.exp.is_number and factor.exp.is_negative:
                below.append(self._power(factor.base, -factor.exp))
            else:
                above.append(self.convert(factor))
        return above + logistic, below

    def _logistic(self, factors: Sequence[Expression]) -> tuple[list[Expression], list[Scalar]]:
        """Write ``exp(k·u) / (1 + exp(u))ⁿ`` as ``σ(u)ᵏ·σ(−u)ⁿ⁻ᵏ``: no inf/inf in the tails."""
        rest, found = list(factors), []
        for factor in factors:
            u = self._logit(factor)
            if u is None:
                continue
            rest.remove(factor)
            n, k = -int(factor.exp), 0
            for other in rest:
                k = self._multiple(other, u)
                if 0 < k <= n:
                    rest.remove(other)
                    break
                k = 0
            for argument, count in ((u, k), (-u, n - k)):
                found += [_repeated(scalar.sigmoid(self.convert(argument)), count)] if count else []
        return rest, found

    def _logit(self, factor: Expression) -> Expression | None:
        """Return ``u`` if the factor is a negative whole power of ``1 + exp(u)``."""
        if not (factor.is_Pow and factor.exp.is_Integer and factor.exp.is_negative):
            return None
        base = factor.base
        if not (base.is_Add and len(base.args) == 2 and base.args[0] == 1):
            return None
        return base.args[1].args[0] if type(base.args[1]).__name__ == "exp" else None

    def _multiple(self, factor: Expression, u: Expression) -> int:
        """Return ``k`` if the factor is ``exp(k·u)`` for a whole ``k``, else 0."""
        if type(factor).__name__ != "exp":
            return 0
        ratio = self.sp.cancel(factor.args[0] / u)
        return int(ratio) if ratio.is_Integer else 0

    def _power(self, base: Expression, exponent: Expression) -> Scalar:
        """Multiply whole and half exponents out; call pow for all others."""
        doubled = 2 * exponent
        if not (doubled.is_Integer and abs(int(doubled)) <= 2 * _LARGEST_POWER):
            return scalar.power(self.convert(base), self.convert(exponent))
        value = self.convert(base)
        whole, half = divmod(int(doubled), 2)
        factors = [_repeated(value, whole)] if whole else []
        return _multiplied([*factors, scalar.sqrt(value)] if half else factors)

    def _choice(self, e: Expression) -> Scalar:
        """Nest the branches; where none holds the value is NaN, as in SymPy."""
        result = scalar.constant(math.nan)
        for value, holds in reversed(e.args):
            taken = self.convert(value)
            always = holds == self.sp.true
            result = taken if always else scalar.select(self.convert(holds), taken, result)
        return result


def _multiplied(factors: Sequence[Scalar]) -> Scalar:
    product = factors[0]
    for factor in factors[1:]:
        product = product * factor
    return product


def _repeated(x: Scalar, n: int) -> Scalar:
    """Return the positive power by squaring."""
    result, base = None, x
    while n:
        if n & 1:
            result = base if result is None else result * base
        n >>= 1
        base = base * base if n else base
    assert result is not None
    return result


def _unsupported(e: Expression) -> ArgumentError:
    name = str(e) if not e.args else f"{type(e).__name__} in {e}"
    return ArgumentError(
        f"{name} has no scalar form",
        remedy="use + - * / **, exp, log, sin, cos, tanh and their like, erf, loggamma, Abs, sign, "
        "floor, Max, Min, Piecewise, relations and real numbers over the op's own symbols",
    )
