"""The six dtypes and their promotion.

Promotion is a total order, ``bool < uint8 < int32 < int64 < float32 < float64``: two operands meet
at the higher one. Python scalars are *weak*: they take the dtype of the array they meet, except
that a float meeting integers makes float32. Operations that need real numbers (``/``, ``exp`` ...)
turn integers into float32. So nothing becomes float64 unless float64 was put in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from graphdl.ir.errors import DTypeError


@dataclass(frozen=True, slots=True)
class DType:
    """An element type.

    Attributes
    ----------
    name : str
        NumPy's name of it.
    rank : int
        Place in the promotion order.
    itemsize : int
        Bytes an element.
    """

    name: str
    rank: int
    itemsize: int

    @property
    def is_float(self) -> bool:
        """Whether this is a floating dtype: only those carry derivatives."""
        return self.rank >= 4

    @property
    def is_integer(self) -> bool:
        """Whether this is uint8, int32 or int64."""
        return 1 <= self.rank <= 3

    @property
    def numpy(self) -> np.dtype[Any]:
        """The NumPy dtype."""
        return np.dtype(self.name)

    def __repr__(self) -> str:
        return self.name


bool_ = DType("bool", 0, 1)
uint8 = DType("uint8", 1, 1)
int32 = DType("int32", 2, 4)
int64 = DType("int64", 3, 8)
float32 = DType("float32", 4, 4)
float64 = DType("float64", 5, 8)

DTYPES: dict[str, DType] = {d.name: d for d in (bool_, uint8, int32, int64, float32, float64)}


def as_dtype(value: object) -> DType:
    """Turn a name, a NumPy dtype or a DType into a DType.

    Raises
    ------
    DTypeError
        If graphdl does not have that dtype.

    Examples
    --------
    >>> as_dtype("float32")
    float32
    """
    if isinstance(value, DType):
        return value
    try:
        name = value if isinstance(value, str) else np.dtype(value).name  # type: ignore[call-overload]
    except (TypeError, ValueError):
        name = repr(value)
    if name in DTYPES:
        return DTYPES[name]
    raise DTypeError(
        f"unknown dtype {name!r}", remedy=f"use one of {', '.join(sorted(DTYPES))}; cast the array"
    )


def promote(*dtypes: DType) -> DType:
    """Return the dtype at which operands of these dtypes meet.

    Examples
    --------
    >>> promote(int64, float32)
    float32
    """
    return max(dtypes, key=lambda d: d.rank)
