"""What losses share: from one value an example to one value."""

from __future__ import annotations

from graphdl.ir.dims import shape_text
from graphdl.ir.errors import ArgumentError, ShapeError
from graphdl.ir.node import Node, site_text
from graphdl.ops.mean import mean
from graphdl.ops.sum import sum


def reduced(values: Node, reduction: str) -> Node:
    """Return the ``mean``, the ``sum``, or the values themselves (``none``).

    Raises
    ------
    ArgumentError
        If the reduction is another.

    Examples
    --------
    >>> import graphdl as gd
    >>> reduced(gd.input("values", ("N",)), "mean")
    <divide float32()>
    """
    if reduction == "mean":
        return mean(values)
    if reduction == "sum":
        return sum(values)
    if reduction != "none":
        raise ArgumentError(
            f"reduction={reduction!r}", site=site_text(), remedy="use 'mean', 'sum' or 'none'"
        )
    return values


def check_same_shape(loss: str, prediction: Node, target: Node) -> None:
    """Refuse to broadcast: ``(N, 1)`` against ``(N,)`` would silently compare all with all.

    Raises
    ------
    ShapeError
        If the shapes differ.
    """
    if prediction.shape != target.shape:
        raise ShapeError(
            f"{loss}: {shape_text(prediction.shape)} against targets {shape_text(target.shape)}",
            site=site_text(),
            remedy="bring both to one shape: prediction[:, 0], or target[:, None]",
        )
