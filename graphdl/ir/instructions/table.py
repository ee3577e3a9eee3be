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

import numpy as np

from graphdl.ir.dtypes import DType, bool_, float32, promote
from graphdl.ir.instructions.bounds import Bounds, anything


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
        What it takes: ``float``, ``number``, ``integer``, ``bool``, or ``any``.
    numpy : str
        The ufunc, or a support function that starts with ``_``.
    infix : str
        C's and Python's operator for floats, if there is one.
    wraps : bool
        Whether exact results on integers may not fit the operands' dtype: where C computes in wider
        lanes, it cuts them back.
    latex : str
        Template with ``{0}``, ``{1}``; ``{factor[0]}`` is an operand as a factor has to be written.
    text : str
        The same in plain text.
    evaluate : callable
        The same by hand-written NumPy: the oracle that compiled code is compared with.
    continued : callable or None
        The same just beside the real axis, exact to first order in a tiny imaginary part.
    sympy : callable or None
        From the sympy module and SymPy operands to a SymPy expression.
    bounds : callable
        From intervals of the operands to that of the results; None where these may be infinite or
        NaN although the operands are neither.
    cost : int
        Rough cycles an element: decides whether recomputing beats storing.
    """

    name: str
    arity: int
    result: str
    operands: str
    numpy: str
    infix: str
    wraps: bool
    latex: str
    text: str
    evaluate: Callable[..., Any]
    continued: Callable[..., Any] | None
    sympy: Callable[..., Any] | None
    bounds: Bounds = anything
    cost: int = 1

    def __repr__(self) -> str:
        return self.name


INSTRUCTIONS: dict[str, Instruction] = {}


def row(
    name: str,
    arity: int,
    *,
    evaluate: Callable[..., Any],
    continued: Callable[..., Any] | None = None,
    result: str = "same",
    operands: str = "float",
    numpy: str | None = None,
    infix: str = "",
    wraps: bool = False,
    latex: str | None = None,
    text: str | None = None,
    sympy: Callable[..., Any] | None = None,
    bounds: Bounds = anything,
    cost: int = 1,
) -> None:
    """Add an instruction to the table."""
    slots = ", ".join(f"{{{i}}}" for i in range(arity))
    INSTRUCTIONS[name] = Instruction(
        name,
        arity,
        result,
        operands,
        numpy or name,
        infix,
        wraps,
        latex or rf"\operatorname{{{{{name}}}}}\left({slots}\right)",
        text or f"{name}({slots})",
        evaluate,
        continued,
        sympy,
        bounds,
        cost,
    )


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


def real(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function beside the real axis that looks at real parts only."""
    return lambda *operands: function(*(np.real(o) for o in operands))
