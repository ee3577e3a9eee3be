"""Exponentials and logarithms, and what is made of them: tanh, sigmoid; the cubic root."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from graphdl.ir.instructions import bounds
from graphdl.ir.instructions.table import row


def _expm1(z: np.ndarray) -> np.ndarray:
    """Return e^(a+ib) − 1 for a tiny b: its cosine is 1."""
    return np.asarray(np.expm1(z.real) + 1j * np.exp(z.real) * z.imag)


def _log1p(z: np.ndarray) -> np.ndarray:
    """Return log(1+a+ib) for a tiny b, where the argument's angle is b/(1+a)."""
    return np.asarray(np.log1p(z.real) + 1j * z.imag / (1 + z.real))


def _sigmoid(x: np.ndarray) -> Any:
    small = np.exp(-np.where(x.real >= 0, x, -x))
    return np.where(x.real >= 0, 1 / (1 + small), small / (1 + small)).astype(x.dtype)


def _exp_product(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return e^(ab) from a product of more digits: what it lacks, the result lacks many times."""
    kind = np.result_type(a, b)
    wide = np.result_type(kind, np.longdouble)
    return np.asarray(np.exp(a.astype(wide) * b.astype(wide))).astype(kind)


def _cbrt(z: np.ndarray) -> np.ndarray:
    """Return the real cubic root to first order, whose slope is 1/(3y²)."""
    root = np.cbrt(np.real(z))
    return np.asarray(root + 1j * np.imag(z) / (3 * root * root))


row(
    "exp",
    1,
    evaluate=np.exp,
    continued=np.exp,
    latex=r"\exp\left({0}\right)",
    sympy=lambda sp, a: sp.exp(a),
    bounds=bounds.exponential(math.exp),
    cost=8,
)
row(
    "exp_product",
    2,
    evaluate=_exp_product,
    continued=_exp_product,
    latex=r"\exp\left({factor[0]} \cdot {factor[1]}\right)",
    text="exp({factor[0]}·{factor[1]})",
    numpy="_exp_product",
    sympy=lambda sp, a, b: sp.exp(a * b),
    bounds=lambda a, b: bounds.exponential(math.exp)(bounds.multiplied(a, b)),
    cost=12,
)
row(
    "expm1",
    1,
    evaluate=np.expm1,
    continued=_expm1,
    sympy=lambda sp, a: sp.exp(a) - 1,
    bounds=bounds.exponential(math.expm1),
    cost=10,
)
row(
    "exp2",
    1,
    evaluate=np.exp2,
    continued=np.exp2,
    latex="2^{{{0}}}",
    text="2^{0}",
    sympy=lambda sp, a: 2**a,
    bounds=bounds.exponential(lambda x: 2.0**x),
    cost=20,
)
row(
    "log",
    1,
    evaluate=np.log,
    continued=np.log,
    latex=r"\log\left({0}\right)",
    sympy=lambda sp, a: sp.log(a),
    bounds=bounds.rising(math.log, low=0, open=True),
    cost=8,
)
row(
    "log1p",
    1,
    evaluate=np.log1p,
    continued=_log1p,
    sympy=lambda sp, a: sp.log(1 + a),
    bounds=bounds.rising(math.log1p, low=-1, open=True),
    cost=10,
)
row(
    "log2",
    1,
    evaluate=np.log2,
    continued=np.log2,
    latex=r"\log_2\left({0}\right)",
    sympy=lambda sp, a: sp.log(a) / sp.log(2),
    bounds=bounds.rising(math.log2, low=0, open=True),
    cost=20,
)
row(
    "log10",
    1,
    evaluate=np.log10,
    continued=np.log10,
    latex=r"\log_{{10}}\left({0}\right)",
    sympy=lambda sp, a: sp.log(a) / sp.log(10),
    bounds=bounds.rising(math.log10, low=0, open=True),
    cost=20,
)
row(
    "cbrt",
    1,
    evaluate=np.cbrt,
    continued=_cbrt,
    latex=r"\sqrt[3]{{{0}}}",
    sympy=lambda sp, a: sp.sign(a) * sp.Abs(a) ** sp.Rational(1, 3),
    cost=20,
)
row(
    "tanh",
    1,
    evaluate=np.tanh,
    continued=np.tanh,
    latex=r"\tanh\left({0}\right)",
    sympy=lambda sp, a: sp.tanh(a),
    bounds=bounds.within(-1, 1),
    cost=10,
)
row(
    "sigmoid",
    1,
    evaluate=_sigmoid,
    continued=_sigmoid,
    latex=r"\sigma\left({0}\right)",
    text="σ({0})",
    numpy="_sigmoid",
    sympy=lambda sp, a: 1 / (1 + sp.exp(-a)),
    bounds=bounds.within(0, 1),
    cost=10,
)
