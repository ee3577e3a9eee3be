"""zeros_like."""

from __future__ import annotations

from typing import Any

from graphdl.ir.node import Node
from graphdl.ops.full_like import full_like


def zeros_like(x: Any, dtype: Any = None) -> Node:
    """Return zeros with the shape of ``x``, and its dtype if none is given.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.zeros_like(gd.input("x", ("N", 3), "int32"))
    <broadcast_to int32(N, 3)>
    """
    return full_like(x, 0, dtype)


__all__ = ["zeros_like"]
