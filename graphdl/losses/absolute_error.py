"""Absolute error."""

from __future__ import annotations

from typing import Any

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp
from graphdl.ir.node import Node
from graphdl.losses.reduction import compared

_absolute_error = ElementwiseOp(
    "absolute_error",
    lambda prediction, target: abs(prediction - target),
    grads=lambda p, t, y: (s.sign(p - t), s.sign(t - p)),
    doc="Return ``|prediction - target|``.",
)


def absolute_error(
    prediction: Any, target: Any, *, weights: Any = None, reduction: str = "mean"
) -> Node:
    """Return the absolute difference ``|p - t|``, by default its mean over all elements.

    The derivative where both are equal is 0.

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
    >>> loss = gd.losses.absolute_error(y, t)
    >>> float(gd.interpret(gd.Graph(loss), {"y": [1.0, 2.0], "t": [0.0, 4.0]})["out"])
    1.5
    """
    return compared(_absolute_error, prediction, target, reduction, weights)
