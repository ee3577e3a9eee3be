"""Binary cross-entropy on probabilities."""

from __future__ import annotations

from typing import Any

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp
from graphdl.ir.node import Node
from graphdl.ir.rewrites import is_instruction, rewrite
from graphdl.losses.binary_cross_entropy_with_logits import with_logits
from graphdl.losses.checks import number
from graphdl.losses.reduction import compared


def _sides(p: s.Scalar, t: s.Scalar, eps: float) -> tuple[s.Scalar, s.Scalar]:
    """Return p for the logarithm of p and for that of 1 - p, 1 and 0 where t rules them out."""
    if eps:
        p = s.minimum(s.maximum(p, eps), 1.0 - eps)
        return p, p
    unused = s.logical_and(s.equal(p, 0.0), s.equal(t, 0.0))
    other = s.logical_and(s.equal(p, 1.0), s.equal(t, 1.0))
    return s.select(unused, 1.0, p), s.select(other, 0.0, p)


def _value(probability: s.Scalar, target: s.Scalar, *, eps: float = 0.0) -> s.Scalar:
    yes, no = _sides(probability, target, eps)
    return -(target * s.log(yes)) - (1.0 - target) * s.log1p(-no)


def _grads(p: s.Scalar, t: s.Scalar, y: s.Scalar, *, eps: float) -> tuple[s.Scalar, s.Scalar]:
    yes, no = _sides(p, t, eps)
    slope = (1.0 - t) / (1.0 - no) - t / yes
    if eps:
        inside = s.logical_and(p >= eps, p <= 1.0 - eps)
        slope = s.select(inside, slope, 0.0)
    return slope, s.log1p(-no) - s.log(yes)


_binary_cross_entropy = ElementwiseOp(
    "binary_cross_entropy",
    _value,
    grads=_grads,
    doc="Return ``-t·log p - (1-t)·log(1-p)`` with ``0·log 0 = 0``.",
)


def binary_cross_entropy(
    probabilities: Any,
    labels: Any,
    *,
    eps: float = 0.0,
    weights: Any = None,
    reduction: str = "mean",
) -> Node:
    """Return the cross-entropy ``-t·log p - (1-t)·log(1-p)`` of yes/no labels.

    Exact at 0 and 1: ``0·log 0`` is 0, and a label that was ruled out costs infinitely much. With
    ``eps`` probabilities are clipped to ``[eps, 1 - eps]`` first and have no gradient outside, as
    in Keras (1e-7 there). Better than either: :func:`binary_cross_entropy_with_logits`, which
    ``p = gd.sigmoid(x)`` is turned into where eps is 0. Outside of [0, 1] the result is NaN.

    Parameters
    ----------
    probabilities : node or array_like
        Any shape, in [0, 1].
    labels : node or array_like
        Of the same shape: bool, 0 and 1, or probabilities.
    eps : float
        At least 0, below 1/2.
    weights : node or array_like, optional
        Factors of the examples, see :mod:`graphdl.losses`.
    reduction : str
        ``mean`` over all elements, ``sum`` or ``none``.

    Raises
    ------
    ShapeError
        If the shapes differ.
    ArgumentError
        If eps is out of range.

    Examples
    --------
    >>> import graphdl as gd
    >>> p, t = gd.input("p", ("N",)), gd.input("t", ("N",), "bool")
    >>> loss = gd.losses.binary_cross_entropy(p, t, reduction="none")
    >>> data = {"p": [1.0, 0.0, 0.0], "t": [True, False, True]}
    >>> gd.interpret(gd.Graph(loss), data)["out"].tolist()
    [0.0, 0.0, inf]
    """
    limit = number("binary_cross_entropy", "eps", eps, low=0, high=0.499)
    return compared(_binary_cross_entropy, probabilities, labels, reduction, weights, eps=limit)


@rewrite(
    "stabilise",
    _binary_cross_entropy,
    math="−t·log σ(x) − (1−t)·log(1−σ(x)) → log(1 + exp(x)) − t·x",
    exact=False,
    examples=lambda gd, x, y: _binary_cross_entropy(gd.sigmoid(x), y, eps=0.0),
)
def _of_sigmoid(node: Node) -> Node | None:
    p, target = node.inputs
    if node.attr("eps") or not is_instruction(p, "sigmoid"):
        return None
    return with_logits(p.inputs[0], target)  # type: ignore[no-any-return]
