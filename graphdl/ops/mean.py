"""mean."""

from __future__ import annotations

from typing import Any

from graphdl.ir.dims import product
from graphdl.ir.dtypes import float32
from graphdl.ir.kinds import as_node, normalise_axes
from graphdl.ir.leaves import dimension
from graphdl.ir.node import Node, operators
from graphdl.ops.sum import sum


def mean(x: Any, axis: Any = None, keepdims: bool = False) -> Node:
    """Return the mean over axes (all by default); of nothing it is NaN, as in NumPy.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.mean(gd.input("x", ("N", 3)), axis=0)
    <divide float32(3,)>
    """
    node = as_node(x)
    node = node if node.dtype.is_float else node.astype(float32)
    count = product(node.shape[a] for a in normalise_axes("mean", axis, node.ndim))
    return sum(node, axis, keepdims) / dimension(count, node.dtype)


operators["mean"] = mean

__all__ = ["mean"]
