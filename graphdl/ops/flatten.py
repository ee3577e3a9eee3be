"""flatten."""

from __future__ import annotations

from typing import Any

from graphdl.ir.dims import Size, product
from graphdl.ir.kinds import as_node
from graphdl.ir.node import Node
from graphdl.ops.reshape import reshape


def flatten(x: Any, start: int = 1) -> Node:
    """Merge all axes from ``start`` on: images to vectors, the batch axis stays.

    For all elements as one vector see :func:`ravel`.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.flatten(gd.input("images", ("N", 8, 8)))
    <reshape float32(N, 64)>
    """
    node = as_node(x)
    sizes: list[Size] = [*node.shape[:start], product(node.shape[start:])]
    return reshape(node, sizes)


__all__ = ["flatten"]
