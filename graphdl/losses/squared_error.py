"""Squared error."""

from __future__ import annotations

from typing import Any

from graphdl.ir.kinds import ElementwiseOp, as_node
from graphdl.ir.node import Node
from graphdl.losses.reduction import check_same_shape, reduced

_squared_error = ElementwiseOp(
    "squared_error",
    lambda prediction, target: (prediction - target) * (prediction - target),
    grads=lambda p, t, y: (2.0 * (p - t), 2.0 * (t - p)),
    doc="Return ``(prediction - target)²``.",
)


def squared_error(prediction: Any, target: Any, *, reduction: str = "mean") -> Node:
    """Return the squared difference, by default its mean over all elements.

    Parameters
    ----------
    prediction, target : node or array_like
        Of one shape.
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
    given, wanted = as_node(prediction), as_node(target)
    check_same_shape("squared_error", given, wanted)
    return reduced(_squared_error(given, wanted), reduction)
