"""Cross-entropy of integer labels under a softmax."""

from __future__ import annotations

from typing import Any

from graphdl.ir.dims import shape_text
from graphdl.ir.dtypes import float32, int32
from graphdl.ir.errors import DTypeError, ShapeError
from graphdl.ir.kinds import CompositeOp, Contribution, as_node, normalise_axis
from graphdl.ir.leaves import iota
from graphdl.ir.node import Node, make, site_text
from graphdl.losses.reduction import reduced
from graphdl.ops.cast import stop_gradient
from graphdl.ops.comparison import equal
from graphdl.ops.exp import exp
from graphdl.ops.log import log
from graphdl.ops.max import max
from graphdl.ops.reshape import expand_dims, reshape, squeeze
from graphdl.ops.softmax import softmax
from graphdl.ops.sum import sum
from graphdl.ops.take_along_axis import take_along_axis
from graphdl.ops.where import where


def _expand(logits: Node, labels: Node, *, axis: int) -> Node:
    """Take the label's logit after the shift, so that nothing large is left to cancel."""
    shifted = logits - stop_gradient(max(logits, axis, keepdims=True))
    chosen = take_along_axis(shifted, expand_dims(labels, axis), axis)
    return squeeze(log(sum(exp(shifted), axis, keepdims=True)) - chosen, axis)


def _adjoint(node: Node, cotangent: Node) -> list[Contribution | None]:
    """Softmax less one-hot: a choice by position, which fuses into the softmax's last kernel."""
    logits, labels = node.inputs
    axis = node.attr("axis")
    places = [1] * logits.ndim
    places[axis] = -1
    classes = reshape(iota(logits.shape[axis], labels.dtype), places)
    share = softmax(logits, axis)
    slope = where(equal(classes, expand_dims(labels, axis)), share - 1.0, share)
    math = "~{0} += ~{z}·(softmax({0}) − onehot({1}))"
    return [(expand_dims(cotangent, axis) * slope, math), None]


_softmax_cross_entropy = CompositeOp(
    "softmax_cross_entropy",
    _expand,
    adjoint=_adjoint,
    doc="Return ``log Σ exp(x) - x[label]``, one value an example.",
)


def softmax_cross_entropy(
    logits: Any, labels: Any, *, axis: int = -1, reduction: str = "mean"
) -> Node:
    """Return the negative log-probability of the labels under ``softmax(logits)``.

    Parameters
    ----------
    logits : node or array_like
        Floating, classes along ``axis``.
    labels : node or array_like
        Integers in ``[0, classes)``, of the logits' shape without ``axis``. Labels that come
        straight from an input are checked before anything is stored.
    axis : int
        The classes' axis.
    reduction : str
        ``mean`` over all examples, ``sum`` or ``none``.

    Raises
    ------
    ShapeError, DTypeError
        If labels are no integers or do not fit the logits.
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
    given, classes = as_node(logits), as_node(labels)
    place = normalise_axis("softmax_cross_entropy", axis, given.ndim)
    if not classes.dtype.is_integer:
        raise DTypeError(
            f"softmax_cross_entropy: labels must be integers, not {classes.dtype}",
            site=site_text(),
            remedy="pass class numbers; one-hot rows become them by gd.argmax(rows, axis=1)",
        )
    if classes.shape != given.shape[:place] + given.shape[place + 1 :]:
        raise ShapeError(
            f"softmax_cross_entropy: logits {shape_text(given.shape)} and labels "
            f"{shape_text(classes.shape)} do not fit",
            site=site_text(),
            remedy="labels have the logits' shape without the axis of classes: labels[:, 0]",
        )
    if not given.dtype.is_float:
        given = given.astype(float32)
    if classes.dtype.rank < int32.rank:
        classes = classes.astype(int32)  # there may be more classes than a uint8 can count
    return reduced(make(_softmax_cross_entropy, [given, classes], axis=place), reduction)
