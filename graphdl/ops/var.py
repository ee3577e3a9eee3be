"""var."""

from __future__ import annotations

from typing import Any

from graphdl.ir.dims import product
from graphdl.ir.dtypes import float32
from graphdl.ir.kinds import CompositeOp, Contribution, as_node, normalise_axes
from graphdl.ir.leaves import dimension
from graphdl.ir.node import Node, make
from graphdl.ops.expand_dims import expand_dims
from graphdl.ops.maximum import maximum
from graphdl.ops.mean import mean
from graphdl.ops.sum import sum


def freedom(x: Node, axes: tuple[int, ...], ddof: float) -> Node:
    """Return the number of elements less ``ddof``, not below 0."""
    count = dimension(product(x.shape[a] for a in axes), x.dtype)
    return maximum(count - float(ddof), 0.0)  # type: ignore[no-any-return]


def _var_expand(x: Node, *, axes: tuple[int, ...], ddof: float) -> Node:
    away: Node = x - mean(x, axes, keepdims=True)
    return sum(away * away, axes) / freedom(x, axes, ddof)


def _var_adjoint(node: Node, g: Node) -> list[Contribution | None]:
    (x,), axes = node.inputs, node.attr("axes")
    share = expand_dims(2.0 * g / freedom(x, axes, node.attr("ddof")), axes)
    math = "~{0} += ~{z}·2({0} − mean {0})/(n − ddof)"
    return [(share * (x - mean(x, axes, keepdims=True)), math)]


_var = CompositeOp(
    "var", _var_expand, adjoint=_var_adjoint, doc="Mean square of the deviations from the mean."
)


def var(x: Any, axis: Any = None, ddof: float = 0, keepdims: bool = False) -> Node:
    """Return the variance ``Σ(x − mean)²/(n − ddof)`` over axes (all by default).

    The mean is taken first, so that nothing cancels. Integers become float32. Where ``n − ddof`` is
    not positive, the result is NaN or infinite, as in NumPy; so is that of nothing.

    Parameters
    ----------
    x : node or array_like
        Any shape.
    axis : int, tuple of int, or None
        Axes to take it over.
    ddof : int or float
        0 for the variance of all there is, 1 for the unbiased estimate from a sample.
    keepdims : bool
        Keep the axes with size 1.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (4,))
    >>> float(gd.interpret(gd.Graph(gd.var(x)), {"x": [1, 2, 3, 4]})["out"])
    1.25
    """
    node = as_node(x)
    node = node if node.dtype.is_float else node.astype(float32)
    axes = normalise_axes("var", axis, node.ndim)
    result = make(_var, [node], axes=axes, ddof=float(ddof))
    return expand_dims(result, axes) if keepdims else result


__all__ = ["var"]
