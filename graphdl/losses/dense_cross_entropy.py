"""Cross-entropy of probabilities under a softmax: the composite, and what prepares its targets."""

from __future__ import annotations

import math

from graphdl.ir.kinds import CompositeOp, Contribution
from graphdl.ir.leaves import dimension
from graphdl.ir.node import Node, make
from graphdl.losses.labels import along
from graphdl.ops.cast import stop_gradient
from graphdl.ops.equal import equal
from graphdl.ops.exp import exp
from graphdl.ops.expand_dims import expand_dims
from graphdl.ops.log import log
from graphdl.ops.logical_and import logical_and
from graphdl.ops.max import max
from graphdl.ops.softmax import log_softmax, softmax
from graphdl.ops.sum import sum
from graphdl.ops.where import where


def _expand(logits: Node, targets: Node, *, axis: int) -> Node:
    """Weigh ``-log softmax``, which is never negative; a class ruled out twice costs nothing."""
    shifted = logits - stop_gradient(max(logits, axis, keepdims=True, initial=-math.inf))
    surprise = log(sum(exp(shifted), axis, keepdims=True)) - shifted
    unused = logical_and(equal(surprise, math.inf), equal(targets, 0.0))
    return sum(targets * where(unused, 0.0, surprise), axis)


def _adjoint(node: Node, cotangent: Node) -> list[Contribution | None]:
    logits, targets = node.inputs
    axis = node.attr("axis")
    spread = expand_dims(cotangent, axis)
    slope = softmax(logits, axis) * sum(targets, axis, keepdims=True) - targets
    return [
        (spread * slope, "~{0} += ~{z}·(softmax({0})·Σ{1} − {1})"),
        (-(spread * log_softmax(logits, axis)), "~{1} += −~{z}·log softmax({0})"),
    ]


_dense = CompositeOp(
    "dense_softmax_cross_entropy",
    _expand,
    adjoint=_adjoint,
    doc="Return ``-Σ t·log softmax(x)``, one value an example.",
)


def dense_cross_entropy(
    logits: Node, targets: Node, axis: int, smoothing: float, class_weights: Node | None
) -> Node:
    """Return ``-Σ t·log softmax(logits)`` of targets that are smoothed, then weighed by class.

    Examples
    --------
    >>> import graphdl as gd
    >>> x, t = gd.input("x", ("N", 3)), gd.input("t", ("N", 3))
    >>> dense_cross_entropy(x, t, 1, 0.1, None)
    <dense_softmax_cross_entropy float32(N,)>
    """
    if smoothing:
        everywhere = smoothing / dimension(logits.shape[axis], targets.dtype)
        targets = (1.0 - smoothing) * targets + everywhere
    if class_weights is not None:
        targets = targets * along(class_weights, targets.ndim, axis)
    return make(_dense, [logits, targets], axis=axis)
