"""Arithmetic: sums, products, extrema, signs and roots."""

from __future__ import annotations

import math

import numpy as np

from graphdl.ir.instructions import bounds
from graphdl.ir.instructions.table import real, row


def _quotient(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Divide by the conjugate, first order in h: NumPy's division loses the tiny part at 1/0."""
    quotient = np.divide(a.real, b.real)
    return np.asarray(quotient + 1j * (a.imag - quotient * b.imag) / b.real)


def _power(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return a^b to first order in h; a negative base is allowed where b is real."""
    value = np.power(np.real(a), np.real(b))
    slope = np.real(b) * np.power(np.real(a), np.real(b) - 1) * np.imag(a)
    moving = np.where(np.imag(b) == 0, 0.0, value * np.log(np.real(a)) * np.imag(b))
    return np.asarray(value + 1j * (slope + moving))


row(
    "add",
    2,
    evaluate=np.add,
    continued=np.add,
    operands="number",
    infix="+",
    wraps=True,
    latex="{0} + {1}",
    text="{0} + {1}",
    sympy=lambda sp, a, b: a + b,
    bounds=bounds.added,
)
row(
    "sub",
    2,
    evaluate=np.subtract,
    continued=np.subtract,
    operands="number",
    numpy="subtract",
    infix="-",
    wraps=True,
    latex="{0} - {1}",
    text="{0} − {1}",
    sympy=lambda sp, a, b: a - b,
    bounds=bounds.subtracted,
)
row(
    "mul",
    2,
    evaluate=np.multiply,
    continued=np.multiply,
    operands="number",
    numpy="multiply",
    infix="*",
    wraps=True,
    latex=r"{0} \cdot {1}",
    text="{0}·{1}",
    sympy=lambda sp, a, b: a * b,
    bounds=bounds.multiplied,
)
row(
    "div",
    2,
    evaluate=np.divide,
    continued=_quotient,
    numpy="divide",
    infix="/",
    latex=r"\frac{{{0}}}{{{1}}}",
    text="{0} / {1}",
    sympy=lambda sp, a, b: a / b,
    bounds=bounds.divided,
    cost=4,
)
row(
    "neg",
    1,
    evaluate=np.negative,
    continued=np.negative,
    operands="number",
    numpy="negative",
    infix="-",
    wraps=True,
    latex="-{0}",
    text="−{0}",
    sympy=lambda sp, a: -a,
    bounds=bounds.negated,
)
row(
    "abs",
    1,
    evaluate=np.abs,
    continued=lambda z: np.where(np.real(z) < 0, -z, z),
    operands="number",
    wraps=True,
    latex=r"\left|{0}\right|",
    text="|{0}|",
    sympy=lambda sp, a: sp.Abs(a),
    bounds=bounds.absolute,
)
row(
    "min",
    2,
    evaluate=np.minimum,
    continued=lambda a, b: np.where(np.real(a) <= np.real(b), a, b),
    operands="number",
    numpy="minimum",
    latex=r"\min\left({0}, {1}\right)",
    sympy=lambda sp, a, b: sp.Piecewise((a, a <= b), (b, True)),
    bounds=bounds.lesser,
)
row(
    "max",
    2,
    evaluate=np.maximum,
    continued=lambda a, b: np.where(np.real(a) >= np.real(b), a, b),
    operands="number",
    numpy="maximum",
    latex=r"\max\left({0}, {1}\right)",
    sympy=lambda sp, a, b: sp.Piecewise((a, a >= b), (b, True)),
    bounds=bounds.greater,
)
row(
    "sign",
    1,
    evaluate=np.sign,
    continued=real(np.sign),
    operands="number",
    sympy=lambda sp, a: sp.sign(a),
    bounds=bounds.within(-1, 1),
)
row(
    "sqrt",
    1,
    evaluate=np.sqrt,
    continued=np.sqrt,
    latex=r"\sqrt{{{0}}}",
    text="√({0})",
    sympy=lambda sp, a: sp.sqrt(a),
    bounds=bounds.rising(math.sqrt, low=0),
    cost=6,
)
row(
    "pow",
    2,
    evaluate=np.power,
    continued=_power,
    numpy="power",
    latex="{{{0}}}^{{{1}}}",
    text="{0}^{1}",
    sympy=lambda sp, a, b: a**b,
    bounds=bounds.power,
    cost=30,
)
