"""gather and scatter_add: whole slices at data-dependent places, each the other's transpose."""

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
from graphdl.ir.node import Node, make, operators


def _gather_adjoint(node: Node, g: Node) -> list[Contribution | None]:
    x, indices = node.inputs
    axis = node.attr("axis")
    return [(scatter_add(g, indices, x.shape[axis], axis), "~{0}[{1}] += ~{z}"), None]


def _scatter_adjoint(node: Node, g: Node) -> list[Contribution | None]:
    return [(gather(g, node.inputs[1], node.attr("axis")), "~{0} += ~{z}[{1}]"), None]


_gather = GatherOp("gather", along=False, adjoint=_gather_adjoint, doc="Take slices.")
_scatter = ScatterOp("scatter_add", along=False, adjoint=_scatter_adjoint, doc="Add slices up.")


def gather(x: Any, indices: Any, axis: int = 0) -> Node:
    """Return the slices of ``x`` at ``indices`` along an axis, as ``numpy.take``.

    Indices must lie in ``[0, size)``. Those that come straight from an input are checked, and a bad
    one raises before anything changes; computed ones are clipped. The gradient of repeated indices
    accumulates.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.gather(gd.input("table", (100, 8)), gd.input("ids", ("N", 5), "int32"))
    <gather float32(N, 5, 8)>
    """
    node = as_node(x)
    place = normalise_axis("gather", axis, node.ndim)
    where = as_node(indices)
    return make(_gather, [node, where], axis=place, checked=straight_from_input(where))


def scatter_add(updates: Any, indices: Any, size: Size, axis: int = 0) -> Node:
    """Return zeros with ``updates`` added at ``indices`` along an axis of that size."""
    node, where = as_node(updates), as_node(indices)
    place = normalise_axis("scatter_add", axis, node.ndim - where.ndim + 1)
    checked = straight_from_input(where)
    return make(_scatter, [node, where], axis=place, size=as_size(size), checked=checked)


operators["gather"] = gather

__all__ = ["gather", "scatter_add"]
