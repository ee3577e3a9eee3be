"""Arguments that are not what a compiled module asked for, each with what must become of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

SAME, REFUSED = "same", "refused"
"""What must become of a call: as with a plain array of the same numbers, or a typed error."""


@dataclass(frozen=True)
class Change:
    """A way to pass something else.

    Attributes
    ----------
    name : str
        What it is called in findings.
    verdict : str
        ``SAME`` or ``REFUSED``.
    make : callable
        From a generator and a plain array to what is passed instead.
    fits : callable
        Whether it can be done to such an array.
    """

    name: str
    verdict: str
    make: Callable[[np.random.Generator, np.ndarray], Any]
    fits: Callable[[np.ndarray], bool] = lambda x: True


class Old(np.ndarray):
    """A subclass of ndarray, as users may have."""


class HasArray:
    """An object that can be made an array."""

    def __init__(self, array: np.ndarray) -> None:
        self.array = array

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        return self.array


class Broken:
    """An object that cannot, though it says so."""

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        raise RuntimeError("on another device")


def _unaligned(rng: np.random.Generator, x: np.ndarray) -> np.ndarray:
    block = np.zeros(x.nbytes + 1, np.uint8)
    view = block[1:].view(x.dtype).reshape(x.shape)
    view[...] = x
    return view


def _read_only(rng: np.random.Generator, x: np.ndarray) -> np.ndarray:
    view = x.copy()
    view.flags.writeable = False
    return view


def _strided(rng: np.random.Generator, x: np.ndarray) -> np.ndarray:
    axis = int(rng.integers(x.ndim))
    step = int(rng.integers(2, 4))
    wide = np.repeat(x, step, axis=axis)
    return wide[(slice(None),) * axis + (slice(None, None, step),)]


def _flipped(rng: np.random.Generator, x: np.ndarray) -> np.ndarray:
    axis = int(rng.integers(x.ndim))
    return np.flip(np.ascontiguousarray(np.flip(x, axis)), axis)


def _inside(rng: np.random.Generator, x: np.ndarray) -> np.ndarray:
    """Return a window of a larger array whose other elements are rubbish."""
    large = np.frombuffer(rng.bytes(int(np.prod([n + 2 for n in x.shape])) * x.itemsize), x.dtype)
    if x.dtype.kind == "b":
        large = large.view(np.uint8).__and__(1).view(np.bool_)
    window = large.reshape([n + 2 for n in x.shape]).copy()
    window[(slice(1, -1),) * x.ndim] = x
    return window[(slice(1, -1),) * x.ndim]


def _broadcast(rng: np.random.Generator, x: np.ndarray) -> np.ndarray:
    return np.broadcast_to(x[:1], x.shape)


def _other_dtype(rng: np.random.Generator, x: np.ndarray) -> np.ndarray:
    names = ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "?", "c8", "c16"]
    others = [n for n in names if np.dtype(n) != x.dtype]
    with np.errstate(all="ignore"):
        return x.astype(others[int(rng.integers(len(others)))])


def _strange_dtype(rng: np.random.Generator, x: np.ndarray) -> np.ndarray:
    kinds = ("O", "S3", "U3", "m8[s]", "M8[s]", [("a", "f4"), ("b", "i4")])
    return np.zeros(x.shape, kinds[int(rng.integers(len(kinds)))])


def _thing(rng: np.random.Generator, x: np.ndarray) -> object:
    things: tuple[object, ...] = (
        None, "text", b"bytes", {}, {1: 2}, {1.0, 2.0}, object(), print, Broken(), 1j, type,
        [[1.0], [2.0, 3.0]], [None], ["a"], [1j], [object()], slice(3), iter([1.0]), float,
    )  # fmt: skip
    return things[int(rng.integers(len(things)))]


def _longer(rng: np.random.Generator, x: np.ndarray) -> np.ndarray:
    axis = int(rng.integers(x.ndim))
    return np.concatenate([x, np.ones_like(x[(slice(None),) * axis + (slice(0, 1),)])], axis)


def _as_list(rng: np.random.Generator, x: np.ndarray) -> object:
    return x.tolist()


def _as_tuple(rng: np.random.Generator, x: np.ndarray) -> object:
    return tuple(x.tolist())


def _masked(rng: np.random.Generator, x: np.ndarray) -> np.ndarray:
    mask = np.zeros(x.shape, bool)
    mask.flat[int(rng.integers(x.size))] = True
    return np.ma.masked_array(x, mask)


def has_axes(x: np.ndarray) -> bool:
    """Say whether an array has any axis."""
    return x.ndim > 0


def has_elements(x: np.ndarray) -> bool:
    """Say whether an array has an axis and an element."""
    return x.ndim > 0 and x.size > 0


def is_wide(x: np.ndarray) -> bool:
    """Say whether byte order means anything."""
    return x.itemsize > 1


CHANGES = (
    Change("Fortran order", SAME, lambda rng, x: np.array(x, order="F")),
    Change("strided", SAME, _strided, has_axes),
    Change("flipped strides", SAME, _flipped, has_axes),
    Change("window of an array", SAME, _inside, has_axes),
    Change("broadcast", SAME, _broadcast, has_elements),
    Change("other byte order", SAME, lambda rng, x: x.astype(x.dtype.newbyteorder()), is_wide),
    Change("unaligned", SAME, _unaligned, is_wide),
    Change("read-only", SAME, _read_only),
    Change("memoryview", SAME, lambda rng, x: x.copy().data),
    Change("subclass", SAME, lambda rng, x: x.view(Old)),
    Change("list", SAME, _as_list, has_elements),
    Change("tuple", SAME, _as_tuple, has_elements),
    Change("list of arrays", SAME, lambda rng, x: list(x), has_elements),
    Change("__array__", SAME, lambda rng, x: HasArray(x)),
    Change("nothing masked", SAME, lambda rng, x: np.ma.masked_array(x)),
    Change("other dtype", REFUSED, _other_dtype),
    Change("strange dtype", REFUSED, _strange_dtype),
    Change("no array", REFUSED, _thing),
    Change("an axis more", REFUSED, lambda rng, x: x[None]),
    Change("an axis less", REFUSED, lambda rng, x: x[0], has_elements),
    Change("masked", REFUSED, _masked, has_elements),
)
"""What may be passed for an array. A longer axis and an index that is out of range stand apart:
whether they are refused is the module's to say."""
