"""expand_dims."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphdl.ir.kinds import as_node, normalise_axes
from graphdl.ir.node import Node
from graphdl.ops.reshape import reshape


def expand_dims(x: Any, axis: int | Sequence[int]) -> Node:
    """Insert axes of size 1 at these places of the result.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.expand_dims(gd.input("x", ("N",)), 1)
    <reshape float32(N, 1)>
    """
    node = as_node(x)
    count = len(axis) if isinstance(axis, Sequence) else 1
    axes = normalise_axes("expand_dims", axis, node.ndim + count)
    sizes = iter(node.shape)
    shape = [1 if i in axes else next(sizes) for i in range(node.ndim + count)]
    return reshape(node, shape)


__all__ = ["expand_dims"]
