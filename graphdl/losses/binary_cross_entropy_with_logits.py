"""Binary cross-entropy on logits."""

from __future__ import annotations

from typing import Any

from graphdl.ir import scalar as s
from graphdl.ir.dim_text import shape_text
from graphdl.ir.errors import ShapeError
from graphdl.ir.kinds import ElementwiseOp, as_node
from graphdl.ir.node import Node, site_text
from graphdl.losses.checks import check_same_shape
from graphdl.losses.reduction import reduced


def cross_entropy(x: s.Scalar, t: s.Scalar, positive: s.ScalarLike = 1.0) -> s.Scalar:
    """Return ``-positive·t·log σ(x) - (1-t)·log(1-σ(x))``: a sum of what is never negative."""
    tail = s.log1p(s.exp(-abs(x)))
    yes = t * (s.maximum(-x, 0.0) + tail)
    return positive * yes + (1.0 - t) * (s.maximum(x, 0.0) + tail)


def cross_entropy_slope(x: s.Scalar, t: s.Scalar, positive: s.ScalarLike = 1.0) -> s.Scalar:
    """Return its derivative by x; ``σ(x) - t`` would lose all digits where it is small."""
    return (1.0 - t) * s.sigmoid(x) - positive * (t * s.sigmoid(-x))


def _softplus(x: s.Scalar) -> s.Scalar:
    return s.maximum(x, 0.0) + s.log1p(s.exp(-abs(x)))


with_logits = ElementwiseOp(
    "binary_cross_entropy_with_logits",
    # -t·log σ(x) - (1-t)·log(1-σ(x)), without the overflow and cancellation of either logarithm
    lambda logit, target: s.maximum(logit, 0.0) - logit * target + s.log1p(s.exp(-abs(logit))),
    grads=lambda x, t, y: (cross_entropy_slope(x, t), -x),
    doc="Return ``log(1 + exp(x)) - t·x``.",
)
_weighted = ElementwiseOp(
    "weighted_binary_cross_entropy_with_logits",
    lambda logit, target, positive: cross_entropy(logit, target, positive),
    grads=lambda x, t, w, y: (
        cross_entropy_slope(x, t, w),
        w * _softplus(-x) - _softplus(x),
        t * _softplus(-x),
    ),
    doc="Return ``-w·t·log σ(x) - (1-t)·log(1-σ(x))``.",
)


def binary_cross_entropy_with_logits(
    logits: Any,
    labels: Any,
    *,
    pos_weight: Any = None,
    weights: Any = None,
    reduction: str = "mean",
) -> Node:
    """Return the cross-entropy of yes/no labels under ``sigmoid(logits)``.

    Finite for every finite logit: ``max(x, 0) - x·t + log1p(exp(-|x|))``.

    Parameters
    ----------
    logits : node or array_like
        Any shape, floating.
    labels : node or array_like
        Of the same shape: bool, 0 and 1, or probabilities.
    pos_weight : node or array_like, optional
        A factor of the term of positive labels; it broadcasts to the logits, so that a vector
        weighs the classes of the last axis.
    weights : node or array_like, optional
        Factors of the examples, see :mod:`graphdl.losses`.
    reduction : str
        ``mean`` over all elements, ``sum`` or ``none``.

    Raises
    ------
    ShapeError
        If the shapes differ, or pos_weight does not broadcast to the logits.

    Examples
    --------
    >>> import graphdl as gd
    >>> x, t = gd.input("x", ("N",)), gd.input("t", ("N",), "bool")
    >>> loss = gd.losses.binary_cross_entropy_with_logits(x, t)
    >>> float(gd.interpret(gd.Graph(loss), {"x": [1e4, -1e4], "t": [True, False]})["out"])
    0.0
    """
    given, wanted = as_node(logits), as_node(labels)
    check_same_shape("binary_cross_entropy_with_logits", given, wanted)
    if pos_weight is None:
        return reduced(with_logits(given, wanted), reduction, weights)
    values: Node = _weighted(given, wanted, pos_weight)
    if values.shape != given.shape:
        raise ShapeError(
            f"binary_cross_entropy_with_logits: pos_weight makes {shape_text(given.shape)} "
            f"{shape_text(values.shape)}",
            site=site_text(),
            remedy="give one number, or one for each class of the last axis",
        )
    return reduced(values, reduction, weights)
