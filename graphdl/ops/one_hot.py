"""one_hot."""

from __future__ import annotations

from typing import Any

from graphdl.ir.dims import as_size
from graphdl.ir.dtypes import as_dtype, float32
from graphdl.ir.kinds import CompositeOp, as_node
from graphdl.ir.leaves import iota
from graphdl.ir.node import Node, make
from graphdl.ops.comparison import equal
from graphdl.ops.reshape import expand_dims


def _expand(labels: Node, *, size: int, dtype: Any) -> Node:
    hit: Node = equal(expand_dims(labels, labels.ndim), iota(size, labels.dtype))
    return hit.astype(dtype)


_one_hot = CompositeOp("one_hot", _expand, doc="1 at the label's place, 0 elsewhere.")


def one_hot(labels: Any, size: int, dtype: Any = float32) -> Node:
    """Return vectors with 1 at the label's place; a label outside gives zeros.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.one_hot(gd.input("label", ("N",), "int32"), 10)
    <one_hot float32(N, 10)>
    """
    return make(_one_hot, [as_node(labels)], size=as_size(size), dtype=as_dtype(dtype))


__all__ = ["one_hot"]
