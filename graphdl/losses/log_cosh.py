"""The logarithm of the hyperbolic cosine of the error."""

from __future__ import annotations

import math
from typing import Any

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp
from graphdl.ir.node import Node
from graphdl.losses.reduction import compared


def _value(prediction: s.Scalar, target: s.Scalar) -> s.Scalar:
    """Take ``log1p(cosh d - 1)`` near 0, which keeps d²/2; farther away nothing may overflow."""
    distance = abs(prediction - target)
    change = s.expm1(-distance)
    small = 1.0 + change
    near = distance < 1.0
    inside = s.select(near, 0.5 * (change * change) / small, small * small)
    return s.log1p(inside) + s.select(near, 0.0, distance - math.log(2.0))


_log_cosh = ElementwiseOp(
    "log_cosh",
    _value,
    grads=lambda p, t, y: (s.tanh(p - t), s.tanh(t - p)),
    doc="Return ``log(cosh(prediction - target))``.",
)


def log_cosh(prediction: Any, target: Any, *, weights: Any = None, reduction: str = "mean") -> Node:
    """Return ``log(cosh(p - t))``: about ``d²/2`` near 0 and ``|d| - log 2`` far away.

    It neither overflows nor loses the digits of small errors.

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
    >>> loss = gd.losses.log_cosh(y, t)
    >>> round(float(gd.interpret(gd.Graph(loss), {"y": [1e4, 2.0], "t": [0.0, 2.0]})["out"]), 2)
    4999.65
    """
    return compared(_log_cosh, prediction, target, reduction, weights)
