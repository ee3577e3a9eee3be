"""What the scatters share: how they are built, and in which order updates come."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphdl.ir.dim_parsing import as_size
from graphdl.ir.dims import Size, product
from graphdl.ir.dtypes import DType, int32, int64
from graphdl.ir.errors import ArgumentError
from graphdl.ir.kinds import Adjoint, Contribution, ScatterOp, as_node, common_dtype, normalise_axis
from graphdl.ir.leaves import dimension, iota
from graphdl.ir.node import Node, operators, site_text
from graphdl.ops.full import full
from graphdl.ops.places import as_indices, checked_indices, placed
from graphdl.ops.reshape import reshape


def scatter_ops(combine: str, adjoint: Adjoint, doc: str) -> tuple[ScatterOp, ScatterOp]:
    """Return the op that takes a slice an index, and the one that takes an element an index."""
    name = f"scatter_{combine}"
    slices = ScatterOp(name, combine, along=False, adjoint=adjoint, doc=doc)
    elements = ScatterOp(f"{name}_along_axis", combine, along=True, adjoint=adjoint, doc=doc)
    return slices, elements


def scattered(
    op: ScatterOp, updates: Any, indices: Any, size: Size | None, axis: int, base: Any
) -> Node:
    """Build a scatter into a base, or into an axis of that size of neutral elements."""
    if (size is None) == (base is None):
        raise ArgumentError(
            f"{op.name} takes either size or base",
            site=site_text(),
            remedy="give the size of the axis, or the array to start from",
        )
    arrays = [as_node(a) if isinstance(a, (list, tuple)) else a for a in (updates, base)]
    dtype = common_dtype([a for a in arrays if a is not None])
    changes, at = as_node(updates, dtype), as_indices(indices)
    taken = 1 if op.along else at.ndim
    place = normalise_axis(op.name, axis, changes.ndim - taken + 1)
    if base is None:
        shape = (*changes.shape[:place], as_size(size), *changes.shape[place + taken :])
        base = full(shape, neutral(op.combine, dtype), dtype)
    start = as_node(base, dtype)
    size = start.shape[normalise_axis(op.name, place, start.ndim)]
    index = checked_indices(op.name, at, size, negative=False)
    return placed(op, [start, changes], [index], [place], "strict")


def neutral(combine: str, dtype: DType) -> float | int:
    """Return what stands where no update arrives."""
    if combine in ("add", "set"):
        return 0
    if dtype.is_float:
        return -np.inf if combine == "max" else np.inf
    limits = np.iinfo(dtype.numpy if dtype.is_integer else np.uint8)
    return int(limits.min if combine == "max" else limits.max)


def read(node: Node, x: Node) -> Node:
    """Return what lies in an array at the places that a scatter changes."""
    return operators["gather_like"](node, x)


def given(node: Node, base: Contribution, updates: Contribution) -> list[Contribution | None]:
    """Return the contributions to all inputs of a scatter."""
    return [base, updates, *[None] * (len(node.inputs) - 2)]


def turns(node: Node) -> Node:
    """Return the turn of each update among those that it may meet; of size 1 along other axes."""
    assert isinstance(node.op, ScatterOp)
    updates, indices, first = node.inputs[1], node.inputs[2], node.attr("axes")[0]
    axes = range(first, first + (1 if node.op.along else indices.ndim))
    count = product(updates.shape[a] for a in axes)
    dtype = int64 if isinstance(count, int) and count > np.iinfo(np.int32).max else int32
    total = full((1,) * updates.ndim, 0, dtype)
    stride: Size = 1
    for axis in reversed(axes):
        shape = tuple(s if a == axis else 1 for a, s in enumerate(updates.shape))
        line = reshape(iota(updates.shape[axis], dtype), shape)
        total = total + (line if stride == 1 else line * dimension(stride, dtype))
        stride = stride * updates.shape[axis]
    return total


__all__: list[str] = []
