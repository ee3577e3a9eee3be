"""Binary cross-entropy on logits."""

from __future__ import annotations

from typing import Any

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp, as_node
from graphdl.ir.node import Node
from graphdl.losses.reduction import check_same_shape, reduced

_binary_cross_entropy = ElementwiseOp(
    "binary_cross_entropy_with_logits",
    # -t·log σ(x) - (1-t)·log(1-σ(x)), without the overflow and cancellation of either logarithm
    lambda logit, target: s.maximum(logit, 0.0) - logit * target + s.log1p(s.exp(-abs(logit))),
    grads=lambda x, t, y: (s.sigmoid(x) - t, -x),
    doc="Return ``log(1 + exp(x)) - t·x``.",
)


def binary_cross_entropy_with_logits(logits: Any, labels: Any, *, reduction: str = "mean") -> Node:
    """Return the cross-entropy of yes/no labels under ``sigmoid(logits)``.

    Finite for every finite logit: ``max(x, 0) - x·t + log1p(exp(-|x|))``.

    Parameters
    ----------
    logits : node or array_like
        Any shape, floating.
    labels : node or array_like
        Of the same shape: bool, 0 and 1, or probabilities.
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
    >>> loss = gd.losses.binary_cross_entropy_with_logits(x, t)
    >>> float(gd.interpret(gd.Graph(loss), {"x": [1e4, -1e4], "t": [True, False]})["out"])
    0.0
    """
    given, wanted = as_node(logits), as_node(labels)
    check_same_shape("binary_cross_entropy_with_logits", given, wanted)
    return reduced(_binary_cross_entropy(given, wanted), reduction)
