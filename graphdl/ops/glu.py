"""glu."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphdl.ir.dim_text import shape_text
from graphdl.ir.errors import ShapeError
from graphdl.ir.kinds import CompositeOp, as_node, normalise_axis
from graphdl.ir.node import Node, make, site_text
from graphdl.ops.sigmoid import sigmoid


def gated(name: str, gate: Callable[[Node], Node], doc: str) -> CompositeOp:
    def expand(x: Node, *, axis: int) -> Node:
        size = x.shape[axis]
        assert isinstance(size, int)
        before = (slice(None),) * axis
        value, other = x[(*before, slice(size // 2))], x[(*before, slice(size // 2, None))]
        return value * gate(other)

    return CompositeOp(name, expand, doc=doc)


_glu = gated("glu", sigmoid, "The first half times the sigmoid of the second.")


def halved(op: CompositeOp, x: Any, axis: int) -> Node:
    node = as_node(x)
    place = normalise_axis(op.name, axis, node.ndim)
    size = node.shape[place]
    if not isinstance(size, int) or size % 2:
        raise ShapeError(
            f"{op.name}: axis {axis} of {shape_text(node.shape)} has no two halves",
            site=site_text(),
            remedy="the axis that is split must have an even, static size",
        )
    return make(op, [node], axis=place)


def glu(x: Any, axis: int = -1) -> Node:
    """Return ``a · sigmoid(b)``, where ``a`` and ``b`` are the halves of ``x`` along an axis.

    Dauphin et al., 2016, arXiv:1612.08083. The gate is the second half, as in PyTorch and JAX.

    Parameters
    ----------
    x : node or array_like
        Any shape with an even size along ``axis``; integers become float32.
    axis : int
        What is split.

    Raises
    ------
    ShapeError
        If the axis has no static, even size.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.glu(gd.input("x", ("N", 6)))
    <glu float32(N, 3)>
    """
    return halved(_glu, x, axis)


__all__ = ["glu"]
