"""Division with remainder, and the bits of integers."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphdl.ir.instructions import bounds
from graphdl.ir.instructions.rounding import flat
from graphdl.ir.instructions.table import real, row


def _mod(a: np.ndarray, b: np.ndarray) -> Any:
    """Return a − ⌊a/b⌋·b, where the floor stands still."""
    x, y = np.real(a), np.real(b)
    return np.mod(x, y) + 1j * (np.imag(a) - np.floor_divide(x, y) * np.imag(b))


def _fmod(a: np.ndarray, b: np.ndarray) -> Any:
    x, y = np.real(a), np.real(b)
    whole = np.sign(x) * np.sign(y) * np.floor_divide(np.abs(x), np.abs(y))
    return np.fmod(x, y) + 1j * (np.imag(a) - whole * np.imag(b))


row(
    "floordiv",
    2,
    evaluate=np.floor_divide,
    continued=real(np.floor_divide),
    operands="number",
    numpy="floor_divide",
    wraps=True,
    latex=r"\left\lfloor\frac{{{0}}}{{{1}}}\right\rfloor",
    text="⌊{0} / {1}⌋",
    sympy=lambda sp, a, b: flat("floor")(a / b),
    bounds=bounds.remainder,
    cost=20,
)
row(
    "mod",
    2,
    evaluate=np.remainder,
    continued=_mod,
    operands="number",
    numpy="remainder",
    sympy=lambda sp, a, b: a - b * flat("floor")(a / b),
    bounds=bounds.remainder,
    cost=20,
)
row(
    "fmod",
    2,
    evaluate=np.fmod,
    continued=_fmod,
    operands="number",
    sympy=lambda sp, a, b: a - b * flat("trunc")(a / b),
    bounds=bounds.remainder,
    cost=20,
)
for _name, _numpy in (
    ("bitand", "bitwise_and"),
    ("bitor", "bitwise_or"),
    ("bitxor", "bitwise_xor"),
):
    row(_name, 2, evaluate=getattr(np, _numpy), operands="integer", numpy=_numpy)
row("bitnot", 1, evaluate=np.invert, operands="integer", numpy="invert", wraps=True)
row("shl", 2, evaluate=np.left_shift, operands="integer", numpy="left_shift", wraps=True)
row("shr", 2, evaluate=np.right_shift, operands="integer", numpy="right_shift")
