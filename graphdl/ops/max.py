"""max, min, argmax, argmin: NaN wins, ties go to the first, which alone gets the gradient."""

from __future__ import annotations

from typing import Any

from graphdl.ir.dtypes import int64
from graphdl.ir.kinds import Contribution, ReduceOp, as_node, normalise_axes, normalise_axis
from graphdl.ir.leaves import iota
from graphdl.ir.node import Node, make, operators
from graphdl.ops.comparison import equal
from graphdl.ops.reshape import expand_dims, reshape
from graphdl.ops.sum import spread
from graphdl.ops.where import where


def _first_winner(argument: ReduceOp, node: Node, cotangent: Node) -> list[Contribution | None]:
    """Give the cotangent to the element that won, the first one at ties."""
    (x,) = node.inputs
    (axis,) = node.attr("axes")
    winner = make(argument, [x], axes=(axis,))
    shape = tuple(s if i == axis else 1 for i, s in enumerate(x.shape))
    places = reshape(iota(x.shape[axis], int64), shape)
    chosen = equal(places, expand_dims(winner, axis))
    given = where(chosen, spread(cotangent, (axis,), x.shape), 0.0)
    return [(given, "~{0} += ~{z} at the first winner")]


_argmax = ReduceOp("argmax", "argmax", adjoint=None, doc="The place of the largest element.")
_argmin = ReduceOp("argmin", "argmin", adjoint=None, doc="The place of the smallest element.")
_max = ReduceOp(
    "max",
    "max",
    adjoint=lambda node, g: _first_winner(_argmax, node, g),
    doc="Return the largest element.",
)
_min = ReduceOp(
    "min",
    "min",
    adjoint=lambda node, g: _first_winner(_argmin, node, g),
    doc="Return the smallest element.",
)


def _one_axis(x: Node, axes: tuple[int, ...]) -> tuple[Node, int]:
    """Bring several axes into one, so that winners have one index."""
    if len(axes) == 1:
        return x, axes[0]
    kept = [a for a in range(x.ndim) if a not in axes]
    moved = operators["transpose"](x, (*kept, *axes))
    return reshape(moved, (*(x.shape[a] for a in kept), -1)), len(kept)


def _extremum(op: ReduceOp, x: Any, axis: Any, keepdims: bool) -> Node:
    node = as_node(x)
    axes = normalise_axes(op.name, axis, node.ndim)
    if not axes:
        return node
    source, place = _one_axis(node, axes)
    result = make(op, [source], axes=(place,))
    return expand_dims(result, axes) if keepdims else result


def max(x: Any, axis: Any = None, keepdims: bool = False) -> Node:
    """Return the largest element over axes (all by default).

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.max(gd.input("x", ("N", 3)), axis=1)
    <max float32(N,)>
    """
    return _extremum(_max, x, axis, keepdims)


def min(x: Any, axis: Any = None, keepdims: bool = False) -> Node:
    """Return the smallest element over axes (all by default)."""
    return _extremum(_min, x, axis, keepdims)


def _position(op: ReduceOp, x: Any, axis: int | None, keepdims: bool) -> Node:
    node = as_node(x)
    if axis is None:
        result = make(op, [reshape(node, (-1,))], axes=(0,))
        return reshape(result, (1,) * node.ndim) if keepdims else result
    place = normalise_axis(op.name, axis, node.ndim)
    result = make(op, [node], axes=(place,))
    return expand_dims(result, place) if keepdims else result


def argmax(x: Any, axis: int | None = None, keepdims: bool = False) -> Node:
    """Return the place of the first largest element along an axis, int64.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.argmax(gd.input("logits", ("N", 10)), axis=1)
    <argmax int64(N,)>
    """
    return _position(_argmax, x, axis, keepdims)


def argmin(x: Any, axis: int | None = None, keepdims: bool = False) -> Node:
    """Return the place of the first smallest element along an axis, int64."""
    return _position(_argmin, x, axis, keepdims)


operators.update(max=max, min=min)

__all__ = ["argmax", "argmin", "max", "min"]
