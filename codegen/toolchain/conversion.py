"""Conversion of one argument to an array that compiled code may read."""

from __future__ import annotations

from typing import TypeGuard

import numpy as np

from graphdl.codegen.toolchain.spec import Array, ArraySpec
from graphdl.ir.errors import ArgumentError, DTypeError

_READABLE = 0x101  # numpy's C_CONTIGUOUS and ALIGNED in flags.num: one look instead of two


def is_plain(value: object, spec: ArraySpec) -> TypeGuard[Array]:
    """Say whether compiled code may read this memory as it is; the shape is not looked at."""
    return (
        type(value) is np.ndarray
        and value.dtype == spec.dtype
        and value.flags.num & _READABLE == _READABLE
    )


def overlaps(array: Array, memory: range) -> bool:
    """Say whether an array without gaps lies in some memory, given by its addresses."""
    start: int = array.__array_interface__["data"][0]
    return start < memory.stop and start + array.nbytes > memory.start


def convert(what: str, spec: ArraySpec, value: object) -> Array:
    """Return `value` as an array of the spec's dtype that compiled code may read.

    Parameters
    ----------
    what : str
        The start of an error message: which input of which entry.
    spec : ArraySpec
        Its dtype counts, its shape does not.
    value : object
        An array of that dtype (any layout and byte order), a number, or a list of numbers.

    Raises
    ------
    ArgumentError
        It cannot be made an array.
    DTypeError
        It holds other values than the dtype can take without loss of meaning.
    """
    if type(value) is not np.ndarray:
        value = _make_array(what, spec, value)
    if value.dtype != spec.dtype and value.dtype.newbyteorder("=") != spec.dtype:
        raise DTypeError(
            f"{what} must be {spec.dtype} ({spec}), "
            f"but the given array is {value.dtype} with shape {value.shape}",
            remedy=_cast_remedy(spec),
        )
    flags = value.flags
    if flags.c_contiguous and flags.aligned and value.dtype == spec.dtype:
        return value
    return np.array(value, dtype=spec.dtype, order="C", copy=True)


def _make_array(what: str, spec: ArraySpec, value: object) -> Array:
    """Make an array of anything else: weakly typed for numbers and lists, strictly for the rest."""
    try:
        array = np.asarray(value)
    except Exception as error:  # an object's own __array__ may raise anything
        raise ArgumentError(
            f"{what} must be an array ({spec}), but {_brief(value)} cannot be turned into one: "
            f"{error}",
            remedy="pass a rectangular list or a numpy.ndarray",
        ) from error
    if isinstance(value, np.ma.MaskedArray) and np.ma.is_masked(value):
        raise ArgumentError(
            f"{what} has masked elements, which have no value here", remedy="pass x.filled(value)"
        )
    if array.dtype.kind not in "biuf":
        raise DTypeError(
            f"{what} must be {spec.dtype} ({spec}), but {_brief(value)} was given",
            remedy=_cast_remedy(spec),
        )
    if isinstance(value, bool | int | float | np.generic | list | tuple | range):
        return _convert_weak(what, spec, array, value)
    return array


def _convert_weak(what: str, spec: ArraySpec, array: Array, value: object) -> Array:
    """Convert numbers of no exact dtype: integers to floats, anything that keeps its value."""
    kind, target = array.dtype.kind, spec.dtype
    allowed = {"f": "biuf", "i": "biu", "u": "biu", "b": "b"}[target.kind]
    if array.size and kind not in allowed:
        raise DTypeError(
            f"{what} must be {target} ({spec}), but {_brief(value)} holds {array.dtype} values",
            remedy=_cast_remedy(spec),
        )
    if target.kind in "iu" and array.size:
        limits = np.iinfo(target)
        if int(array.min()) < limits.min or int(array.max()) > limits.max:
            raise DTypeError(
                f"{what}: {_brief(value)} has values outside {target} "
                f"({limits.min} to {limits.max})",
                remedy="check the values, or use a wider dtype",
            )
    with np.errstate(over="ignore"):
        converted = array.astype(target)
    if target.kind == "f" and np.any(np.isinf(converted) & np.isfinite(array)):
        raise DTypeError(
            f"{what}: {_brief(value)} has values beyond the largest {target}, "
            f"{np.finfo(target).max}",
            remedy="scale the values, or use a wider dtype",
        )
    return converted


def _cast_remedy(spec: ArraySpec) -> str:
    return f"pass x.astype(np.{'bool_' if spec.dtype.kind == 'b' else spec.dtype.name})"


def _brief(value: object) -> str:
    text = repr(value) if isinstance(value, bool | int | float) else ""
    return text if 0 < len(text) <= 40 else f"an object of type {type(value).__name__}"
