"""The ufuncs of combinations, and what they start with."""

from __future__ import annotations

import numpy as np

from graphdl.codegen.numpy.text import literal
from graphdl.ir.dtypes import DType

UFUNCS = {
    "add": "add", "mul": "multiply", "min": "minimum", "max": "maximum", "and": "logical_and",
    "or": "logical_or",
}  # fmt: skip


def neutral(combine: str, dtype: DType) -> str:
    """Return the literal that a combination leaves everything unchanged with."""
    if combine in ("add", "or"):
        return literal(0, dtype)
    if combine in ("mul", "and"):
        return literal(1, dtype)
    if dtype.name == "bool":
        return literal(combine == "min", dtype)
    sign = 1 if combine == "min" else -1
    if dtype.is_float:
        return literal(sign * np.inf, dtype)
    limits = np.iinfo(dtype.numpy)
    return literal(int(limits.max if sign > 0 else limits.min), dtype)
