"""broadcast_to and broadcast_arrays: one element seen at many places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from graphdl.ir.dim_parsing import as_shape
from graphdl.ir.dim_text import shape_text
from graphdl.ir.dims import Shape, product
from graphdl.ir.dtypes import DType
from graphdl.ir.errors import ShapeError
from graphdl.ir.kinds import Affine, Contribution, ViewOp, as_node, broadcast
from graphdl.ir.node import Node, make, operators, site_text
from graphdl.ir.rewrites import rewrite
from graphdl.ops.reshape import Reshape, reshape


class Expand(ViewOp):
    """New axes in front, and axes of size 1 repeated."""

    def infer(self, inputs: tuple[Node, ...], attrs: Mapping[str, Any]) -> tuple[Shape, DType]:
        """Check that the input broadcasts to exactly that shape."""
        (x,) = inputs
        if broadcast("broadcast_to", [x.shape, attrs["shape"]]) != attrs["shape"]:
            raise ShapeError(
                f"broadcast_to: {shape_text(x.shape)} does not broadcast to "
                f"{shape_text(attrs['shape'])}",
                site=site_text(),
            )
        return attrs["shape"], x.dtype

    def evaluate(self, x: np.ndarray, attrs: Mapping[str, Any], shape: tuple[int, ...]) -> Any:
        """Return the broadcast array."""
        return np.broadcast_to(x, shape)

    def transpose(self, node: Node, cotangent: Node) -> Contribution:
        """Sum over the axes that were repeated."""
        return operators["sum_to"](cotangent, node.inputs[0].shape), "~{0} += Σ ~{z}"

    def pull(self, node: Node, index: Sequence[Affine]) -> tuple[Affine, ...] | None:
        """Use index 0 on repeated axes."""
        source = node.inputs[0].shape
        tail = index[len(index) - len(source) :]
        sizes = node.shape[len(index) - len(source) :]
        return tuple(
            i if s == full else Affine() for i, s, full in zip(tail, source, sizes, strict=True)
        )


_expand = Expand("broadcast_to", "Repeat ``x`` along new axes and axes of size 1.")


def broadcast_to(x: Any, shape: Any) -> Node:
    """Return ``x`` repeated to a shape that it broadcasts to.

    Raises
    ------
    ShapeError
        If it does not: axes count from the last, and only an axis of size 1 is repeated.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.broadcast_to(gd.input("b", (10,)), ("N", 10))
    <broadcast_to float32(N, 10)>
    """
    node, target = as_node(x), as_shape(shape)
    return node if node.shape == target else make(_expand, [node], shape=target)


def broadcast_arrays(*xs: Any) -> tuple[Node, ...]:
    """Return all of these repeated to the one shape that they broadcast to.

    Examples
    --------
    >>> import graphdl as gd
    >>> a, b = gd.broadcast_arrays(gd.input("a", ("N", 1)), gd.input("b", (3,)))
    >>> a.shape, b.shape
    ((N, 3), (N, 3))
    """
    nodes = [as_node(x) for x in xs]
    shape = broadcast("broadcast_arrays", [n.shape for n in nodes]) if nodes else ()
    return tuple(broadcast_to(n, shape) for n in nodes)


operators["broadcast_to"] = broadcast_to


@rewrite(
    "views",
    _expand,
    math="broadcast(broadcast(x)) → broadcast(x)",
    examples=lambda gd, v: gd.broadcast_to(gd.broadcast_to(v, (2, 3)), (4, 2, 3)),
)
def _repeated_twice(node: Node) -> Node | None:
    (x,) = node.inputs
    return broadcast_to(x.inputs[0], node.shape) if x.op is _expand else None


@rewrite(
    "views",
    _expand,
    math="broadcast(reshape(x)) → broadcast(x) for axes of size 1 in front",
    examples=lambda gd, v: gd.broadcast_to(gd.expand_dims(v, 0), (2, 3)),
)
def _axes_in_front(node: Node) -> Node | None:
    (x,) = node.inputs
    if not isinstance(x.op, Reshape):
        return None
    source = x.inputs[0]
    fits = source.ndim <= node.ndim and _without_front(source.shape) == _without_front(x.shape)
    return broadcast_to(source, node.shape) if fits else None


def _without_front(shape: Shape) -> Shape:
    """Drop axes of size 1 in front."""
    first = next((i for i, s in enumerate(shape) if s != 1), len(shape))
    return shape[first:]


@rewrite(
    "views",
    "view",
    math="view(broadcast(c)) → broadcast(c) for one element c",
    examples=lambda gd, s: gd.broadcast_to(s, (2, 3)).T,
)
def _one_element_seen(node: Node) -> Node | None:
    (x,) = node.inputs
    if x.op is not _expand or product(x.inputs[0].shape) != 1:
        return None
    return broadcast_to(reshape(x.inputs[0], ()), node.shape)


__all__ = ["broadcast_arrays", "broadcast_to"]
