"""any, all, count_nonzero: which elements are not 0."""

from __future__ import annotations

from typing import Any

from graphdl.ir.dtypes import bool_
from graphdl.ir.kinds import ReduceOp, as_node, normalise_axes
from graphdl.ir.node import Node, make
from graphdl.ops.expand_dims import expand_dims


def reduced(op: ReduceOp, x: Any, axis: Any, keepdims: bool) -> Node:
    node = as_node(x).astype(bool_)
    axes = normalise_axes(op.name, axis, node.ndim)
    result = make(op, [node], axes=axes) if axes else node
    return expand_dims(result, axes) if keepdims else result


__all__: list[str] = []
