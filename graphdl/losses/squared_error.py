"""Squared error."""

from __future__ import annotations

from typing import Any

from graphdl.ir.kinds import ElementwiseOp
from graphdl.ir.node import Node
from graphdl.losses.reduction import compared

_squared_error = ElementwiseOp(
    "squared_error",
    lambda prediction, target: (prediction - target) * (prediction - target),
    grads=lambda p, t, y: (2.0 * (p - t), 2.0 * (t - p)),
    doc="Return ``(prediction - target)²``.",
)


def squared_error(
    prediction: Any, target: Any, *, weights: Any = None, reduction: str = "mean"
) -> Node:
    """Return the squared difference ``(p - t)²``, by default its mean over all elements.

    Parameters
    ----------
    prediction, target : node or array_like
        Of one shape.
    weights : node or array_like, optional
        Factors of the examples, see :mod:`graphdl.losses`.
    reduction : str
        ``mean``, ``sum`` or ``none``.

    Raises
    ------
    ShapeError
        If the shapes differ.

    Examples
    --------
    >>> import graphdl as gd
    >>> y, t = gd.input("y", ("N",)), gd.input("t", ("N",))
    >>> loss = gd.losses.squared_error(y, t)
    >>> float(gd.interpret(gd.Graph(loss), {"y": [1.0, 2.0], "t": [0.0, 4.0]})["out"])
    2.5
    """
    return compared(_squared_error, prediction, target, reduction, weights)
