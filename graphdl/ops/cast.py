"""cast and stop_gradient: the value passes, changed only in dtype."""

from __future__ import annotations

from typing import Any

from graphdl.ir import scalar as s
from graphdl.ir.dtypes import as_dtype
from graphdl.ir.kinds import ElementwiseOp, as_node
from graphdl.ir.node import Node, operators

_cast = ElementwiseOp(
    "cast",
    lambda x, *, dtype: s.cast(x, dtype),
    grads=lambda x, y, *, dtype: (1.0,),
    accepts="any",
    doc="Convert to a dtype.",
)
stop_gradient = ElementwiseOp(
    "stop_gradient",
    lambda x: x,
    grads=lambda x, y: (None,),
    accepts="any",
    doc="Return ``x`` as if it were a constant: no gradient passes.",
)


def cast(x: Any, dtype: Any) -> Node:
    """Return ``x`` in another dtype.

    Floats become integers by truncation toward zero; anything non-zero becomes True.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.cast(gd.input("x", (3,)), "int32")
    <cast int32(3,)>
    """
    node, target = as_node(x), as_dtype(dtype)
    if node.dtype is target:
        return node
    return _cast(node, dtype=target)  # type: ignore[no-any-return]


operators["cast"] = cast
operators["identity"] = stop_gradient

__all__ = ["cast", "stop_gradient"]
