"""Numbers that Python and the emitted C test draw alike, so that no arrays need be stored."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace

import numpy as np

from graphdl.ir.dtypes import DType

LETTERS = {"float32": "f", "float64": "d", "int32": "i", "int64": "l", "uint8": "u", "bool": "b"}
"""How the test in C names the type of an element."""

TRAINED, OTHER = 2.0**-2, 2.0**-6
"""Spread of parameters and of other state that are all equal."""


@dataclass(frozen=True)
class Draw:
    """A tensor of uniform pseudo-random numbers: element ``i`` is a function of ``i`` alone.

    Attributes
    ----------
    dtype : DType
        Of the elements.
    count : int
        Number of elements.
    seed : int
        32 bits.
    low : float
        Least value; floats are rounded to float32, so that products with 24 bits are exact.
    span : float
        Floats lie in ``low + [0, span)``; integers are ``low + (bits % span)``.
    """

    dtype: DType
    count: int
    seed: int
    low: float
    span: float

    def array(self) -> np.ndarray:
        """Return the elements as a vector.

        Examples
        --------
        >>> from graphdl.ir.dtypes import int32
        >>> Draw(int32, 5, 7, 0, 10).array().tolist()
        [0, 1, 2, 7, 6]
        """
        bits = _bits(self.count, self.seed)
        if self.dtype.is_float:
            unit = (bits >> np.uint32(8)).astype(np.float64) * 2.0**-24
            return (self.low + self.span * unit).astype(self.dtype.numpy)
        return (int(self.low) + bits.astype(np.int64) % int(self.span)).astype(self.dtype.numpy)

    def shifted(self, amount: int) -> Draw:
        """Return other numbers of the same distribution."""
        return replace(self, seed=self.seed ^ amount)


def _bits(count: int, seed: int) -> np.ndarray:
    """Return well-mixed 32-bit numbers (the finaliser of MurmurHash3 on a Weyl sequence)."""
    h = np.arange(count, dtype=np.uint32) * np.uint32(0x9E3779B9) + np.uint32(seed)
    h ^= h >> np.uint32(16)
    h *= np.uint32(0x85EBCA6B)
    h ^= h >> np.uint32(13)
    h *= np.uint32(0xC2B2AE35)
    return h ^ (h >> np.uint32(16))


def signs(count: int) -> np.ndarray:
    """Return the pseudo-random signs of the sum that stands for a whole tensor."""
    return np.where(_bits(count, 0x51676E73) & np.uint32(1), 1.0, -1.0)


def seed_of(*parts: object) -> int:
    """Return a seed for a name; the same in every process."""
    return zlib.crc32("\0".join(map(str, parts)).encode())


def like(name: str, array: np.ndarray, dtype: DType, trained: bool) -> Draw:
    """Return a draw from the range of an array, so that what is positive stays so.

    Floats that are all equal, as biases and moments are at first, get a range of their own, or a
    term that is lost would not be missed: parameters on both sides, other state above.
    """
    seed, count = seed_of("state", name), array.size
    finite = array[np.isfinite(array)]
    low, high = (finite.min(), finite.max()) if finite.size else (0, 0)
    if not dtype.is_float:
        return Draw(dtype, count, seed, int(low), int(high) - int(low) + 1)
    least = float(np.float32(low))
    if low == high:
        width = TRAINED if trained else OTHER
        return Draw(dtype, count, seed, least - width / 2 if trained else least, width)
    return Draw(dtype, count, seed, least, float(np.float32(float(high) - least)))


def of_input(name: str, dtype: DType, count: int, scalar: bool, size: int | None) -> Draw:
    """Return a draw for an input: floats in [-1, 1), scalars in [0, 1), indices in [0, size)."""
    seed = seed_of("input", name)
    if dtype.is_float:
        return Draw(dtype, count, seed, 0.0 if scalar else -1.0, 1.0 if scalar else 2.0)
    span = 2 if dtype.name == "bool" else 10 if size is None else max(size, 1)
    return Draw(dtype, count, seed, 0, span)
