"""The focal loss."""

from __future__ import annotations

from functools import reduce
from operator import mul
from typing import Any

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp
from graphdl.ir.node import Node
from graphdl.losses.binary_cross_entropy_with_logits import cross_entropy, cross_entropy_slope
from graphdl.losses.checks import number
from graphdl.losses.reduction import compared


def _miss(x: s.Scalar, t: s.Scalar) -> s.Scalar:
    """Return ``1 - p_t``, the probability that is missing: a sum of what is never negative."""
    return t * s.sigmoid(-x) + (1.0 - t) * s.sigmoid(x)


def _power(x: s.Scalar, gamma: float) -> s.ScalarLike:
    if gamma in (0, 1, 2, 3, 4):
        return reduce(mul, [x] * int(gamma)) if gamma else 1.0
    return s.power(x, gamma)


def _balance(t: s.Scalar, alpha: float) -> s.ScalarLike:
    return alpha * t + (1.0 - alpha) * (1.0 - t) if alpha >= 0 else 1.0


def _value(
    logit: s.Scalar, target: s.Scalar, *, gamma: float = 2.0, alpha: float = 0.25
) -> s.Scalar:
    factor = _power(_miss(logit, target), gamma)
    return _balance(target, alpha) * (factor * cross_entropy(logit, target))


def _grads(
    x: s.Scalar, t: s.Scalar, y: s.Scalar, *, gamma: float, alpha: float
) -> tuple[s.Scalar, s.Scalar]:
    """Differentiate; the quotient σ'/(1-p_t) is finite also where both have underflowed."""
    miss, entropy, balance = _miss(x, t), cross_entropy(x, t), _balance(t, alpha)
    factor = _power(miss, gamma)
    ratio = s.select(s.equal(miss, 0.0), 1.0, s.sigmoid(x) * s.sigmoid(-x) / miss)
    by_x = cross_entropy_slope(x, t) + gamma * ((1.0 - 2.0 * t) * (entropy * ratio))
    by_t = -(factor * x)
    if gamma:
        moved = (s.sigmoid(x) - s.sigmoid(-x)) * _power(miss, gamma - 1.0)
        by_t = by_t - gamma * (entropy * moved)
    by_t = balance * by_t
    if alpha >= 0:
        by_t = by_t + (2.0 * alpha - 1.0) * (factor * entropy)
    return balance * (factor * by_x), by_t


_focal = ElementwiseOp(
    "focal", _value, grads=_grads, doc="Return ``-α_t·(1 - p_t)^γ·log p_t`` of logits."
)


def focal(
    logits: Any,
    labels: Any,
    *,
    alpha: float | None = 0.25,
    gamma: float = 2.0,
    weights: Any = None,
    reduction: str = "mean",
) -> Node:
    """Return the focal loss ``-α_t·(1 - p_t)^γ·log p_t`` of yes/no labels (Lin et al. 2017).

    ``p = sigmoid(logit)``; ``p_t`` is p for a positive label and 1 - p for a negative one, α_t is
    alpha or 1 - alpha. Labels between 0 and 1 mix p_t, α_t and the cross-entropy that stands for
    ``-log p_t``. Value and gradient are finite for every finite logit.

    Parameters
    ----------
    logits : node or array_like
        Any shape, floating.
    labels : node or array_like
        Of the same shape: bool, 0 and 1, or probabilities.
    alpha : float or None
        Balance of positive labels, in [0, 1]; None for no balance.
    gamma : float
        How much confident examples count less, at least 0; 0 is plain cross-entropy.
    weights : node or array_like, optional
        Factors of the examples, see :mod:`graphdl.losses`.
    reduction : str
        ``mean`` over all elements, ``sum`` or ``none``.

    Raises
    ------
    ShapeError
        If the shapes differ.
    ArgumentError
        If alpha or gamma is out of range.

    Examples
    --------
    >>> import graphdl as gd
    >>> x, t = gd.input("x", ("N",)), gd.input("t", ("N",), "bool")
    >>> loss = gd.losses.focal(x, t, gamma=1.5)
    >>> float(gd.interpret(gd.Graph(loss), {"x": [1e4, -1e4], "t": [True, True]})["out"])
    1250.0
    """
    balance = -1.0 if alpha is None else number("focal", "alpha", alpha, low=0, high=1)
    power = number("focal", "gamma", gamma, low=0)
    return compared(_focal, logits, labels, reduction, weights, gamma=power, alpha=balance)
