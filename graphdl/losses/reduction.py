"""What losses share: from one value an example to one value."""

from __future__ import annotations

from typing import Any

from graphdl.ir.dim_text import shape_text
from graphdl.ir.errors import ArgumentError, ShapeError
from graphdl.ir.kinds import ElementwiseOp, as_node
from graphdl.ir.node import Node, site_text
from graphdl.losses.checks import check_same_shape
from graphdl.ops.mean import mean
from graphdl.ops.reshape import reshape
from graphdl.ops.sum import sum


def reduced(values: Node, reduction: str, weights: Any = None, counts: Node | None = None) -> Node:
    """Return the ``mean``, the ``sum``, or the values themselves (``none``).

    Parameters
    ----------
    values : Node
        One value an example.
    reduction : str
        With n values l and weights w: ``mean`` is Σ w·l / n, ``sum`` is Σ w·l, ``none`` is w·l.
    weights : node or array_like, optional
        Of the values' leading axes.
    counts : Node, optional
        How much each example counts in ``mean``: this divides by their sum instead of n.

    Raises
    ------
    ArgumentError
        If the reduction is another.
    ShapeError
        If the weights do not fit.

    Examples
    --------
    >>> import graphdl as gd
    >>> reduced(gd.input("values", ("N",)), "mean")
    <divide float32()>
    """
    if reduction not in ("mean", "sum", "none"):
        raise ArgumentError(
            f"reduction={reduction!r}", site=site_text(), remedy="use 'mean', 'sum' or 'none'"
        )
    if weights is not None:
        values = values * _beside(values, as_node(weights))
    if reduction == "none":
        return values
    if reduction == "sum":
        return sum(values)
    return mean(values) if counts is None else sum(values) / sum(counts)


def _beside(values: Node, weights: Node) -> Node:
    """Align weights with the leading axes: ``(N,)`` against ``(N, 3)`` is one for each row."""
    pairs = zip(weights.shape, values.shape, strict=False)
    if weights.ndim > values.ndim or any(w not in (s, 1) for w, s in pairs):
        raise ShapeError(
            f"weights {shape_text(weights.shape)} for values {shape_text(values.shape)}",
            site=site_text(),
            remedy="give one weight an example: the values' leading axes, or 1",
        )
    return reshape(
        weights.astype(values.dtype), weights.shape + (1,) * (values.ndim - weights.ndim)
    )


def compared(
    op: ElementwiseOp, prediction: Any, target: Any, reduction: str, weights: Any, **attrs: float
) -> Node:
    """Apply an elementwise loss to a prediction and a target of one shape.

    Raises
    ------
    ShapeError
        If the shapes differ.
    """
    given, wanted = as_node(prediction), as_node(target)
    check_same_shape(op.name, given, wanted)
    return reduced(op(given, wanted, **attrs), reduction, weights)
