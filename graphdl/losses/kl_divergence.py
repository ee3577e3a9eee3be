"""The Kullback-Leibler divergence."""

from __future__ import annotations

import math
from typing import Any

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp, as_node
from graphdl.ir.node import Node
from graphdl.losses.checks import check_same_shape
from graphdl.losses.reduction import reduced
from graphdl.ops.sum import sum


def _parts(
    prediction: s.Scalar, target: s.Scalar, log_prediction: bool, log_target: bool
) -> tuple[s.Scalar, s.Scalar, s.Scalar]:
    """Return p, log p and log q, the logarithms finite where p is 0."""
    p = s.exp(target) if log_target else target
    never = s.equal(p, 0.0)
    log_p = s.select(never, 0.0, target) if log_target else s.log(s.select(never, 1.0, target))
    floor = -math.inf if log_prediction else 0.0
    unused = s.logical_and(never, s.equal(prediction, floor))
    if log_prediction:
        return p, log_p, s.select(unused, 0.0, prediction)
    return p, log_p, s.log(s.select(unused, 1.0, prediction))


def _value(
    prediction: s.Scalar,
    target: s.Scalar,
    *,
    log_prediction: bool = False,
    log_target: bool = False,
) -> s.Scalar:
    p, log_p, log_q = _parts(prediction, target, log_prediction, log_target)
    return p * (log_p - log_q)


def _grads(
    q: s.Scalar, t: s.Scalar, y: s.Scalar, *, log_prediction: bool, log_target: bool
) -> tuple[s.Scalar, s.Scalar]:
    p, log_p, log_q = _parts(q, t, log_prediction, log_target)
    if log_prediction:
        by_q = -p
    else:
        unused = s.logical_and(s.equal(p, 0.0), s.equal(q, 0.0))
        by_q = -(p / s.select(unused, 1.0, q))
    if log_target:
        return by_q, p * (log_p - log_q + 1.0)
    return by_q, s.log(t) - log_q + 1.0


_term = ElementwiseOp(
    "kl_divergence", _value, grads=_grads, doc="Return ``p·(log p - log q)`` with ``0·log 0 = 0``."
)


def kl_divergence(
    prediction: Any,
    target: Any,
    *,
    axis: int | tuple[int, ...] | None = -1,
    log_prediction: bool = False,
    log_target: bool = False,
    weights: Any = None,
    reduction: str = "mean",
) -> Node:
    """Return ``Σ p·(log p - log q)``, how far targets p diverge from predictions q.

    Terms with p = 0 are 0, also where q = 0; where only q is 0 they are infinite.

    Parameters
    ----------
    prediction, target : node or array_like
        Probabilities q and p, of one shape.
    axis : int, tuple of int, or None
        Axes of each distribution, which are summed; the mean is over distributions (``batchmean``
        in PyTorch). None sums none of them: each term is a value.
    log_prediction, log_target : bool
        Whether these are logarithms of probabilities, such as ``gd.log_softmax`` gives.
    weights : node or array_like, optional
        Factors of the examples, see :mod:`graphdl.losses`.
    reduction : str
        ``mean``, ``sum`` or ``none``.

    Raises
    ------
    ShapeError
        If the shapes differ, or there is no such axis.

    Examples
    --------
    >>> import graphdl as gd
    >>> q, p = gd.input("q", ("N", 2)), gd.input("p", ("N", 2))
    >>> loss = gd.losses.kl_divergence(q, p)
    >>> round(float(gd.interpret(gd.Graph(loss), {"q": [[0.5, 0.5]], "p": [[1, 0]]})["out"]), 4)
    0.6931
    """
    given, wanted = as_node(prediction), as_node(target)
    check_same_shape("kl_divergence", given, wanted)
    terms = _term(given, wanted, log_prediction=log_prediction, log_target=log_target)
    return reduced(terms if axis is None else sum(terms, axis), reduction, weights)
