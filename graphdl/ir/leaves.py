"""Leaves: inputs, parameters, state, constants, positions, and the sizes of dims as values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from graphdl.ir.dim_parsing import as_shape, as_size
from graphdl.ir.dim_text import shape_text
from graphdl.ir.dims import Dim, Shape, Size
from graphdl.ir.dtypes import DType, as_dtype, bool_, float32, int32, int64
from graphdl.ir.errors import ArgumentError, DTypeError, GraphError, ShapeError
from graphdl.ir.kinds import LeafOp, as_array, leaf
from graphdl.ir.kinds.op import require
from graphdl.ir.node import Node, current_scope, operators, require_text, site_text


def _fits_constant(node: Node) -> None:
    value = node.attr("value")
    fits = isinstance(value, np.ndarray) and value.shape == node.shape
    require(fits, "value must be an array of the constant's shape")
    require(value.dtype == node.dtype.numpy, f"value must be of dtype {node.dtype}")


def _fits_input(node: Node) -> None:
    _checked(node.attr("name"))


def _fits_state(node: Node) -> None:
    _checked(node.attr("name"))
    init, shape, dtype = node.attr("init"), node.shape, node.dtype
    require(all(isinstance(s, int) for s in shape), "state must have static sizes")
    is_value = isinstance(init, np.ndarray) and init.shape in ((), shape)
    fits = callable(init) or (is_value and init.dtype == dtype.numpy)
    require(fits, f"init must be an initialiser or a {dtype} array of shape {shape} or ()")


def _fits_iota(node: Node) -> None:
    require(node.ndim == 1, "positions have one axis")


def _fits_dimension(node: Node) -> None:
    require(isinstance(node.attr("size"), Dim), "the size of a symbolic dim is missing")
    require(node.ndim == 0, "a size has no axes")


def _fits_argument(node: Node) -> None:
    raise GraphError("it stands only in the bodies of composites")


INPUT = LeafOp("input", "A run-time array.", attributes=["name"], fits=_fits_input, is_input=True)
PARAM = LeafOp(
    "param", "State that training updates.", attributes=["name", "init"], fits=_fits_state
)
STATE = LeafOp(
    "state",
    "State that a step may update, such as a running mean or a step counter.",
    attributes=["name", "init"],
    fits=_fits_state,
)
CONSTANT = LeafOp(
    "constant", "A fixed array.", attributes=["value"], fits=_fits_constant, is_constant=True
)
IOTA = LeafOp("iota", "Positions 0, 1, 2 ... along an axis.", fits=_fits_iota)
DIMENSION = LeafOp(
    "dimension",
    "The run-time value of a size, as a scalar.",
    attributes=["size"],
    fits=_fits_dimension,
)
ARGUMENT = LeafOp(
    "argument",
    "A positional argument of a composite's body.",
    attributes=["position"],
    fits=_fits_argument,
)

Initializer = Callable[[tuple[int, ...], np.dtype[Any], np.random.Generator], np.ndarray]
"""From a shape, a dtype and a seeded generator to first values (see ``graphdl.nn.init``)."""


def input(name: str, shape: Any, dtype: Any = float32) -> Node:
    """Declare a run-time array.

    Parameters
    ----------
    name : str
        How callers name it; unique in a graph.
    shape : tuple of int or str
        Sizes; a string is a symbolic dim whose value each call supplies.
    dtype : dtype, optional
        Default float32.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.input("x", ("N", 64))
    <input 'x' float32(N, 64)>
    """
    return leaf(INPUT, as_shape(shape), as_dtype(dtype), name=_checked(name))


def param(
    name: str, shape: Any = None, dtype: Any = float32, *, init: Initializer | Any = None
) -> Node:
    """Declare a parameter: state that ``gd.train_step`` differentiates by and updates.

    Parameters
    ----------
    name : str
        Its name; open scopes go in front: ``"head/w"``.
    shape : tuple of int, optional
        Static sizes; taken from ``init`` if that is an array.
    dtype : dtype, optional
        Default float32.
    init : initializer, array or number
        First value (default zeros); see ``gd.nn.init``.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.param("w", (64, 10), init=gd.nn.init.he())
    <param 'w' float32(64, 10)>
    """
    return _stateful(PARAM, name, shape, dtype, init)


def state(
    name: str, shape: Any = None, dtype: Any = float32, *, init: Initializer | Any = None
) -> Node:
    """Declare state that is not trained: a running mean, a counter. ``gd.update`` changes it.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.state("steps", (), dtype="int64")
    <state 'steps' int64()>
    """
    return _stateful(STATE, name, shape, dtype, init)


def _stateful(op: LeafOp, name: str, shape: Any, dtype: Any, init: Any) -> Node:
    kind = as_dtype(dtype)
    if init is None or not callable(init):
        init = as_array(0 if init is None else init).astype(kind.numpy)
    given = init.shape if shape is None and isinstance(init, np.ndarray) else shape
    sizes = as_shape(() if given is None else given)
    if not all(isinstance(s, int) for s in sizes):
        raise ShapeError(
            f"{op.name} {name!r} has a symbolic shape {shape_text(sizes)}",
            site=site_text(),
            remedy="state must have static sizes",
        )
    if isinstance(init, np.ndarray) and init.shape not in ((), sizes):
        raise ShapeError(
            f"{op.name} {name!r} of shape {shape_text(sizes)} has init of {init.shape}",
            site=site_text(),
        )
    path = f"{current_scope()}/{_checked(name)}" if current_scope() else _checked(name)
    return leaf(op, sizes, kind, name=path, init=init)


def _checked(name: Any) -> str:
    if not isinstance(name, str) or not name or "\0" in name or len(name) > 1000:
        raise ArgumentError(
            f"{str(name)[:40]!r} cannot be a name",
            site=site_text(),
            remedy="use a non-empty string of at most 1000 characters without NUL",
        )
    require_text(name)
    return str(name)


def constant(value: Any, dtype: Any = None) -> Node:
    """Make a fixed array part of the graph.

    Parameters
    ----------
    value : array_like
        Python floats become float32 and ints int32 (int64 where they need it), arrays keep their
        dtype.
    dtype : dtype, optional
        Another dtype. Arrays are cast to it, Python integers must fit.

    Raises
    ------
    DTypeError
        If the value is no array of numbers, or does not fit the dtype.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.constant([1.0, 2.0])
    <constant float32(2,)>
    """
    array = as_array(value)
    kind = _constant_dtype(value, array) if dtype is None else as_dtype(dtype)
    if kind.is_integer and not isinstance(value, (np.ndarray, np.generic)):
        _check_range(array, kind)
    array = array.astype(kind.numpy, order="C")
    array.flags.writeable = False
    return leaf(CONSTANT, array.shape, kind, value=array)


def _check_range(array: np.ndarray, dtype: DType) -> None:
    """Refuse Python integers that a dtype cannot hold; arrays are cast."""
    limits = np.iinfo(dtype.numpy)
    if array.dtype.kind in "iu" and array.size:
        for number in (int(array.min()), int(array.max())):
            if not limits.min <= number <= limits.max:
                raise DTypeError(
                    f"{number} does not fit {dtype}",
                    site=site_text(),
                    remedy="cast the other operand to a wider dtype, as in x.astype('int32')",
                )


def _constant_dtype(value: Any, array: np.ndarray) -> DType:
    if isinstance(value, (np.ndarray, np.generic)):
        return as_dtype(array.dtype)
    if array.dtype.kind == "b":
        return bool_
    if array.dtype.kind == "f":
        return float32
    small = array.size == 0 or (array.min() >= -(2**31) and array.max() < 2**31)
    return int32 if small else int64


def iota(size: Any, dtype: Any = int32) -> Node:
    """Return positions ``0 .. size-1`` as a vector.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.iota("N")
    <iota int32(N,)>
    """
    return leaf(IOTA, (as_size(size),), as_dtype(dtype))


def dimension(size: Size, dtype: Any = float32) -> Node:
    """Return a size as a scalar: static ones are constants, symbolic ones known at run time."""
    if isinstance(size, int):
        return constant(size, dtype)
    return leaf(DIMENSION, (), as_dtype(dtype), size=size)


def argument(position: int, shape: Shape, dtype: DType) -> Node:
    """Return a positional argument of a composite's body."""
    return leaf(ARGUMENT, shape, dtype, position=position)


def is_state(node: Node) -> bool:
    """Whether the node is a parameter or other state."""
    return node.op is PARAM or node.op is STATE


def is_scalar_constant(node: Node) -> bool:
    """Whether the node is a constant with one element and no axes."""
    return node.op is CONSTANT and not node.shape


operators["constant"] = constant
operators["argument"] = argument
