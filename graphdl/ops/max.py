"""max, min, ptp, argmax, argmin: NaN wins, ties go to the first, which alone gets the gradient."""

from __future__ import annotations

import math
from typing import Any

from graphdl.ir.dim_bounds import is_at_least
from graphdl.ir.dim_text import shape_text
from graphdl.ir.dims import Shape, product
from graphdl.ir.dtypes import int64
from graphdl.ir.errors import ShapeError
from graphdl.ir.kinds import Contribution, ReduceOp, as_node, normalise_axes
from graphdl.ir.leaves import dimension, iota
from graphdl.ir.node import Node, make, operators, site_text
from graphdl.ops.equal import equal
from graphdl.ops.expand_dims import expand_dims
from graphdl.ops.maximum import maximum
from graphdl.ops.minimum import minimum
from graphdl.ops.reshape import reshape
from graphdl.ops.sum import spread
from graphdl.ops.where import where


def _places(shape: Shape, axes: tuple[int, ...]) -> Node:
    """Return the position of each element along axes taken as one, row-major."""
    total = iota(1, int64)
    for axis in axes:
        sizes = tuple(s if i == axis else 1 for i, s in enumerate(shape))
        step = reshape(iota(shape[axis], int64), sizes)
        total = step if axis == axes[0] else total * dimension(shape[axis], int64) + step
    return total


def _first_winner(argument: ReduceOp, node: Node, cotangent: Node) -> list[Contribution | None]:
    """Give the cotangent to the element that won, the first one at ties."""
    (x,), axes = node.inputs, node.attr("axes")
    winner = expand_dims(make(argument, [x], axes=axes), axes)
    chosen = equal(_places(x.shape, axes), winner)
    given = where(chosen, spread(cotangent, axes, x.shape), 0.0)
    return [(given, "~{0} += ~{z} at the first winner")]


def _declare(combine: str, which: str, *, of_nothing: bool = False) -> tuple[ReduceOp, ReduceOp]:
    """Declare an extremum, whose gradient goes to its place, and that place."""
    ending, more = ("_initial", ", or what any beats if there is none") if of_nothing else ("", "")
    place = ReduceOp(
        f"arg{combine}{ending}",
        f"arg{combine}",
        adjoint=None,
        of_nothing=of_nothing,
        doc=f"The place of the {which} element{', or 0 if there is none' * of_nothing}.",
    )
    extremum = ReduceOp(
        f"{combine}{ending}",
        combine,
        adjoint=lambda node, g: _first_winner(place, node, g),
        of_nothing=of_nothing,
        doc=f"Return the {which} element{more}.",
    )
    return extremum, place


_max, _argmax = _declare("max", "largest")
_min, _argmin = _declare("min", "smallest")
_max_initial, _argmax_initial = _declare("max", "largest", of_nothing=True)
_min_initial, _argmin_initial = _declare("min", "smallest", of_nothing=True)


def _extremum(op: ReduceOp, x: Any, axis: Any, keepdims: bool, initial: Any) -> Node:
    node = as_node(x)
    axes = normalise_axes(op.name, axis, node.ndim)
    if initial is not None and not is_at_least(product(node.shape[a] for a in axes), 1):
        op = _max_initial if op is _max else _min_initial
    result = make(op, [node], axes=axes) if axes else node
    if initial is not None:
        result = _with(initial, result, op)
    return expand_dims(result, axes) if keepdims else result


def _with(initial: Any, extremum: Node, op: ReduceOp) -> Node:
    """Take in one more element; what any other beats changes nothing."""
    number = as_node(initial)
    if number.ndim:
        raise ShapeError(
            f"{op.combine}: initial has axes: {shape_text(number.shape)}", site=site_text()
        )
    farthest = -math.inf if op.combine == "max" else math.inf
    if isinstance(initial, float) and initial == farthest:
        return extremum
    return (maximum if op.combine == "max" else minimum)(extremum, initial)  # type: ignore[no-any-return]


def max(x: Any, axis: Any = None, keepdims: bool = False, initial: Any = None) -> Node:
    """Return the largest element over axes (all by default).

    NaN wins. The gradient goes to the winner, the first one in row-major order at ties.

    Parameters
    ----------
    x : node or array_like
        Any shape; without ``initial`` the axes must not be empty.
    axis : int, tuple of int, or None
        Axes to look over.
    keepdims : bool
        Keep them with size 1.
    initial : number or node without axes, optional
        One more element, the result if there is no other.

    Raises
    ------
    ShapeError
        If an axis is empty. One that is empty at run time is an IndexRangeError, before anything
        is stored.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.max(gd.input("x", ("N", 3)), axis=1)
    <max float32(N,)>
    >>> x = gd.input("x", ("N",))
    >>> float(gd.interpret(gd.Graph(gd.max(x, initial=0.0)), {"x": []})["out"])
    0.0
    """
    return _extremum(_max, x, axis, keepdims, initial)


def min(x: Any, axis: Any = None, keepdims: bool = False, initial: Any = None) -> Node:
    """Return the smallest element over axes (all by default); see :func:`max`.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.min(gd.input("x", ("N", 3)), axis=1)
    <min float32(N,)>
    """
    return _extremum(_min, x, axis, keepdims, initial)


def ptp(x: Any, axis: Any = None, keepdims: bool = False) -> Node:
    """Return the largest less the smallest element over axes (all by default).

    Parameters
    ----------
    x : node or array_like
        Any shape; the axes must not be empty.
    axis : int, tuple of int, or None
        Axes to look over.
    keepdims : bool
        Keep them with size 1.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (3,))
    >>> float(gd.interpret(gd.Graph(gd.ptp(x)), {"x": [2, -1, 0]})["out"])
    3.0
    """
    return max(x, axis, keepdims) - min(x, axis, keepdims)


def _position(op: ReduceOp, x: Any, axis: int | None, keepdims: bool) -> Node:
    node = as_node(x)
    axes = normalise_axes(op.name, axis, node.ndim)
    result = make(op, [node], axes=axes) if axes else operators["zeros"]((), int64)
    return expand_dims(result, axes) if keepdims else result


def argmax(x: Any, axis: int | None = None, keepdims: bool = False) -> Node:
    """Return the place of the first largest element along an axis, int64; a NaN wins.

    Parameters
    ----------
    x : node or array_like
        Any shape; the axis must not be empty.
    axis : int or None
        Where to look along; None looks at all elements, in row-major order.
    keepdims : bool
        Keep the axis with size 1.

    Raises
    ------
    ShapeError
        If the axis is empty. One that is empty at run time is an IndexRangeError, before anything
        is stored.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.argmax(gd.input("logits", ("N", 10)), axis=1)
    <argmax int64(N,)>
    """
    return _position(_argmax, x, axis, keepdims)


def argmin(x: Any, axis: int | None = None, keepdims: bool = False) -> Node:
    """Return the place of the first smallest element along an axis, int64; see :func:`argmax`.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.argmin(gd.input("x", ("N", 10)), axis=1)
    <argmin int64(N,)>
    """
    return _position(_argmin, x, axis, keepdims)


operators.update(max=max, min=min)

__all__ = ["argmax", "argmin", "max", "min", "ptp"]
