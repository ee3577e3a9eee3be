"""Checks of a call's arguments in Python: the slow path of every target.

The compiled binding checks what is usual (exact dtype, contiguous, sizes that fit) by itself
and comes here for the rest. The NumPy target and the interpreter come here always, so that all
targets accept the same calls and raise the same errors. Nothing here depends on C.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence

from graphdl.codegen.toolchain.conversion import convert, is_plain
from graphdl.codegen.toolchain.spec import Array, ArraySpec, Dims
from graphdl.ir.errors import ArgumentError, DimensionError, ShapeError


def prepare(
    entry: str,
    inputs: Sequence[ArraySpec],
    dims: Dims,
    args: Sequence[object],
    kwargs: Mapping[str, object],
) -> tuple[Array, ...]:
    """Turn a call's arguments into arrays that compiled code may read.

    Parameters
    ----------
    entry : str
        Name of the entry point, for messages.
    inputs : sequence of ArraySpec
        The inputs, in positional order.
    dims : sequence of (str, int or None)
        Symbolic dims and their maxima (None: no maximum).
    args, kwargs
        What the user passed. Arrays must have the exact dtype; Python numbers and lists are
        converted where the conversion is safe (ints to floats, not floats to ints).

    Returns
    -------
    tuple of numpy.ndarray
        One array per input: C-contiguous, aligned, native byte order, shapes that fit. An
        argument that is already so is returned itself, not copied.

    Raises
    ------
    ArgumentError, DTypeError, ShapeError, DimensionError
        Naming the entry, the input, what was expected and given, and the remedy.

    Examples
    --------
    >>> import numpy as np
    >>> spec = ArraySpec("x", np.dtype("float32"), ("N", 2))
    >>> prepare("forward", [spec], [("N", 8)], ([[1, 2], [3, 4]],), {})[0].dtype
    dtype('float32')
    """
    plain = arrange(inputs, args, kwargs)
    if plain is not None and fit(inputs, dims, plain) is not None:
        return plain
    values = _match_names(entry, inputs, args, kwargs)
    arrays = tuple(
        convert(f"{entry}(): input {spec.name!r}", spec, value)
        for spec, value in zip(inputs, values, strict=True)
    )
    bind_dims(entry, inputs, dims, arrays)
    return arrays


def arrange(
    inputs: Sequence[ArraySpec], args: Sequence[object], kwargs: Mapping[str, object]
) -> tuple[Array, ...] | None:
    """Return the arguments in the inputs' order, or None if one is not an array as it must be.

    Dtype and memory layout are looked at, shapes are not: that is `fit`'s part.
    """
    if len(args) + len(kwargs) != len(inputs):
        return None
    arrays = []
    for position, spec in enumerate(inputs):
        value = args[position] if position < len(args) else kwargs.get(spec.name)
        if not is_plain(value, spec):
            return None
        arrays.append(value)
    return tuple(arrays)


def fit(inputs: Sequence[ArraySpec], dims: Dims, arrays: Sequence[Array]) -> tuple[int, ...] | None:
    """Return the value of each dim, in order, or None if a shape does not fit.

    The quick form of `bind_dims`, which says what is wrong.
    """
    bound: dict[str, int] = {}
    rules = False
    for spec, array in zip(inputs, arrays, strict=True):
        shape = array.shape
        if shape == spec.shape:
            continue
        if len(shape) != len(spec.shape):
            return None
        for size, given in zip(spec.shape, shape, strict=True):
            if size == given:
                continue
            if isinstance(size, str):
                if bound.setdefault(size, given) != given:
                    return None
            elif callable(size):
                rules = True
            else:
                return None
    for name, maximum in dims:
        if maximum is not None and bound[name] > maximum:
            return None
    values = tuple([bound[name] for name, _ in dims])
    if rules:
        for spec, array in zip(inputs, arrays, strict=True):
            for axis, size in enumerate(spec.shape):
                if callable(size) and size(values) != array.shape[axis]:
                    return None
    return values


def bind_dims(
    entry: str, inputs: Sequence[ArraySpec], dims: Dims, arrays: Sequence[Array]
) -> tuple[int, ...]:
    """Return the value of each symbolic dim, after checking every axis of every array.

    Parameters
    ----------
    entry, inputs, dims
        As for `prepare`.
    arrays : sequence of numpy.ndarray
        One per input; only the shapes are read.

    Returns
    -------
    tuple of int
        In the order of `dims`.

    Raises
    ------
    ShapeError
        Wrong number of axes or a wrong static size.
    DimensionError
        A symbolic dim given two sizes, or one beyond its maximum.
    """
    maxima = dict(dims)
    bound: dict[str, tuple[int, str]] = {}
    for spec, array in zip(inputs, arrays, strict=True):
        what = f"{entry}(): input {spec.name!r}"
        if array.ndim != len(spec.shape):
            raise ShapeError(
                f"{what} must have {len(spec.shape)} axes ({spec}), "
                f"but the given array has shape {array.shape}",
                remedy=_axes_remedy(spec, array),
            )
        for axis, (size, given) in enumerate(zip(spec.shape, array.shape, strict=True)):
            if isinstance(size, str):
                _bind(what, size, given, axis, spec, maxima, bound)
            elif not callable(size) and given != size:
                _wrong_size(what, spec, array, axis, size)
    values = tuple(bound[name][0] for name, _ in dims)
    for spec, array in zip(inputs, arrays, strict=True):
        for axis, size in enumerate(spec.shape):
            if callable(size) and array.shape[axis] != size(values):
                what = f"{entry}(): input {spec.name!r}"
                _wrong_size(what, spec, array, axis, size(values))
    return values


def check_specs(inputs: Sequence[ArraySpec], outputs: Sequence[ArraySpec], dims: Dims) -> None:
    """Check once, when an entry is made, that its description makes sense.

    Raises
    ------
    ValueError
        A dim that no input binds, a size that is not a known dim, two inputs of one name.
    """
    known = {name for name, _ in dims}
    named = {size for spec in inputs for size in spec.shape if isinstance(size, str)}
    wanted = {size for spec in outputs for size in spec.shape if isinstance(size, str)}
    if unknown := sorted((named | wanted) - known):
        raise ValueError(f"sizes {unknown} are not among the dims {sorted(known)}")
    if unbound := sorted(known - named):
        raise ValueError(f"dims {unbound} are not the size of any input's axis")
    for specs in (inputs, outputs):
        names = [spec.name for spec in specs]
        if len(set(names)) != len(names):
            raise ValueError(f"a name occurs twice in {names}")
        for spec in specs:
            if not spec.dtype.isnative or spec.dtype.kind not in "biuf":
                raise ValueError(f"{spec}: not a native bool, integer or float dtype")


def _match_names(
    entry: str,
    inputs: Sequence[ArraySpec],
    args: Sequence[object],
    kwargs: Mapping[str, object],
) -> list[object]:
    names = [spec.name for spec in inputs]
    signature = f"call it as {entry}({', '.join(f'{name}=...' for name in names)})"
    if len(args) > len(names):
        raise ArgumentError(
            f"{entry}() takes {len(names)} inputs, but {len(args)} were given by position",
            remedy=signature,
        )
    given = dict(zip(names, args, strict=False))
    for name, value in kwargs.items():
        if name in given:
            raise ArgumentError(
                f"{entry}() got input {name!r} twice, by position and by name", remedy=signature
            )
        if name not in names:
            close = difflib.get_close_matches(name, names, 1)
            raise ArgumentError(
                f"{entry}() has no input named {name!r}; its inputs are: "
                f"{', '.join(map(str, inputs)) or 'none'}",
                remedy=f"did you mean {close[0]!r}?" if close else signature,
            )
        given[name] = value
    if missing := [str(spec) for spec in inputs if spec.name not in given]:
        raise ArgumentError(f"{entry}() lacks its input {', '.join(missing)}", remedy=signature)
    return [given[name] for name in names]


def _bind(
    what: str,
    name: str,
    given: int,
    axis: int,
    spec: ArraySpec,
    maxima: Mapping[str, int | None],
    bound: dict[str, tuple[int, str]],
) -> None:
    maximum = maxima[name]
    if maximum is not None and given > maximum:
        raise DimensionError(
            f"{what} has {name} = {given} in axis {axis} ({spec}), "
            f"but this module was compiled for {name} <= {maximum}",
            remedy=f"call it on pieces of at most {maximum}, or compile with "
            f"dims={{{name!r}: {given}}}",
        )
    where = f"axis {axis} of {spec.name!r}"
    first, there = bound.setdefault(name, (given, where))
    if first != given:
        raise DimensionError(
            f"{what} has {name} = {given} in axis {axis} ({spec}), but {there} gave "
            f"{name} = {first}",
            remedy=f"all axes named {name!r} must have one size in one call",
        )


def _wrong_size(what: str, spec: ArraySpec, array: Array, axis: int, size: int) -> None:
    raise ShapeError(
        f"{what} must have size {size} in axis {axis} ({spec}), "
        f"but the given array has shape {array.shape}",
        remedy=f"pass an array whose axis {axis} has {size} elements",
    )


def _axes_remedy(spec: ArraySpec, array: Array) -> str:
    if array.ndim + 1 == len(spec.shape):
        return "add the missing axis, such as x[np.newaxis] for a batch of one"
    return "reshape the array"
