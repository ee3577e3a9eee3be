"""squeeze."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphdl.ir.dim_text import shape_text
from graphdl.ir.errors import ShapeError
from graphdl.ir.kinds import as_node, normalise_axes
from graphdl.ir.node import Node, site_text
from graphdl.ops.reshape import reshape


def squeeze(x: Any, axis: int | Sequence[int] | None = None) -> Node:
    """Drop axes of size 1: those named, or all.

    Raises
    ------
    ShapeError
        If a named axis has another size; a symbolic axis is never of size 1.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.squeeze(gd.input("x", (1, "N", 1)), -1)
    <reshape float32(1, N)>
    """
    node = as_node(x)
    ones = [i for i, s in enumerate(node.shape) if s == 1]
    axes = tuple(ones) if axis is None else normalise_axes("squeeze", axis, node.ndim)
    if any(node.shape[a] != 1 for a in axes):
        raise ShapeError(
            f"squeeze: axis {axis} of {shape_text(node.shape)} is not of size 1", site=site_text()
        )
    return reshape(node, tuple(s for i, s in enumerate(node.shape) if i not in axes))


__all__ = ["squeeze"]
