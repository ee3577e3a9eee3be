"""Hinge losses of yes/no labels."""

from __future__ import annotations

from typing import Any

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp
from graphdl.ir.node import Node
from graphdl.losses.reduction import compared


def _side(label: s.Scalar) -> s.Scalar:
    return s.select(label > 0.0, 1.0, -1.0)


def _short(score: s.Scalar, label: s.Scalar) -> s.Scalar:
    """Return what is missing to a margin of 1."""
    return s.maximum(1.0 - _side(label) * score, 0.0)


_hinge = ElementwiseOp(
    "hinge",
    _short,
    grads=lambda x, t, y: (s.select(y > 0.0, -_side(t), 0.0), None),
    doc="Return ``max(1 - t·x, 0)`` with t = ±1.",
)
_squared_hinge = ElementwiseOp(
    "squared_hinge",
    lambda score, label: _short(score, label) * _short(score, label),
    grads=lambda x, t, y: (-2.0 * (_side(t) * _short(x, t)), None),
    doc="Return ``max(1 - t·x, 0)²`` with t = ±1.",
)


def hinge(scores: Any, labels: Any, *, weights: Any = None, reduction: str = "mean") -> Node:
    """Return ``max(1 - t·x, 0)``: 0 for scores that are right by a margin of 1.

    The derivative at the margin is 0; labels have none.

    Parameters
    ----------
    scores : node or array_like
        Any shape, floating; the sign is the prediction.
    labels : node or array_like
        Of the same shape. Those above 0 stand for t = 1, all others for t = -1: pass bool, 0 and 1,
        or -1 and 1.
    weights : node or array_like, optional
        Factors of the examples, see :mod:`graphdl.losses`.
    reduction : str
        ``mean`` over all elements, ``sum`` or ``none``.

    Raises
    ------
    ShapeError
        If the shapes differ.

    Examples
    --------
    >>> import graphdl as gd
    >>> x, t = gd.input("x", ("N",)), gd.input("t", ("N",), "bool")
    >>> loss = gd.losses.hinge(x, t, reduction="none")
    >>> gd.interpret(gd.Graph(loss), {"x": [3.0, 0.5], "t": [True, False]})["out"].tolist()
    [0.0, 1.5]
    """
    return compared(_hinge, scores, labels, reduction, weights)


def squared_hinge(
    scores: Any, labels: Any, *, weights: Any = None, reduction: str = "mean"
) -> Node:
    """Return ``max(1 - t·x, 0)²``; arguments and errors are those of :func:`hinge`.

    Examples
    --------
    >>> import graphdl as gd
    >>> x, t = gd.input("x", ("N",)), gd.input("t", ("N",), "bool")
    >>> loss = gd.losses.squared_hinge(x, t, reduction="none")
    >>> gd.interpret(gd.Graph(loss), {"x": [3.0, 0.5], "t": [True, False]})["out"].tolist()
    [0.0, 2.25]
    """
    return compared(_squared_hinge, scores, labels, reduction, weights)
