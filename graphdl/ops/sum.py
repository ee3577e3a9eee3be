"""sum, and the sum that undoes broadcasting."""

from __future__ import annotations

from typing import Any

from graphdl.ir.dims import Shape
from graphdl.ir.dtypes import bool_, int64
from graphdl.ir.kinds import Contribution, ReduceOp, as_node, normalise_axes
from graphdl.ir.node import Node, make, operators
from graphdl.ops.expand import broadcast_to
from graphdl.ops.expand_dims import expand_dims
from graphdl.ops.reshape import reshape


def spread(cotangent: Node, axes: tuple[int, ...], shape: Shape) -> Node:
    """Put summed axes back and repeat along them."""
    return broadcast_to(expand_dims(cotangent, axes), shape)


def _adjoint(node: Node, cotangent: Node) -> list[Contribution | None]:
    return [(spread(cotangent, node.attr("axes"), node.inputs[0].shape), "~{0} += ~{z}")]


_sum = ReduceOp("sum", "add", adjoint=_adjoint, doc="Add up elements along axes.")


def sum(x: Any, axis: Any = None, keepdims: bool = False) -> Node:
    """Return the sum over axes (all by default); sums of integers and bools are int64.

    Parameters
    ----------
    x : node or array_like
        Any shape.
    axis : int, tuple of int, or None
        Axes to sum over.
    keepdims : bool
        Keep them with size 1.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.sum(gd.input("x", ("N", 3)), axis=1)
    <sum float32(N,)>
    """
    node = as_node(x)
    axes = normalise_axes("sum", axis, node.ndim)
    node = node.astype(int64) if node.dtype is bool_ else node
    result = make(_sum, [node], axes=axes) if axes else node
    return expand_dims(result, axes) if keepdims else result


def sum_to(x: Node, shape: Shape) -> Node:
    """Sum ``x`` down to a shape that broadcasts to it: the transpose of broadcasting."""
    if x.shape == shape:
        return x
    new = x.ndim - len(shape)
    axes = (
        *range(new),
        *(i + new for i, s in enumerate(shape) if s == 1 and x.shape[i + new] != 1),
    )
    return reshape(sum(x, axes), shape)


operators.update(sum=sum, sum_to=sum_to)

__all__ = ["sum"]
