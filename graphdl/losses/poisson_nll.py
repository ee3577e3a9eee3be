"""Negative log-likelihood of a Poisson distribution."""

from __future__ import annotations

import math
from typing import Any

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp
from graphdl.ir.node import Node
from graphdl.losses.checks import number
from graphdl.losses.reduction import compared


def _stirling(t: s.Scalar) -> s.Scalar:
    """Return about log(t!), and 0 up to 1."""
    large = s.maximum(t, 1.0)
    logarithm = s.log(large)
    about = large * (logarithm - 1.0) + 0.5 * (logarithm + math.log(2 * math.pi))
    return s.select(t > 1.0, about, 0.0)


def _stirling_slope(t: s.Scalar) -> s.Scalar:
    large = s.maximum(t, 1.0)
    return s.select(t > 1.0, s.log(large) + 0.5 / large, 0.0)


def _value(
    rate: s.Scalar, target: s.Scalar, *, log: bool = True, full: bool = False, eps: float = 1e-8
) -> s.Scalar:
    value = (
        s.exp(rate) - target * rate if log else rate - target * s.log(_shifted(rate, target, eps))
    )
    return value + _stirling(target) if full else value


def _shifted(rate: s.Scalar, target: s.Scalar, eps: float) -> s.Scalar:
    if eps:
        return rate + eps
    return s.select(s.logical_and(s.equal(rate, 0.0), s.equal(target, 0.0)), 1.0, rate)


def _grads(
    rate: s.Scalar, target: s.Scalar, y: s.Scalar, *, log: bool, full: bool, eps: float
) -> tuple[s.Scalar, s.Scalar]:
    if log:
        by_rate, by_target = s.exp(rate) - target, -rate
    else:
        shifted = _shifted(rate, target, eps)
        by_rate, by_target = 1.0 - target / shifted, -s.log(shifted)
    return by_rate, by_target + _stirling_slope(target) if full else by_target


_poisson_nll = ElementwiseOp(
    "poisson_nll",
    _value,
    grads=_grads,
    doc="Return ``exp(x) - t·x``, or ``x - t·log(x + eps)``.",
)


def poisson_nll(
    prediction: Any,
    target: Any,
    *,
    log_input: bool = True,
    full: bool = False,
    eps: float = 1e-8,
    weights: Any = None,
    reduction: str = "mean",
) -> Node:
    """Return ``exp(x) - t·x``, where the prediction x is the logarithm of the expected count.

    Parameters
    ----------
    prediction, target : node or array_like
        Of one shape; the targets are counts.
    log_input : bool
        Whether the prediction is the logarithm; else it is the expected count itself, and the
        value ``x - t·log(x + eps)``.
    full : bool
        Add Stirling's approximation of log(t!), ``t·log t - t + log(2π·t)/2``, where t > 1.
    eps : float
        Keeps the logarithm finite at an expected count of 0. With 0 it is exact: ``0·log 0`` is 0.
    weights : node or array_like, optional
        Factors of the examples, see :mod:`graphdl.losses`.
    reduction : str
        ``mean`` over all elements, ``sum`` or ``none``.

    Raises
    ------
    ShapeError
        If the shapes differ.
    ArgumentError
        If eps is below 0.

    Examples
    --------
    >>> import graphdl as gd
    >>> x, t = gd.input("x", ("N",)), gd.input("t", ("N",))
    >>> loss = gd.losses.poisson_nll(x, t)
    >>> float(gd.interpret(gd.Graph(loss), {"x": [0.0, 0.0], "t": [3.0, 0.0]})["out"])
    1.0
    """
    limit = number("poisson_nll", "eps", eps, low=0)
    attrs = {"log": bool(log_input), "full": bool(full), "eps": limit}
    return compared(_poisson_nll, prediction, target, reduction, weights, **attrs)
