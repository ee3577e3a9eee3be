"""The closed set of scalar instructions: what one element of a kernel can compute.

Elementwise ops are expressions over these. The table says, a row an instruction, everything that
a derivative, a printer or an evaluator must know, so that none of them names an instruction.
Targets find their text by convention: C calls ``<vector type>_<name>`` unless there is an infix
operator; NumPy calls ``numpy`` (a name that starts with ``_`` is a support function of ours).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graphdl.ir.dtypes import DType, bool_, float32, promote


@dataclass(frozen=True, eq=False, slots=True)
class Instruction:
    """One scalar instruction.

    Attributes
    ----------
    name : str
        Its name, the last part of the C function.
    arity : int
        Number of operands.
    result : str
        How the result is typed: ``same`` as the operands, ``bool``, ``select`` (from the
        branches), or ``cast`` (to the payload).
    operands : str
        What it takes: ``float``, ``number``, ``any``, ``bool``, or ``integer``.
    numpy : str
        The ufunc, or a support function that starts with ``_``.
    infix : str
        C's and Python's operator for floats, if there is one.
    latex : str
        Template with ``{0}``, ``{1}``.
    text : str
        The same in plain text.
    sympy : callable or None
        From the sympy module and SymPy operands to a SymPy expression.
    cost : int
        Rough cycles an element: decides whether recomputing beats storing.
    """

    name: str
    arity: int
    result: str
    operands: str
    numpy: str
    infix: str
    latex: str
    text: str
    sympy: Callable[..., Any] | None
    cost: int = 1

    def __repr__(self) -> str:
        return self.name


INSTRUCTIONS: dict[str, Instruction] = {}


def _row(
    name: str,
    arity: int,
    *,
    result: str = "same",
    operands: str = "float",
    numpy: str | None = None,
    infix: str = "",
    latex: str | None = None,
    text: str | None = None,
    sympy: Callable[..., Any] | None = None,
    cost: int = 1,
) -> None:
    slots = ", ".join(f"{{{i}}}" for i in range(arity))
    INSTRUCTIONS[name] = Instruction(
        name,
        arity,
        result,
        operands,
        numpy or name,
        infix,
        latex or rf"\operatorname{{{{{name}}}}}\left({slots}\right)",
        text or f"{name}({slots})",
        sympy,
        cost,
    )


def _arithmetic() -> None:
    _row(
        "add",
        2,
        operands="number",
        infix="+",
        latex="{0} + {1}",
        text="{0} + {1}",
        sympy=lambda sp, a, b: a + b,
    )
    _row(
        "sub",
        2,
        operands="number",
        numpy="subtract",
        infix="-",
        latex="{0} - {1}",
        text="{0} − {1}",
        sympy=lambda sp, a, b: a - b,
    )
    _row(
        "mul",
        2,
        operands="number",
        numpy="multiply",
        infix="*",
        latex=r"{0} \cdot {1}",
        text="{0}·{1}",
        sympy=lambda sp, a, b: a * b,
    )
    _row(
        "div",
        2,
        numpy="divide",
        infix="/",
        latex=r"\frac{{{0}}}{{{1}}}",
        text="{0} / {1}",
        sympy=lambda sp, a, b: a / b,
        cost=4,
    )
    _row(
        "neg",
        1,
        operands="number",
        numpy="negative",
        infix="-",
        latex="-{0}",
        text="−{0}",
        sympy=lambda sp, a: -a,
    )
    _row(
        "abs",
        1,
        operands="number",
        latex=r"\left|{0}\right|",
        text="|{0}|",
        sympy=lambda sp, a: sp.Abs(a),
    )
    _row(
        "min",
        2,
        operands="number",
        numpy="minimum",
        latex=r"\min\left({0}, {1}\right)",
        sympy=lambda sp, a, b: sp.Piecewise((a, a <= b), (b, True)),
    )
    _row(
        "max",
        2,
        operands="number",
        numpy="maximum",
        latex=r"\max\left({0}, {1}\right)",
        sympy=lambda sp, a, b: sp.Piecewise((a, a >= b), (b, True)),
    )
    _row("sign", 1, operands="number", sympy=lambda sp, a: sp.sign(a))
    _row("sqrt", 1, latex=r"\sqrt{{{0}}}", text="√({0})", sympy=lambda sp, a: sp.sqrt(a), cost=6)


def _transcendental() -> None:
    one = {
        "exp": ("exp", 8),
        "expm1": ("_expm1", 10),
        "log": ("log", 8),
        "log1p": ("_log1p", 10),
        "tanh": ("tanh", 10),
        "erf": ("erf", 12),
    }
    for name, (function, cost) in one.items():
        latex = rf"\{name}\left({{0}}\right)" if name in ("exp", "log", "tanh") else None
        _row(
            name,
            1,
            latex=latex,
            sympy=_sympy_function(function),
            cost=cost,
            numpy="_erf" if function == "erf" else name,
        )
    _row(
        "pow",
        2,
        numpy="power",
        latex="{{{0}}}^{{{1}}}",
        text="{0}^{1}",
        sympy=lambda sp, a, b: a**b,
        cost=30,
    )
    _row(
        "sigmoid",
        1,
        latex=r"\sigma\left({0}\right)",
        text="σ({0})",
        numpy="_sigmoid",
        sympy=lambda sp, a: 1 / (1 + sp.exp(-a)),
        cost=10,
    )


def _sympy_function(name: str) -> Callable[..., Any]:
    special = {
        "_expm1": lambda sp, a: sp.exp(a) - 1,
        "_log1p": lambda sp, a: sp.log(1 + a),
    }
    return special.get(name) or (lambda sp, a: getattr(sp, name)(a))


def _logic() -> None:
    for name, numpy, sign, latex in (
        ("lt", "less", "<", "<"),
        ("le", "less_equal", "≤", r"\le"),
        ("gt", "greater", ">", ">"),
        ("ge", "greater_equal", "≥", r"\ge"),
        ("eq", "equal", "=", "="),
        ("ne", "not_equal", "≠", r"\ne"),
    ):
        _row(
            name,
            2,
            result="bool",
            operands="any",
            numpy=numpy,
            latex=f"{{0}} {latex} {{1}}",
            text=f"{{0}} {sign} {{1}}",
            sympy=_sympy_relation(name),
        )
    for name, numpy, sign, latex in (
        ("and", "logical_and", "∧", r"\land"),
        ("or", "logical_or", "∨", r"\lor"),
        ("xor", "logical_xor", "⊻", r"\veebar"),
    ):
        _row(
            name,
            2,
            operands="bool",
            numpy=numpy,
            latex=f"{{0}} {latex} {{1}}",
            text=f"{{0}} {sign} {{1}}",
            sympy=_sympy_logic(name.capitalize()),
        )
    _row(
        "not",
        1,
        operands="bool",
        numpy="logical_not",
        latex=r"\lnot {0}",
        text="¬{0}",
        sympy=lambda sp, a: sp.Not(a),
    )
    _row("isnan", 1, result="bool", sympy=None)
    _row(
        "select",
        3,
        result="select",
        operands="any",
        numpy="_select",
        latex=r"\begin{{cases}}{1} & {0}\\{2} & \text{{else}}\end{{cases}}",
        text="({1} if {0} else {2})",
        sympy=lambda sp, c, a, b: sp.Piecewise((a, c), (b, True)),
    )
    _row(
        "cast",
        1,
        result="cast",
        operands="any",
        numpy="_cast",
        latex="{0}",
        text="{0}",
        sympy=lambda sp, a: a,
    )


def _sympy_relation(name: str) -> Callable[..., Any]:
    return lambda sp, a, b: getattr(sp, name.capitalize())(a, b)


def _sympy_logic(name: str) -> Callable[..., Any]:
    return lambda sp, a, b: getattr(sp, name)(a, b)


_arithmetic()
_transcendental()
_logic()


def result_dtype(instruction: Instruction, operands: list[DType], payload: object) -> DType:
    """Return the dtype of an instruction's result on operands of these dtypes."""
    if instruction.result == "bool":
        return bool_
    if instruction.result == "cast":
        assert isinstance(payload, DType)
        return payload
    if instruction.result == "select":
        return promote(*operands[1:])
    joint = promote(*operands)
    return float32 if instruction.operands == "float" and not joint.is_float else joint
