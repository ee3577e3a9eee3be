"""Elements as SymPy expressions over real symbols, within one region.

Choices are decided by the region, so that an expression never holds one. Constants stand for the
real numbers that they round (see ``reals``). Floats are taken as real numbers throughout: nothing
is NaN or infinite, and rounding to a dtype changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from graphdl.ir.dtypes import DType
from graphdl.ir.instructions import Instruction
from graphdl.ir.instructions.rounding import flat
from graphdl.verification.evaluator import UnsupportedError, array_of
from graphdl.verification.reals import real
from graphdl.verification.regions import Region

Expression = Any

LARGEST = 20_000
"""Parts of an expression that is still handled, repetitions included."""


class Symbolic:
    """The algebra of SymPy expressions.

    Parameters
    ----------
    region : Region
        What decides choices, and collects what the domain requires.
    strict : bool
        Whether functions with a limited domain (log, sqrt) require that their argument lies in it.
        So it is for what is differentiated: where it has no value it has no derivative. A
        derivative itself may not ask for more than that.
    """

    def __init__(self, region: Region, *, strict: bool = True) -> None:
        self.region = region
        self.strict = strict
        self.given: dict[Expression, Expression] = {}
        """What the symbols stand for through which no derivative flows."""
        self._sizes: dict[Expression, int] = {}

    def number(self, value: Any) -> Expression:
        """Return the real number that a float stands for."""
        return real(value)

    def total(self, elements: Sequence[Expression]) -> Expression:
        """Return the sum."""
        import sympy as sp

        return self._bounded(sp.Add(*elements))

    def product(self, elements: Sequence[Expression]) -> Expression:
        """Return the product."""
        import sympy as sp

        return self._bounded(sp.Mul(*elements))

    def sign(self, element: Expression) -> int:
        """Ask the region."""
        return self.region.sign(self.opened(element))

    def held(self, element: Expression) -> Expression:
        """Return a new symbol: SymPy shall not differentiate by what is inside."""
        import sympy as sp

        if element.is_number:
            return element
        symbol = sp.Symbol(f"held{len(self.given)}", real=True)
        self.given[symbol] = self.opened(element)
        return symbol

    def opened(self, expression: Expression) -> Expression:
        """Return an expression with what has been held put back."""
        return expression.xreplace(self.given) if self.given else expression

    def apply(self, instruction: Instruction, operands: list[Any], payload: object) -> Any:
        """Return the value of an instruction; a choice is made at once."""
        import sympy as sp

        if isinstance(payload, DType):
            return self._cast(operands[0], payload)
        if instruction.result == "select":
            return operands[1] if operands[0] else operands[2]
        if instruction.result == "bool" and len(operands) == 2:
            return bool(instruction.evaluate(self.sign(_number(operands[0]) - operands[1]), 0))
        if instruction.operands == "bool":
            return bool(instruction.evaluate(*operands))
        if instruction.result == "bool":
            return bool(instruction.evaluate(np.float64(0.5)))  # of a real number: finite, no NaN
        if instruction.sympy is None:
            raise UnsupportedError(f"{instruction.name} of a symbol")
        given = [_number(o) for o in operands]
        if self.strict:
            self._require(instruction, given)
        found = instruction.sympy(sp, *given)
        return self._bounded(self._resolved(found) if _branches(instruction) else found)

    def _bounded(self, expression: Expression) -> Expression:
        """Refuse what has grown too large: SymPy walks a shared part as often as it occurs."""
        if self.size(expression) > LARGEST:
            raise UnsupportedError(f"an element has more than {LARGEST} terms")
        return expression

    def size(self, expression: Expression) -> int:
        """Return the number of parts of an expression, repetitions included."""
        size = self._sizes.get(expression)
        if size is None:
            size = 1 + sum(self.size(a) for a in expression.args)
            self._sizes[expression] = size
        return size

    def _cast(self, value: Any, dtype: DType) -> Any:
        if dtype.name == "bool":
            return bool(value) if isinstance(value, bool) else self.sign(value) != 0
        value = _number(value)
        if dtype.is_float:
            return value
        return int(value) if value.is_number else flat("trunc")(value)

    def _require(self, instruction: Instruction, operands: list[Expression]) -> None:
        for needed in requirements(instruction)(*operands):
            self.region.require(self.opened(needed))

    def _resolved(self, expression: Expression) -> Expression:
        """Replace choices, absolute values and signs by what they are in this region."""
        import sympy as sp

        if isinstance(expression, sp.Piecewise):
            return next(self._resolved(v) for v, holds in expression.args if self._holds(holds))
        if isinstance(expression, sp.sign):
            return sp.Integer(self.sign(expression.args[0]))
        if isinstance(expression, sp.Abs):
            inner = self._resolved(expression.args[0])
            return inner * self.sign(inner)
        if not expression.args:
            return expression
        return expression.func(*(self._resolved(a) for a in expression.args))

    def _holds(self, condition: Expression) -> bool:
        import sympy as sp

        if condition in (sp.true, sp.false):
            return bool(condition)
        if isinstance(condition, sp.core.relational.Relational):
            return bool(condition.func(self.sign(condition.lhs - condition.rhs), 0))
        return bool(condition.func(*(sp.sympify(self._holds(a)) for a in condition.args)))


def _number(value: Any) -> Expression:
    import sympy as sp

    return sp.Integer(int(value)) if isinstance(value, (bool, int, np.integer)) else value


@cache
def _branches(instruction: Instruction) -> bool:
    import sympy as sp

    symbols = sp.symbols(f"a:{instruction.arity}", real=True)
    found = instruction.sympy(sp, *symbols)  # type: ignore[misc]
    return bool(found.has(sp.Piecewise, sp.Abs, sp.sign))


@cache
def requirements(instruction: Instruction) -> Any:
    """Return a function from operands to what must be positive for a real, smooth value."""
    import sympy as sp

    symbols = sp.symbols(f"a:{instruction.arity}", real=True)
    body = instruction.sympy(sp, *symbols)  # type: ignore[misc]
    found: list[tuple[Expression, Expression]] = []  # what is needed, unless this is whole
    for e in sp.preorder_traversal(body):
        if isinstance(e, sp.Pow) and not e.exp.is_integer:
            found.append((e.base, e.exp))
        elif isinstance(e, (sp.log, sp.loggamma, sp.polygamma, sp.digamma)):
            found.append((e.args[-1], sp.nan))
        elif isinstance(e, (sp.asin, sp.acos, sp.atanh)):
            found += [(1 - e.args[0], sp.nan), (1 + e.args[0], sp.nan)]
        elif isinstance(e, sp.acosh):
            found.append((e.args[0] - 1, sp.nan))

    def of(*operands: Expression) -> list[Expression]:
        values = dict(zip(symbols, operands, strict=True))
        needed = [base.xreplace(values) for base, e in found if not e.xreplace(values).is_integer]
        return [n for n in needed if not n.is_nonnegative]

    return of


def symbols_of(name: str, shape: tuple[int, ...]) -> np.ndarray:
    """Return an array of real symbols, named after their places."""
    import sympy as sp

    names = [name + (f"[{', '.join(map(str, at))}]" if at else "") for at in np.ndindex(*shape)]
    return array_of([sp.Symbol(n, real=True) for n in names], shape)
