"""gather: whole slices at data-dependent places. Its transpose adds up."""

from __future__ import annotations

from typing import Any

from graphdl.ir.kinds import Contribution, GatherOp, IndexedOp, as_node, normalise_axis
from graphdl.ir.leaves import dimension, iota
from graphdl.ir.node import Node, operators
from graphdl.ops.equal import equal
from graphdl.ops.expand import broadcast_to
from graphdl.ops.less import less
from graphdl.ops.maximum import maximum
from graphdl.ops.minimum import minimum
from graphdl.ops.places import as_indices, at_places_of, checked_indices, placed
from graphdl.ops.reshape import reshape
from graphdl.ops.scatter_add import ADD, ADD_ALONG
from graphdl.ops.where import where
from graphdl.ops.zeros import zeros


def _adjoint(node: Node, g: Node) -> list[Contribution | None]:
    count = len(node.inputs) - 1
    names = ", ".join(f"{{{k + 1}}}" for k in range(count))
    return [(_transposed(node, g), f"~{{0}}[{names}] += ~{{z}}"), *[None] * count]


def _transposed(node: Node, g: Node) -> Node:
    """Add the cotangent up at the places that were read."""
    x, indices = node.inputs[:2]
    (axis, *_) = node.attr("axes")
    if node.op is not ALONG or indices.shape[axis] != 1:
        op = ADD_ALONG if node.op is ALONG else ADD
        return at_places_of(node, op, zeros(x.shape, g.dtype), g)
    # One index a row: nothing adds up, so a choice does, which fuses with its neighbours.
    shape = tuple(s if a == axis else 1 for a, s in enumerate(x.shape))
    chosen = equal(reshape(iota(x.shape[axis], indices.dtype), shape), _located(node))
    result: Node = where(chosen, broadcast_to(g, x.shape), 0.0)
    return result


def _located(node: Node) -> Node:
    """Return the index array of a node as places: counted from the front, clipped if computed."""
    assert isinstance(node.op, IndexedOp)
    (place,) = node.op.places(node)
    found, size = place.indices, dimension(place.size, place.indices.dtype)
    if place.negative:
        found = where(less(found, 0), found + size, found)
    return found if place.checked else minimum(maximum(found, 0), size - 1)


GATHER = GatherOp("gather", along=False, adjoint=_adjoint, doc="Take slices.")
ALONG = GatherOp("take_along_axis", along=True, adjoint=_adjoint, doc="Take elements.")


def _gather_like(node: Node, x: Node) -> Node:
    """Return what lies in an array at the places of another gather or scatter."""
    assert isinstance(node.op, IndexedOp)
    return at_places_of(node, ALONG if node.op.along else GATHER, x)


def gather(x: Any, indices: Any, axis: int = 0) -> Node:
    """Return the slices of ``x`` at ``indices`` along an axis.

    Parameters
    ----------
    x : node or array_like
        Any shape.
    indices : node or array_like
        Integers in ``[0, size)``. Those that come straight from an input are checked, and a bad
        one raises before anything changes; constant ones are checked at once; computed ones are
        clipped. :func:`take` also counts from the end.
    axis : int
        Which axis the indices replace by their own axes.

    Returns
    -------
    node
        Its gradient adds up where indices repeat.

    Raises
    ------
    ShapeError, DTypeError, IndexRangeError
        If the axis is empty, indices are no integers, or one is out of range.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.gather(gd.input("table", (100, 8)), gd.input("ids", ("N", 5), "int32"))
    <gather float32(N, 5, 8)>
    """
    node = as_node(x)
    place = normalise_axis("gather", axis, node.ndim)
    at = checked_indices("gather", as_indices(indices), node.shape[place], negative=False)
    return placed(GATHER, [node], [at], [place], "strict")


operators["gather"] = gather
operators["gather_like"] = _gather_like

__all__ = ["gather"]
