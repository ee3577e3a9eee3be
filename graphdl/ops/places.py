"""What gathers and scatters are built with: index arrays, checked where they are known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from graphdl.ir.dims import Size
from graphdl.ir.dtypes import int32
from graphdl.ir.errors import IndexRangeError
from graphdl.ir.kinds import IndexedOp, as_array, as_node, checked_of
from graphdl.ir.leaves import CONSTANT, constant
from graphdl.ir.node import Node, make, site_text


def as_indices(indices: Any) -> Node:
    """Return indices as a node; a list of nothing holds integers."""
    nothing = isinstance(indices, (list, tuple)) and as_array(indices).size == 0
    return constant(np.asarray(indices), int32) if nothing else as_node(indices)


def checked_indices(op: str, node: Node, size: Size, *, negative: bool) -> Node:
    """Check constant indices, and count them from the front; return all others as they are.

    Raises
    ------
    IndexRangeError
        If a constant index lies outside of an axis of known size.
    """
    known = node.op is CONSTANT and node.dtype.is_integer and isinstance(size, int)
    if not known or size == 0:
        return node
    assert isinstance(size, int)
    values, low = node.attr("value"), -size if negative else 0
    outside = values[(values < low) | (values >= size)]
    if outside.size:
        raise IndexRangeError(
            f"{op}: index {outside[0]} is not in [{low}, {size})",
            site=site_text(),
            remedy="change the index; only computed ones are clipped",
        )
    if not np.any(values < 0):
        return node
    return constant(np.where(values < 0, values + values.dtype.type(size), values))


def placed(
    op: IndexedOp, operands: Sequence[Node], indices: Sequence[Node], axes: Sequence[int], mode: str
) -> Node:
    """Build a gather or scatter at index arrays of one shape, each for one of ascending axes."""
    return make(
        op,
        [*operands, *indices],
        axes=tuple(axes),
        mode=mode,
        checked=checked_of(indices, mode),
    )


def at_places_of(node: Node, op: IndexedOp, *operands: Node) -> Node:
    """Build a gather or scatter at the places of another one."""
    assert isinstance(node.op, IndexedOp)
    return make(op, [*operands, *node.inputs[node.op.operands :]], **dict(node.attrs))


__all__: list[str] = []
