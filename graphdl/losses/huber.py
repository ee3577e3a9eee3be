"""The Huber loss."""

from __future__ import annotations

from typing import Any

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp
from graphdl.ir.node import Node
from graphdl.losses.checks import number
from graphdl.losses.reduction import compared


def _value(prediction: s.Scalar, target: s.Scalar, *, delta: float = 1.0) -> s.Scalar:
    distance = abs(prediction - target)
    near = 0.5 * (distance * distance)
    return s.select(distance <= delta, near, delta * (distance - 0.5 * delta))


def _slope(p: s.Scalar, t: s.Scalar, delta: float) -> s.Scalar:
    return s.minimum(s.maximum(p - t, -delta), delta)


_huber = ElementwiseOp(
    "huber",
    _value,
    grads=lambda p, t, y, *, delta: (_slope(p, t, delta), _slope(t, p, delta)),
    doc="Return half the square up to a distance of delta, and a straight line beyond.",
)


def huber(
    prediction: Any,
    target: Any,
    *,
    delta: float = 1.0,
    weights: Any = None,
    reduction: str = "mean",
) -> Node:
    """Return ``d²/2`` where ``d = |p - t| ≤ delta``, else ``delta·(d - delta/2)`` (Huber 1964).

    Parameters
    ----------
    prediction, target : node or array_like
        Of one shape.
    delta : float
        Where the square becomes a straight line; above 0.
    weights : node or array_like, optional
        Factors of the examples, see :mod:`graphdl.losses`.
    reduction : str
        ``mean``, ``sum`` or ``none``.

    Raises
    ------
    ShapeError
        If the shapes differ.
    ArgumentError
        If delta is not above 0.

    Examples
    --------
    >>> import graphdl as gd
    >>> y, t = gd.input("y", ("N",)), gd.input("t", ("N",))
    >>> loss = gd.losses.huber(y, t, reduction="none")
    >>> gd.interpret(gd.Graph(loss), {"y": [1.0, 9.0], "t": [0.0, 4.0]})["out"].tolist()
    [0.5, 4.5]
    """
    limit = number("huber", "delta", delta, above=0)
    return compared(_huber, prediction, target, reduction, weights, delta=limit)
