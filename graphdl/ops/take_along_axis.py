"""take_along_axis and its transpose."""

from __future__ import annotations

from typing import Any

from graphdl.ir.dims import Size, as_size
from graphdl.ir.kinds import (
    Contribution,
    GatherOp,
    ScatterOp,
    as_node,
    normalise_axis,
    straight_from_input,
)
from graphdl.ir.leaves import iota
from graphdl.ir.node import Node, make
from graphdl.ops.comparison import equal
from graphdl.ops.expand import broadcast_to
from graphdl.ops.reshape import reshape
from graphdl.ops.where import where


def _gather_adjoint(node: Node, g: Node) -> list[Contribution | None]:
    x, indices = node.inputs
    axis = node.attr("axis")
    size = x.shape[axis]
    if indices.shape[axis] == 1:
        # One index a row: nothing accumulates, so a choice does, which fuses with its neighbours.
        places = tuple(size if i == axis else 1 for i in range(x.ndim))
        chosen = equal(reshape(iota(size, indices.dtype), places), indices)
        return [(where(chosen, broadcast_to(g, x.shape), 0.0), "~{0}[{1}] += ~{z}"), None]
    return [(scatter_add_along_axis(g, indices, size, axis), "~{0}[{1}] += ~{z}"), None]


def _scatter_adjoint(node: Node, g: Node) -> list[Contribution | None]:
    return [(take_along_axis(g, node.inputs[1], node.attr("axis")), "~{0} += ~{z}[{1}]"), None]


_gather = GatherOp("take_along_axis", along=True, adjoint=_gather_adjoint, doc="Take elements.")
_scatter = ScatterOp(
    "scatter_add_along_axis", along=True, adjoint=_scatter_adjoint, doc="Add elements up."
)


def take_along_axis(x: Any, indices: Any, axis: int) -> Node:
    """Return one element of ``x`` an index, as ``numpy.take_along_axis``.

    Indices must lie in ``[0, size)``; see :func:`gather`.

    Examples
    --------
    >>> import graphdl as gd
    >>> logits, label = gd.input("logits", ("N", 10)), gd.input("label", ("N", 1), "int32")
    >>> gd.take_along_axis(logits, label, axis=1)
    <take_along_axis float32(N, 1)>
    """
    node = as_node(x)
    place = normalise_axis("take_along_axis", axis, node.ndim)
    at = as_node(indices)
    return make(_gather, [node, at], axis=place, checked=straight_from_input(at))


def scatter_add_along_axis(updates: Any, indices: Any, size: Size, axis: int) -> Node:
    """Return zeros with each update added at its index along an axis of that size."""
    node = as_node(updates)
    place = normalise_axis("scatter_add_along_axis", axis, node.ndim)
    at = as_node(indices)
    checked = straight_from_input(at)
    return make(_scatter, [node, at], axis=place, size=as_size(size), checked=checked)


__all__ = ["scatter_add_along_axis", "take_along_axis"]
