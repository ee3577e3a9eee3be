"""Whether an expression is zero everywhere in a region: normal forms, no search.

Functions are written by a few generators that count as independent variables: exponentials (also
for tanh, sinh, powers with a variable exponent), logarithms of irreducible factors, roots of them,
sine and cosine, and any other function of an argument in normal form. What is left is a fraction of
polynomials; it is zero if its numerator, reduced by R² = u for roots and c² = 1 − s² for circles,
is the zero polynomial. A zero that is found so is one. What is not found so may still be one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphdl.verification.regions import Region

Expression = Any

_MOST_TERMS = 3000
"""Operations in an expression that is still worth a try."""


def is_zero(expression: Expression, region: Region) -> bool:
    """Whether an expression without choices is zero in a region; False means "not found to be".

    Examples
    --------
    >>> import sympy as sp
    >>> x = sp.Symbol("x", real=True)
    >>> is_zero(sp.tanh(x).diff(x) - (1 - sp.tanh(x) ** 2), Region())
    True
    >>> is_zero(sp.sqrt(x**2) - x, Region())
    False
    """
    if expression == 0:
        return True
    if expression.has_free(*poisons()) or expression.count_ops() > _MOST_TERMS:
        return False
    return _Normal(region).is_zero(expression)


def poisons() -> tuple[Expression, ...]:
    """Return what is no number: nothing follows from an expression that holds it."""
    import sympy as sp

    return sp.nan, sp.oo, -sp.oo, sp.zoo


class _Normal:
    """One conversion; equal functions become one generator."""

    def __init__(self, region: Region) -> None:
        import sympy as sp

        self.sp = sp
        self.region = region
        self.symbols: dict[Expression, Expression] = {}
        self.originals: dict[Expression, Expression] = {}
        self.known: dict[Expression, Expression] = {}
        self.generators: dict[Expression, Expression] = {}
        self.roots: list[tuple[Expression, int, Expression]] = []

    def is_zero(self, expression: Expression) -> bool:
        sp = self.sp
        converted = self.convert(expression)
        numerator = sp.expand(sp.fraction(sp.together(converted))[0])
        for generator, power, base in reversed(self.roots):
            if numerator == 0:
                return True
            if numerator.has(generator):
                numerator = self._reduced(numerator, generator, power, base)
        return bool(numerator == 0)

    def _reduced(self, e: Expression, generator: Expression, power: int, base: Any) -> Expression:
        """Replace generator**power by base."""
        sp, total = self.sp, []
        for (k,), factor in sp.Poly(e, generator).terms():
            whole, rest = divmod(k, power)
            total.append(factor * base**whole * generator**rest)
        return sp.expand(sp.fraction(sp.together(sp.Add(*total)))[0])

    def convert(self, e: Expression) -> Expression:
        """Return an expression over generators."""
        if e not in self.known:
            self.known[e] = self._new(e)
        return self.known[e]

    def _new(self, e: Expression) -> Expression:
        sp = self.sp
        if e.is_Rational or (e.is_Dummy and e.is_positive):
            return e
        if e.is_Symbol or e.is_NumberSymbol:
            return self._symbol(e)
        if e.is_Add or e.is_Mul:
            return e.func(*(self.convert(a) for a in e.args))
        if e.is_Pow and e.base is not sp.E:
            return self._power(e.base, e.exp)
        if isinstance(e, sp.exp) or e.is_Pow:
            return self._exponential(e.exp)
        if isinstance(e, sp.log):
            return self._logarithm(e.args[0])
        if isinstance(e, (sp.tanh, sp.sinh, sp.cosh, sp.coth, sp.sech, sp.csch)):
            return self.convert(e.rewrite(sp.exp))
        if isinstance(e, (sp.Abs, sp.sign)):
            return self._signed(e)
        if isinstance(e, sp.erfc):
            return 1 - self.convert(sp.erf(e.args[0]))
        if isinstance(e, (sp.sin, sp.cos, sp.tan, sp.cot, sp.sec, sp.csc)):
            return self._circular(e)
        return self._generator(e.func(*(self._argument(a) for a in e.args)))

    def _signed(self, e: Expression) -> Expression:
        """Return an absolute value or a sign without itself, where the region knows the sign."""
        sp, sign = self.sp, 1
        converted = sp.factor(sp.together(self.convert(e.args[0])))
        for factor in sp.Mul.make_args(converted):
            base, exponent = factor.as_base_exp()
            known = (1 if base > 0 else -1) if base.is_Rational else self._sign(base)
            if known is None:
                return self._generator(e.func(converted))
            sign *= known if exponent.is_odd or known == 1 else 1
        return sp.Integer(sign) if isinstance(e, sp.sign) else sign * converted

    def _symbol(self, e: Expression) -> Expression:
        """Return a positive symbol, or the negative of one, where the sign is known."""
        if e not in self.symbols:
            sign = 1 if e.is_NumberSymbol else self.region.known(e)
            dummy = self.sp.Dummy(str(e), positive=True if sign else None, real=True)
            self.symbols[e], self.originals[dummy] = dummy * (sign or 1), e * (sign or 1)
        return self.symbols[e]

    def _generator(self, key: Expression, **assumptions: Any) -> Expression:
        if key not in self.generators:
            self.generators[key] = self.sp.Dummy(f"g{len(self.generators)}", **assumptions)
        return self.generators[key]

    def _argument(self, e: Expression) -> Expression:
        """Return the argument of a function in normal form."""
        return self.sp.expand(self.sp.cancel(self.sp.together(self.convert(e))))

    def _power(self, base: Expression, exponent: Expression) -> Expression:
        if exponent.is_Integer:
            return self.convert(base) ** exponent
        if exponent.is_Rational:
            return self._root(base, exponent)
        return self._exponential(exponent * self.sp.log(base))

    def _factored(self, e: Expression) -> list[tuple[Expression, Expression]]:
        """Return factors with exponents, all positive in the region as far as that can be told."""
        sp = self.sp
        found = []
        converted = sp.factor(sp.together(self.convert(e)))
        sign = 1
        for factor in sp.Mul.make_args(converted):
            base, exponent = factor.as_base_exp()
            if base.is_Add and exponent.is_Integer:
                known = self._sign(base)
                if known == -1:
                    base, sign = -base, sign * (-1) ** int(exponent)
                elif known is None:
                    return [(converted, sp.Integer(1))]
            elif base.is_Rational and base < 0:
                base, sign = -base, -sign
            elif not base.is_positive:
                return [(converted, sp.Integer(1))]
            found.append((base, exponent))
        return found if sign == 1 else [(converted, sp.Integer(1))]

    def _sign(self, base: Expression) -> int | None:
        """Return the sign of a polynomial in generators, as the region knows it."""
        if base.is_positive:
            return 1
        plain = base.xreplace(self.originals)
        if plain.free_symbols & set(self.generators.values()):
            return None
        return self.region.known(plain)

    def _root(self, base: Expression, exponent: Expression) -> Expression:
        sp, result = self.sp, self.sp.Integer(1)
        for factor, power in self._factored(base):
            whole = power * exponent
            if factor.is_Add and not whole.is_Integer:
                q = int(whole.q)
                root = self._generator(sp.Function("root")(factor, q), positive=True)
                if (root, q, factor) not in self.roots:
                    self.roots.append((root, q, factor))
                result *= root ** int(whole.p)
            else:
                result *= factor**whole
        return result

    def _exponential(self, exponent: Expression) -> Expression:
        """Return the product of one power a term of the exponent."""
        sp, result = self.sp, self.sp.Integer(1)
        expanded = self._argument(exponent)
        logs = {g: k.args[0] for k, g in self.generators.items() if isinstance(k, sp.log)}
        for term in sp.Add.make_args(expanded):
            factor, rest = term.as_coeff_Mul()
            if rest in logs:
                result *= logs[rest] ** factor
            elif rest == 1:
                result *= self._generator(sp.E, positive=True) ** factor
            else:
                negative = rest.could_extract_minus_sign()
                key = sp.exp(-rest if negative else rest)
                result *= self._generator(key, positive=True) ** (-factor if negative else factor)
        return result

    def _logarithm(self, argument: Expression) -> Expression:
        sp, total = self.sp, self.sp.Integer(0)
        factors = self._factored(argument)
        exponents = {g: k.args[0] for k, g in self.generators.items() if isinstance(k, sp.exp)}
        for base, power in factors:
            if base.is_Integer and base > 1:
                for prime, count in sp.factorint(base).items():
                    total += power * count * self._generator(sp.log(prime, evaluate=False))
            elif base.is_Rational and base.p == 1 and base.q > 1:
                total -= power * self._logarithm(sp.Integer(base.q))
            elif base.is_Rational and base.q > 1:
                total += power * self._logarithm(sp.Integer(base.p))
                total -= power * self._logarithm(sp.Integer(base.q))
            elif base in exponents:
                total += power * exponents[base]
            elif base != 1:
                total += power * self._generator(sp.log(base, evaluate=False))
        return total

    def _circular(self, e: Expression) -> Expression:
        sp, x = self.sp, self._argument(e.args[0])
        sign = -1 if x.could_extract_minus_sign() else 1
        sine = self._generator(sp.sin(sign * x, evaluate=False))
        cosine = self._generator(sp.cos(sign * x, evaluate=False))
        if (cosine, 2, 1 - sine**2) not in self.roots:
            self.roots.append((cosine, 2, 1 - sine**2))
        sine = sign * sine
        forms: Mapping[Any, Expression] = {
            sp.sin: sine, sp.cos: cosine, sp.tan: sine / cosine, sp.cot: cosine / sine,
            sp.sec: 1 / cosine, sp.csc: 1 / sine,
        }  # fmt: skip
        return forms[e.func]
