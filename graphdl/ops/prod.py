"""prod."""

from __future__ import annotations

from typing import Any

from graphdl.ir.dtypes import int64
from graphdl.ir.kinds import Contribution, ReduceOp, as_node, normalise_axes
from graphdl.ir.node import Node, make, operators
from graphdl.ops.cumprod import cumprod
from graphdl.ops.expand_dims import expand_dims
from graphdl.ops.reshape import reshape


def _adjoint(node: Node, g: Node) -> list[Contribution | None]:
    """Multiply all elements before each by all after it: no division, so that zeros are fine."""
    (x,), axes = node.inputs, node.attr("axes")
    kept = [a for a in range(x.ndim) if a not in axes]
    line = x
    if len(axes) > 1:
        moved = operators["transpose"](x, (*kept, *axes))
        line = reshape(moved, (*node.shape, -1))
    axis = axes[0] if len(axes) == 1 else node.ndim
    before = cumprod(line, axis, exclusive=True)
    others = before * cumprod(line, axis, reverse=True, exclusive=True)
    given = others * expand_dims(g, axis)
    if len(axes) > 1:
        order = (*kept, *axes)
        given = reshape(given, tuple(x.shape[a] for a in order))
        given = operators["transpose"](given, tuple(order.index(a) for a in range(x.ndim)))
    return [(given, "~{0} += ~{z}·Π of the other {0}")]


_prod = ReduceOp("prod", "mul", adjoint=_adjoint, doc="Multiply elements along axes.")


def prod(x: Any, axis: Any = None, keepdims: bool = False) -> Node:
    """Return the product over axes (all by default); products of integers and bools are int64.

    The product of nothing is 1. The gradient divides by nothing: it is exact with one, two or many
    zeros among the elements, and so are further derivatives.

    Parameters
    ----------
    x : node or array_like
        Any shape.
    axis : int, tuple of int, or None
        Axes to multiply over.
    keepdims : bool
        Keep them with size 1.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (3,))
    >>> gd.interpret(gd.Graph(gd.grad(gd.prod(x), [x])[0]), {"x": [0, 2, 3]})["out"].tolist()
    [6.0, 0.0, 0.0]
    """
    node = as_node(x)
    axes = normalise_axes("prod", axis, node.ndim)
    node = node if node.dtype.is_float else node.astype(int64)
    result = make(_prod, [node], axes=axes) if axes else node
    return expand_dims(result, axes) if keepdims else result


__all__ = ["prod"]
