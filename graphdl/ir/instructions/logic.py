"""Comparisons, logic, choices and casts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from graphdl.ir.dtypes import DType
from graphdl.ir.instructions import bounds
from graphdl.ir.instructions.table import real, row


def _relation(name: str) -> Callable[..., Any]:
    return lambda sp, a, b: getattr(sp, name.capitalize())(a, b)


def _connective(name: str) -> Callable[..., Any]:
    return lambda sp, a, b: getattr(sp, name)(a, b)


def _cast(x: np.ndarray, dtype: DType) -> Any:
    return x.astype(dtype.numpy)


for _name, _numpy, _sign, _latex in (
    ("lt", "less", "<", "<"),
    ("le", "less_equal", "≤", r"\le"),
    ("gt", "greater", ">", ">"),
    ("ge", "greater_equal", "≥", r"\ge"),
    ("eq", "equal", "=", "="),
    ("ne", "not_equal", "≠", r"\ne"),
):
    row(
        _name,
        2,
        evaluate=getattr(np, _numpy),
        continued=real(getattr(np, _numpy)),
        result="bool",
        operands="any",
        bounds=bounds.within(0, 1),
        numpy=_numpy,
        latex=f"{{0}} {_latex} {{1}}",
        text=f"{{0}} {_sign} {{1}}",
        sympy=_relation(_name),
    )
for _name, _numpy, _sign, _latex in (
    ("and", "logical_and", "∧", r"\land"),
    ("or", "logical_or", "∨", r"\lor"),
    ("xor", "logical_xor", "⊻", r"\veebar"),
):
    row(
        _name,
        2,
        evaluate=getattr(np, _numpy),
        continued=real(getattr(np, _numpy)),
        operands="bool",
        bounds=bounds.within(0, 1),
        numpy=_numpy,
        latex=f"{{0}} {_latex} {{1}}",
        text=f"{{0}} {_sign} {{1}}",
        sympy=_connective(_name.capitalize()),
    )
row(
    "not",
    1,
    evaluate=np.logical_not,
    continued=real(np.logical_not),
    operands="bool",
    numpy="logical_not",
    latex=r"\lnot {0}",
    text="¬{0}",
    sympy=lambda sp, a: sp.Not(a),
)
for _name in ("isnan", "isinf", "isfinite"):
    _test = getattr(np, _name)
    row(
        _name,
        1,
        evaluate=_test,
        continued=real(_test),
        result="bool",
        bounds=bounds.within(0, 1),
        sympy=None,
        numpy=f"_{_name}",
    )
row(
    "select",
    3,
    evaluate=np.where,
    continued=np.where,
    result="select",
    operands="any",
    numpy="_select",
    latex=r"\begin{{cases}}{1} & {0}\\{2} & \text{{else}}\end{{cases}}",
    text="({1} if {0} else {2})",
    sympy=lambda sp, c, a, b: sp.Piecewise((a, c), (b, True)),
    bounds=bounds.chosen,
)
row(
    "cast",
    1,
    evaluate=_cast,
    result="cast",
    operands="any",
    numpy="_cast",
    latex="{0}",
    text="{0}",
    sympy=lambda sp, a: a,
    bounds=bounds.same,
)
