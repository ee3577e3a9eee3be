"""What an entry point's arrays are: names, dtypes and shapes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Size = int | str | Callable[[tuple[int, ...]], int]
Dims = Sequence[tuple[str, int | None]]


@dataclass(frozen=True)
class ArraySpec:
    """Name, dtype and shape of one input or output of an entry point.

    Parameters
    ----------
    name : str
        The keyword of an input, or the key of an output.
    dtype : numpy.dtype
        Native byte order.
    shape : tuple of int, str or callable
        A static size, the name of a symbolic dim, or a function from the values of all dims
        (a tuple, in the order of the entry's dims) to the size, such as ``lambda d: 2 * d[0]``.

    Examples
    --------
    >>> print(ArraySpec("x", np.dtype("float32"), ("N", 64)))
    x: float32[N, 64]
    """

    name: str
    dtype: np.dtype[Any]
    shape: tuple[Size, ...] = ()

    def __str__(self) -> str:
        sizes = ", ".join("?" if callable(size) else str(size) for size in self.shape)
        return f"{self.name}: {self.dtype}[{sizes}]"
