"""Cross-entropy under a softmax, of class numbers or of probabilities."""

from __future__ import annotations

import math
from typing import Any

from graphdl.ir.errors import ArgumentError
from graphdl.ir.kinds import CompositeOp, Contribution, as_node, normalise_axis
from graphdl.ir.node import Node, make, site_text
from graphdl.losses.checks import check_same_shape, number
from graphdl.losses.dense_cross_entropy import dense_cross_entropy
from graphdl.losses.labels import (
    as_class_weights,
    as_float,
    is_label,
    operands,
    shares,
    without_ignored,
)
from graphdl.losses.reduction import reduced
from graphdl.ops.cast import stop_gradient
from graphdl.ops.exp import exp
from graphdl.ops.expand_dims import expand_dims
from graphdl.ops.log import log
from graphdl.ops.max import max
from graphdl.ops.softmax import softmax
from graphdl.ops.squeeze import squeeze
from graphdl.ops.sum import sum
from graphdl.ops.take_along_axis import element_at
from graphdl.ops.where import where


def _expand(logits: Node, labels: Node, *, axis: int) -> Node:
    """Take the label's logit after the shift, so that nothing large is left to cancel."""
    shifted = logits - stop_gradient(max(logits, axis, keepdims=True, initial=-math.inf))
    chosen = element_at(shifted, expand_dims(labels, axis), axis, "strict")
    return squeeze(log(sum(exp(shifted), axis, keepdims=True)) - chosen, axis)


def _adjoint(node: Node, cotangent: Node) -> list[Contribution | None]:
    """Softmax less one-hot: a choice by position, which fuses into the softmax's last kernel."""
    logits, labels = node.inputs
    axis = node.attr("axis")
    share = softmax(logits, axis)
    slope = where(is_label(labels, logits, axis), share - 1.0, share)
    math = "~{0} += ~{z}·(softmax({0}) − onehot({1}))"
    return [(expand_dims(cotangent, axis) * slope, math), None]


_softmax_cross_entropy = CompositeOp(
    "softmax_cross_entropy",
    _expand,
    adjoint=_adjoint,
    doc="Return ``log Σ exp(x) - x[label]``, one value an example.",
)


def softmax_cross_entropy(
    logits: Any,
    labels: Any,
    *,
    axis: int = -1,
    label_smoothing: float = 0.0,
    class_weights: Any = None,
    ignore_index: int | None = None,
    weights: Any = None,
    reduction: str = "mean",
) -> Node:
    """Return the negative log-probability of the labels under ``softmax(logits)``.

    For probabilities t instead of class numbers: ``-Σ t·log softmax(x)``.

    Parameters
    ----------
    logits : node or array_like
        Floating, classes along ``axis``.
    labels : node or array_like
        Integers in ``[0, classes)``, of the logits' shape without ``axis``; those that come
        straight from an input are checked before anything is stored. Or floats of the logits'
        shape: a probability for each class.
    axis : int
        The classes' axis.
    label_smoothing : float
        The share ε in [0, 1] of each target that all classes get alike: ``(1-ε)·t + ε/classes``
        (Szegedy et al. 2016).
    class_weights : node or array_like, optional
        A factor of each class's term. As in PyTorch, the mean over class numbers then divides by
        the sum of the labels' class weights; the one over probabilities by the number of examples.
    ignore_index : int, optional
        Class number, in range or not, of examples that do not count: their value and gradient are
        0, whatever the logits are, and the mean is over the others; over none it is NaN. Other
        labels are checked only if this number is a class, else they are clipped.
    weights : node or array_like, optional
        Factors of the examples, see :mod:`graphdl.losses`.
    reduction : str
        ``mean`` over all examples, ``sum`` or ``none``.

    Raises
    ------
    ShapeError, DTypeError
        If labels are neither, or do not fit the logits.
    ArgumentError
        If label_smoothing is out of range, or ignore_index is given with probabilities.
    IndexRangeError
        When run, if a label is out of range.

    Examples
    --------
    >>> import graphdl as gd
    >>> x, y = gd.input("x", ("N", 2)), gd.input("y", ("N",), "int32")
    >>> loss = gd.losses.softmax_cross_entropy(x, y)
    >>> float(gd.interpret(gd.Graph(loss), {"x": [[1e4, -1e4]], "y": [1]})["out"])
    20000.0
    """
    name = "softmax_cross_entropy"
    share = number(name, "label_smoothing", label_smoothing, low=0, high=1)
    given, target = as_float(logits), as_node(labels)
    if target.dtype.is_float and target.ndim == given.ndim:
        place = normalise_axis(name, axis, given.ndim)
        check_same_shape(name, given, target)
        _refuse_ignore_index(ignore_index)
        factors = as_class_weights(name, class_weights, given, place)
        values = dense_cross_entropy(given, target, place, share, factors)
        return reduced(values, reduction, weights)
    given, classes, place = operands(name, given, target, axis)
    factors = as_class_weights(name, class_weights, given, place)
    given, classes, ignored = without_ignored(given, classes, place, ignore_index)
    counts = None
    if factors is not None or ignored is not None:
        counts = shares(classes, factors, ignored, given)
    if share:
        one_hot = is_label(classes, given, place).astype(given.dtype)
        values = dense_cross_entropy(given, one_hot, place, share, factors)
        values = values if ignored is None else where(ignored, 0.0, values)
    else:
        values = make(_softmax_cross_entropy, [given, classes], axis=place)
        values = values if counts is None else values * counts
    return reduced(values, reduction, weights, counts)


def _refuse_ignore_index(ignore_index: int | None) -> None:
    if ignore_index is not None:
        raise ArgumentError(
            "softmax_cross_entropy: ignore_index goes with class numbers",
            site=site_text(),
            remedy="give examples that do not count a weight of 0: weights=",
        )
