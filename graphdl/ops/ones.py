"""ones."""

from __future__ import annotations

from typing import Any

from graphdl.ir.dtypes import float32
from graphdl.ir.node import Node
from graphdl.ops.full import full


def ones(shape: Any, dtype: Any = float32) -> Node:
    """Return an array of ones.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.ones(("N", 3))
    <broadcast_to float32(N, 3)>
    """
    return full(shape, 1, dtype)


__all__ = ["ones"]
