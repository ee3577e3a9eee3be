"""Rounding to whole numbers."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from graphdl.ir.instructions.table import real, row


@cache
def flat(name: str) -> Any:
    """Return a rounding as a SymPy function whose derivative is 0: SymPy leaves floor's open."""
    import mpmath
    import sympy as sp

    exact = {
        "floor": mpmath.floor,
        "ceiling": mpmath.ceil,
        "trunc": lambda x: mpmath.sign(x) * mpmath.floor(abs(x)),
        "round": mpmath.nint,
    }[name]

    def evalf(self: Any, precision: int) -> Any:
        return sp.Float(exact(self.args[0]._to_mpmath(precision)), precision=precision)

    def fdiff(self: Any, argindex: int = 1) -> Any:
        return sp.Integer(0)

    return type(name, (sp.Function,), {"nargs": 1, "fdiff": fdiff, "_eval_evalf": evalf})


def _symbolic(name: str) -> Callable[..., Any]:
    return lambda sp, a: flat(name)(a)


for _name, _ufunc, _symbol in (
    ("floor", np.floor, "floor"),
    ("ceil", np.ceil, "ceiling"),
    ("trunc", np.trunc, "trunc"),
    ("round", np.rint, "round"),
):
    row(
        _name,
        1,
        evaluate=_ufunc,
        continued=real(_ufunc),
        numpy=_ufunc.__name__,
        latex={
            "floor": r"\left\lfloor {0}\right\rfloor",
            "ceil": r"\left\lceil {0}\right\rceil",
        }.get(_name),
        sympy=_symbolic(_symbol),
        cost=2,
    )
