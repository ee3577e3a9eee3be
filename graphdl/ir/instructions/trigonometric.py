"""Circular and hyperbolic functions with their inverses."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from graphdl.ir.instructions import bounds
from graphdl.ir.instructions.table import row


def _named(name: str) -> Callable[..., Any]:
    return lambda sp, *operands: getattr(sp, name)(*operands)


def _atan2(y: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Return the angle to first order: it turns by (x·dy − y·dx) / r²."""
    r = np.hypot(np.real(y), np.real(x))
    turn = (np.real(x) / r * np.imag(y) - np.real(y) / r * np.imag(x)) / r
    return np.asarray(np.arctan2(np.real(y), np.real(x)) + 1j * turn)


def _hypot(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the root of a² + b² to first order."""
    r = np.hypot(np.real(a), np.real(b))
    return np.asarray(r + 1j * (np.real(a) / r * np.imag(a) + np.real(b) / r * np.imag(b)))


_BOUNDS = {
    "sin": bounds.within(-1, 1),
    "cos": bounds.within(-1, 1),
    "asin": bounds.finite_within(-1, 1),
    "acos": bounds.finite_within(-1, 1),
    "atan": bounds.within(-2, 2),
    "sinh": bounds.finite_within(-bounds.LARGEST, bounds.LARGEST),
    "cosh": bounds.finite_within(-bounds.LARGEST, bounds.LARGEST),
    "acosh": bounds.finite_within(1, math.inf),
    "atanh": bounds.finite_within(-1, 1, open=True),
}

for _name, _ufunc, _latex, _cost in (
    ("sin", np.sin, r"\sin", 20),
    ("cos", np.cos, r"\cos", 20),
    ("tan", np.tan, r"\tan", 25),
    ("asin", np.arcsin, r"\arcsin", 20),
    ("acos", np.arccos, r"\arccos", 20),
    ("atan", np.arctan, r"\arctan", 20),
    ("sinh", np.sinh, r"\sinh", 20),
    ("cosh", np.cosh, r"\cosh", 20),
    ("asinh", np.arcsinh, r"\operatorname{{arsinh}}", 25),
    ("acosh", np.arccosh, r"\operatorname{{arcosh}}", 25),
    ("atanh", np.arctanh, r"\operatorname{{artanh}}", 25),
):
    row(
        _name,
        1,
        evaluate=_ufunc,
        continued=_ufunc,
        numpy=_ufunc.__name__,
        latex=rf"{_latex}\left({{0}}\right)",
        sympy=_named(_name),
        bounds=_BOUNDS.get(_name, bounds.anything),
        cost=_cost,
    )
row(
    "atan2",
    2,
    evaluate=np.arctan2,
    continued=_atan2,
    numpy="arctan2",
    sympy=_named("atan2"),
    bounds=bounds.within(-4, 4),
    cost=30,
)
row(
    "hypot",
    2,
    evaluate=np.hypot,
    continued=_hypot,
    latex=r"\sqrt{{{{{0}}}^{{2}} + {{{1}}}^{{2}}}}",
    sympy=lambda sp, a, b: sp.sqrt(a**2 + b**2),
    bounds=bounds.within(0, math.inf),
    cost=20,
)
