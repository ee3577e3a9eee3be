"""zeros."""

from __future__ import annotations

from typing import Any

from graphdl.ir.dtypes import float32
from graphdl.ir.node import Node, operators
from graphdl.ops.full import full


def zeros(shape: Any, dtype: Any = float32) -> Node:
    """Return an array of zeros.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.zeros(("N", 3))
    <broadcast_to float32(N, 3)>
    """
    return full(shape, 0, dtype)


operators["zeros"] = zeros

__all__ = ["zeros"]
