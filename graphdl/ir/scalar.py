"""Scalar expressions: the rule of an elementwise op, written once, read by everybody.

An op's file writes an ordinary Python function over :class:`Scalar` values. It is traced once into
a small DAG of instructions. That one DAG is evaluated by the interpreter, differentiated by SymPy,
typeset as math, and printed as NumPy and as C, operation by operation in the order written.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from typing import Any, TypeVar, Union

from graphdl.ir.dtypes import DType
from graphdl.ir.errors import GraphError
from graphdl.ir.instructions import INSTRUCTIONS, Instruction

ScalarLike = Union["Scalar", float, int, bool]
Value = TypeVar("Value")


class Scalar:
    """One value of a scalar expression: an instruction on other values, an argument or a constant.

    Attributes
    ----------
    instruction : Instruction or None
        None for arguments and constants.
    args : tuple of Scalar
        Its operands.
    payload : object
        A constant's value, an argument's position, a cast's dtype.
    is_argument : bool
        Whether this is an argument.
    """

    __slots__ = ("args", "instruction", "is_argument", "payload")

    def __init__(
        self,
        instruction: Instruction | None,
        args: tuple[Scalar, ...] = (),
        payload: object = None,
        is_argument: bool = False,
    ) -> None:
        self.instruction = instruction
        self.args = args
        self.payload = payload
        self.is_argument = is_argument

    @property
    def is_constant(self) -> bool:
        """Whether this is a constant."""
        return self.instruction is None and not self.is_argument

    def __add__(self, other: ScalarLike) -> Scalar:
        return apply("add", self, other)

    def __radd__(self, other: ScalarLike) -> Scalar:
        return apply("add", other, self)

    def __sub__(self, other: ScalarLike) -> Scalar:
        return apply("sub", self, other)

    def __rsub__(self, other: ScalarLike) -> Scalar:
        return apply("sub", other, self)

    def __mul__(self, other: ScalarLike) -> Scalar:
        return apply("mul", self, other)

    def __rmul__(self, other: ScalarLike) -> Scalar:
        return apply("mul", other, self)

    def __truediv__(self, other: ScalarLike) -> Scalar:
        return apply("div", self, other)

    def __rtruediv__(self, other: ScalarLike) -> Scalar:
        return apply("div", other, self)

    def __neg__(self) -> Scalar:
        return apply("neg", self)

    def __abs__(self) -> Scalar:
        return apply("abs", self)

    def __lt__(self, other: ScalarLike) -> Scalar:
        return apply("lt", self, other)

    def __le__(self, other: ScalarLike) -> Scalar:
        return apply("le", self, other)

    def __gt__(self, other: ScalarLike) -> Scalar:
        return apply("gt", self, other)

    def __ge__(self, other: ScalarLike) -> Scalar:
        return apply("ge", self, other)

    def __bool__(self) -> bool:
        raise GraphError(
            "a scalar expression has no truth value while it is traced",
            remedy="use select(condition, a, b) instead of if",
        )

    def __repr__(self) -> str:
        return text(self, [f"x{i}" for i in range(16)])


def constant(value: float | int | bool) -> Scalar:
    """Return a constant of weak type: it takes the dtype of what it meets."""
    return Scalar(None, (), value)


def argument(position: int) -> Scalar:
    """Return the argument at that position."""
    return Scalar(None, (), position, is_argument=True)


def lift(value: ScalarLike) -> Scalar:
    """Turn a Python number into a constant; leave scalars alone."""
    return value if isinstance(value, Scalar) else constant(value)


def apply(name: str, *operands: ScalarLike, payload: object = None) -> Scalar:
    """Return the value of the named instruction on these operands."""
    return Scalar(INSTRUCTIONS[name], tuple(lift(o) for o in operands), payload)


def _unary(name: str) -> Callable[[ScalarLike], Scalar]:
    return lambda x: apply(name, x)


def _binary(name: str) -> Callable[[ScalarLike, ScalarLike], Scalar]:
    return lambda x, y: apply(name, x, y)


exp, expm1, log, log1p = _unary("exp"), _unary("expm1"), _unary("log"), _unary("log1p")
tanh, sigmoid, erf = _unary("tanh"), _unary("sigmoid"), _unary("erf")
silu, mish = _unary("silu"), _unary("mish")
gelu, gelu_tanh = _unary("gelu"), _unary("gelu_tanh")
absolute, sqrt, sign, isnan = _unary("abs"), _unary("sqrt"), _unary("sign"), _unary("isnan")
power = _binary("pow")
isinf, isfinite = _unary("isinf"), _unary("isfinite")
floor, ceil, trunc, round_even = _unary("floor"), _unary("ceil"), _unary("trunc"), _unary("round")
exp2, log2, log10, cbrt = _unary("exp2"), _unary("log2"), _unary("log10"), _unary("cbrt")
sin, cos, tan = _unary("sin"), _unary("cos"), _unary("tan")
asin, acos, atan, atan2 = _unary("asin"), _unary("acos"), _unary("atan"), _binary("atan2")
sinh, cosh, hypot = _unary("sinh"), _unary("cosh"), _binary("hypot")
asinh, acosh, atanh = _unary("asinh"), _unary("acosh"), _unary("atanh")
erfc, lgamma, digamma = _unary("erfc"), _unary("lgamma"), _unary("digamma")
polygamma, exp_product = _binary("polygamma"), _binary("exp_product")
minimum, maximum = _binary("min"), _binary("max")
floor_divide, mod, fmod = _binary("floordiv"), _binary("mod"), _binary("fmod")
bitwise_and, bitwise_or = _binary("bitand"), _binary("bitor")
bitwise_xor, bitwise_not = _binary("bitxor"), _unary("bitnot")
left_shift, right_shift = _binary("shl"), _binary("shr")
equal, not_equal = _binary("eq"), _binary("ne")
logical_and, logical_or, logical_xor = _binary("and"), _binary("or"), _binary("xor")
logical_not = _unary("not")


def select(condition: ScalarLike, x: ScalarLike, y: ScalarLike) -> Scalar:
    """Return ``x`` where the condition holds, else ``y``."""
    return apply("select", condition, x, y)


def cast(x: ScalarLike, dtype: DType) -> Scalar:
    """Return ``x`` converted to a dtype, floats to integers by truncation."""
    return apply("cast", x, payload=dtype)


def walk(root: Scalar) -> list[Scalar]:
    """Return all values below ``root`` in the order in which they can be computed."""
    order: list[Scalar] = []
    seen: set[int] = set()
    stack = [(root, False)]
    while stack:
        value, ready = stack.pop()
        if ready:
            order.append(value)
        elif id(value) not in seen:
            seen.add(id(value))
            stack.append((value, True))
            stack.extend((a, False) for a in reversed(value.args))
    return order


def evaluate(
    root: Scalar,
    args: Sequence[Value],
    of_constant: Callable[[Any], Value],
    of_instruction: Callable[[Instruction, list[Value], object], Value],
) -> Value:
    """Evaluate an expression in any algebra: numbers, nodes, SymPy, text, kernel values."""
    values: dict[int, Value] = {}
    for value in walk(root):
        if value.is_argument:
            assert isinstance(value.payload, int)
            values[id(value)] = args[value.payload]
        elif value.instruction is None:
            values[id(value)] = of_constant(value.payload)
        else:
            operands = [values[id(a)] for a in value.args]
            values[id(value)] = of_instruction(value.instruction, operands, value.payload)
    return values[id(root)]


def cost(root: Scalar) -> int:
    """Return rough cycles an element."""
    return sum(v.instruction.cost for v in walk(root) if v.instruction is not None)


_ATOMIC = frozenset("+-−·*/=<>≤≥≠∧∨⊻")


def parenthesised(operand: str) -> str:
    """Put parentheses round text that has an operator outside of brackets."""
    depth = 0
    for position, character in enumerate(operand):
        depth += (character in "([|⌊") - (character in ")]⌋")
        if depth <= 0 and character in _ATOMIC and position:
            return f"({operand})"
    return operand


def _without_one(instruction: Instruction, operands: list[str]) -> list[str]:
    """Return what is written of a product or quotient: no factors of 1."""
    if instruction.infix == "/" and operands[1] == "1":
        return operands[:1]
    return [o for o in operands if o != "1"] or ["1"] if instruction.infix == "*" else operands


def _signs_enclosed(instruction: Instruction, factor: list[str], brackets: str) -> list[str]:
    """Put brackets round what begins with a minus right after an operator."""
    if not instruction.infix:
        return factor
    return factor[:1] + [brackets.format(f) if f[0] in "-−" else f for f in factor[1:]]


def text(root: Scalar, names: Sequence[str]) -> str:
    """Return the expression as a person would write it in plain text."""

    def instruction_text(instruction: Instruction, operands: list[str], payload: object) -> str:
        operands = _without_one(instruction, operands)
        if len(operands) < instruction.arity:
            return operands[0]
        factor = _signs_enclosed(instruction, [parenthesised(o) for o in operands], "({})")
        enclosed = any(c in instruction.text for c in "(|")
        bare = enclosed and instruction.operands not in ("any", "bool")
        return instruction.text.format(*(operands if bare else factor), factor=factor)

    return evaluate(root, names, _number_text, instruction_text)


_LATEX_TOKEN = re.compile(r"\\[a-zA-Z]+|.", re.DOTALL)


def _latex_operand(operand: str, is_power: bool) -> str:
    """Put parentheses round a sum, and in a power round anything that is no single symbol."""
    depth = 0
    for position, match in enumerate(_LATEX_TOKEN.finditer(operand)):
        token = match.group()
        depth += (token in ("{", r"\left", r"\begin")) - (token in ("}", r"\right", r"\end"))
        sign = token in ("+", "-") and (position or is_power)
        if depth == 0 and (sign or (is_power and token in (r"\cdot", r"\frac", "^"))):
            return rf"\left({operand}\right)"
    return operand


_CASES, _END = r"\begin{cases}", r"\end{cases}"
_ELSE = rf" & \text{{else}}{_END}"


def _cases_joined(text: str, last: str) -> str:
    """Let cases that are all of another's else be rows of that."""
    inner = last.removeprefix(_CASES)
    if inner == last or _END in inner[: -len(_END)] or not text.endswith(last + _ELSE):
        return text
    return text.removesuffix(last + _ELSE) + inner


