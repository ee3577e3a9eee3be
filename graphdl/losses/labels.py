"""Class numbers as targets: which of them count, and how much."""

from __future__ import annotations

from typing import Any

from graphdl.ir.dim_text import shape_text
from graphdl.ir.dtypes import float32, int32
from graphdl.ir.errors import ShapeError
from graphdl.ir.kinds import as_node, normalise_axis
from graphdl.ir.leaves import constant, iota
from graphdl.ir.node import Node, site_text
from graphdl.losses.checks import check_labels
from graphdl.ops.equal import equal
from graphdl.ops.expand import broadcast_to
from graphdl.ops.expand_dims import expand_dims
from graphdl.ops.gather import gather
from graphdl.ops.reshape import reshape
from graphdl.ops.where import where


def operands(loss: str, scores: Any, labels: Any, axis: int) -> tuple[Node, Node, int]:
    """Return scores as floats, labels that can count all classes, and the axis of classes.

    Raises
    ------
    ShapeError, DTypeError
        If labels are no integers or do not fit the scores.
    """
    given, classes = as_float(scores), as_node(labels)
    place = normalise_axis(loss, axis, given.ndim)
    check_labels(loss, given, classes, place)
    if classes.dtype.rank < int32.rank:
        classes = classes.astype(int32)  # there may be more classes than a uint8 can count
    return given, classes, place


def as_float(values: Any) -> Node:
    """Return a node of a floating dtype."""
    node = as_node(values)
    return node if node.dtype.is_float else node.astype(float32)


def without_ignored(
    scores: Node, labels: Node, axis: int, ignore_index: int | None
) -> tuple[Node, Node, Node | None]:
    """Return scores and labels with harmless values where a label is ignored, and where that is.

    Labels are then computed, hence clipped rather than checked. If the ignored number is a class,
    they stay as they are, and checked.
    """
    if ignore_index is None:
        return scores, labels, None
    ignored = equal(labels, int(ignore_index))
    scores = where(expand_dims(ignored, axis), 0.0, scores)
    size = scores.shape[axis]
    if ignore_index < 0 or not isinstance(size, int) or ignore_index >= size:
        labels = where(ignored, 0, labels)
    return scores, labels, ignored


def along(vector: Node, ndim: int, axis: int) -> Node:
    """Lay a vector along one of ``ndim`` axes."""
    return reshape(vector, tuple(-1 if k == axis else 1 for k in range(ndim)))


def is_label(labels: Node, scores: Node, axis: int) -> Node:
    """Return where the label's class stands among the scores."""
    classes = along(iota(scores.shape[axis], labels.dtype), scores.ndim, axis)
    return equal(classes, expand_dims(labels, axis))  # type: ignore[no-any-return]


def as_class_weights(loss: str, class_weights: Any, scores: Node, axis: int) -> Node | None:
    """Return a weight for each class.

    Raises
    ------
    ShapeError
        If they are not as many as classes.
    """
    if class_weights is None:
        return None
    node = as_node(class_weights).astype(scores.dtype)
    if node.shape != (scores.shape[axis],):
        raise ShapeError(
            f"{loss}: class_weights {shape_text(node.shape)} for scores {shape_text(scores.shape)}",
            site=site_text(),
            remedy="give a vector with one weight for each class",
        )
    return node


def shares(labels: Node, class_weights: Node | None, ignored: Node | None, like: Node) -> Node:
    """Return how much each example counts: its class's weight, 0 where it is ignored."""
    if class_weights is None:
        share = broadcast_to(constant(1.0, like.dtype), labels.shape)
    else:
        share = gather(class_weights, labels)
    return share if ignored is None else where(ignored, 0.0, share)
