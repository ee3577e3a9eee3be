"""Negative log-likelihood of a normal distribution."""

from __future__ import annotations

import math
from typing import Any

from graphdl.ir import scalar as s
from graphdl.ir.dim_text import shape_text
from graphdl.ir.errors import ShapeError
from graphdl.ir.kinds import ElementwiseOp, as_node
from graphdl.ir.node import Node, site_text
from graphdl.losses.checks import check_same_shape, number
from graphdl.losses.reduction import reduced
from graphdl.ops.cast import stop_gradient
from graphdl.ops.less import less
from graphdl.ops.where import where


def _value(mean: s.Scalar, target: s.Scalar, v: s.Scalar, *, full: bool = False) -> s.Scalar:
    d = mean - target
    value = 0.5 * (s.log(v) + (d / v) * d)  # d·d may overflow where the quotient does not
    return value + 0.5 * math.log(2 * math.pi) if full else value


def _grads(
    mean: s.Scalar, target: s.Scalar, v: s.Scalar, y: s.Scalar, *, full: bool
) -> tuple[s.Scalar, ...]:
    ratio = (mean - target) / v
    return ratio, -ratio, 0.5 * (1.0 / v - ratio * ratio)


_gaussian_nll = ElementwiseOp(
    "gaussian_nll",
    _value,
    grads=_grads,
    doc="Return ``(log v + (mean - target)²/v)/2``.",
)


def _at_least(eps: float, variance: Node) -> Node:
    """Return ``max(variance, eps)``, through which the derivative passes as through the identity.

    What is added to eps is 0 in every digit, and has the derivative 1.
    """
    passing = eps + (variance - stop_gradient(variance))
    return where(less(variance, eps), passing, variance)  # type: ignore[no-any-return]


def gaussian_nll(
    mean: Any,
    target: Any,
    variance: Any,
    *,
    eps: float = 1e-6,
    full: bool = False,
    weights: Any = None,
    reduction: str = "mean",
) -> Node:
    """Return ``(log v + (mean - target)²/v)/2``, where ``v = max(variance, eps)``.

    The limit is for stability only: the variance receives the gradient at v also below eps, as in
    PyTorch, so that it can grow again. That is a choice, not the derivative of the value; in the
    graph it stands as a ``stop_gradient``, and every rule is a derivative.

    Parameters
    ----------
    mean, target : node or array_like
        Of one shape: what was predicted, and what was observed.
    variance : node or array_like
        Of the same shape, a scalar, or with axes of size 1 to repeat it along.
    eps : float
        Smallest variance, above 0.
    full : bool
        Add the constant ``log(2π)/2``.
    weights : node or array_like, optional
        Factors of the examples, see :mod:`graphdl.losses`.
    reduction : str
        ``mean`` over all elements, ``sum`` or ``none``.

    Raises
    ------
    ShapeError
        If the shapes differ.
    ArgumentError
        If eps is not above 0.

    Examples
    --------
    >>> import graphdl as gd
    >>> m, t, v = (gd.input(name, ("N",)) for name in "mtv")
    >>> loss = gd.losses.gaussian_nll(m, t, v)
    >>> float(gd.interpret(gd.Graph(loss), {"m": [3.0], "t": [1.0], "v": [1.0]})["out"])
    2.0
    """
    limit = number("gaussian_nll", "eps", eps, above=0)
    given, wanted = as_node(mean), as_node(target)
    spread = as_node(variance)
    check_same_shape("gaussian_nll", given, wanted)
    pairs = zip(spread.shape, given.shape, strict=False)
    if spread.shape and (spread.ndim != given.ndim or any(v not in (s, 1) for v, s in pairs)):
        raise ShapeError(
            f"gaussian_nll: variance {shape_text(spread.shape)} for {shape_text(given.shape)}",
            site=site_text(),
            remedy="give as many axes, of the same size or 1: variance[:, None]",
        )
    values = _gaussian_nll(given, wanted, _at_least(limit, spread), full=full)
    return reduced(values, reduction, weights)