def latex(root: Scalar, names: Sequence[str]) -> str:
    """Return the expression as LaTeX."""

    def instruction_latex(instruction: Instruction, operands: list[str], payload: object) -> str:
        operands = _without_one(instruction, operands)
        if len(operands) < instruction.arity:
            return operands[0]
        template = instruction.latex
        enclosed = any(word in template for word in (r"\left", r"\frac", r"\sqrt", r"\begin"))
        factor = [_latex_operand(o, "^" in template) for o in operands]
        factor = _signs_enclosed(instruction, factor, r"\left({}\right)")
        text = template.format(*(operands if enclosed else factor), factor=factor)
        return _cases_joined(text, operands[-1])

    return evaluate(root, names, _number_latex, instruction_latex)


def _number_latex(value: object) -> str:
    digits, _, exponent = _number_text(value).replace("inf", r"\infty").partition("e")
    if not exponent:
        return digits
    factor = digits[:-1] if digits in ("1", "-1") else rf"{digits} \cdot "
    return f"{factor}10^{{{int(exponent)}}}"


def _number_text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def to_sympy(root: Scalar, symbols: Sequence[Any]) -> Any:
    """Return the expression over SymPy symbols; a float becomes the fraction it is written as.

    Raises
    ------
    GraphError
        If an instruction has no SymPy form.
    """
    import sympy as sp

    def of_constant(value: Any) -> Any:
        if isinstance(value, bool):
            return sp.true if value else sp.false
        if isinstance(value, int):
            return sp.Integer(value)
        return sp.Rational(repr(value)) if math.isfinite(value) else sp.Float(value)

    def of_instruction(instruction: Instruction, operands: list[Any], payload: object) -> Any:
        if instruction.sympy is None:
            raise GraphError(f"{instruction.name} has no symbolic form")
        return instruction.sympy(sp, *operands)

    return evaluate(root, symbols, of_constant, of_instruction)
