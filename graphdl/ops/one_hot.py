"""one_hot."""

from __future__ import annotations

from typing import Any

from graphdl.ir.dim_parsing import as_size
from graphdl.ir.dtypes import as_dtype, float32, int32
from graphdl.ir.errors import DTypeError
from graphdl.ir.kinds import CompositeOp, as_node, normalise_axis
from graphdl.ir.leaves import iota
from graphdl.ir.node import Node, make, site_text
from graphdl.ops.equal import equal
from graphdl.ops.expand_dims import expand_dims
from graphdl.ops.reshape import reshape


def _expand(labels: Node, *, size: int, axis: int, dtype: Any) -> Node:
    classes = reshape(iota(size, labels.dtype), [-1] + [1] * (labels.ndim - axis))
    hit: Node = equal(expand_dims(labels, axis), classes)
    return hit.astype(dtype)


_one_hot = CompositeOp("one_hot", _expand, doc="1 at the label's place, 0 elsewhere.")


def one_hot(labels: Any, size: Any, dtype: Any = float32, axis: int = -1) -> Node:
    """Return vectors with 1 at the label's place, 0 elsewhere, as ``jax.nn.one_hot``.

    Parameters
    ----------
    labels : node or array_like
        Integers; one outside of ``[0, size)``, negative ones too, gives zeros.
    size : int or dim
        Length of the vectors.
    dtype : dtype
        Of the result.
    axis : int
        Where the vectors lie in the result.

    Raises
    ------
    DTypeError
        If labels are no integers.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.one_hot(gd.input("label", ("N",), "int32"), 10)
    <one_hot float32(N, 10)>
    """
    node = as_node(labels)
    if not node.dtype.is_integer:
        raise DTypeError(
            f"one_hot: labels must be integers, not {node.dtype}",
            site=site_text(),
            remedy="cast them: labels.astype('int32')",
        )
    if node.dtype.rank < int32.rank:
        node = node.astype(int32)  # there may be more classes than a uint8 can count
    place = normalise_axis("one_hot", axis, node.ndim + 1)
    return make(_one_hot, [node], size=as_size(size), axis=place, dtype=as_dtype(dtype))


__all__ = ["one_hot"]
