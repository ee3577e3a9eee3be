"""full."""

from __future__ import annotations

from typing import Any

from graphdl.ir.dtypes import float32
from graphdl.ir.leaves import constant
from graphdl.ir.node import Node
from graphdl.ops.expand import broadcast_to


def full(shape: Any, value: float, dtype: Any = float32) -> Node:
    """Return an array of one value.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.full(("N", 3), 0.5)
    <broadcast_to float32(N, 3)>
    """
    return broadcast_to(constant(value, dtype), shape)


__all__ = ["full"]
