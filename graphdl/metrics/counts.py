"""True and false positives and negatives."""

from __future__ import annotations

from typing import Any, NamedTuple

from graphdl.ir.node import Node
from graphdl.losses.labels import is_label, operands
from graphdl.metrics.accuracy import yes_or_no
from graphdl.ops.logical_and import logical_and
from graphdl.ops.logical_not import logical_not
from graphdl.ops.max import argmax
from graphdl.ops.sum import sum


class Counts(NamedTuple):
    """How often yes and no were said rightly and wrongly, int64: scalars, or one for each class."""

    true_positives: Node
    false_positives: Node
    false_negatives: Node
    true_negatives: Node


def _counted(said: Node, true: Node, axes: tuple[int, ...] | None) -> Counts:
    unsaid, untrue = logical_not(said), logical_not(true)
    pairs = (said, true), (said, untrue), (unsaid, true), (unsaid, untrue)
    return Counts(*(sum(logical_and(a, b), axes) for a, b in pairs))


def binary_counts(scores: Any, labels: Any, *, threshold: float = 0.5) -> Counts:
    """Return how often scores above the threshold go with labels that say yes, and so on.

    Parameters
    ----------
    scores, labels, threshold
        As for :func:`binary_accuracy`.

    Raises
    ------
    ShapeError
        If the shapes differ.

    Examples
    --------
    >>> import graphdl as gd
    >>> p, y = gd.input("p", ("N",)), gd.input("y", ("N",), "bool")
    >>> counts = gd.metrics.binary_counts(p, y)
    >>> data = {"p": [0.9, 0.8, 0.2, 0.1], "y": [True, False, False, False]}
    >>> result = gd.interpret(gd.Graph(counts._asdict()), data)
    >>> [int(n) for n in result.values()]
    [1, 1, 0, 2]
    """
    return _counted(*yes_or_no("binary_counts", scores, labels, threshold), None)


def class_counts(scores: Any, labels: Any, *, axis: int = -1) -> Counts:
    """Return the counts of "it is this class" for each class; the largest score is what was said.

    Parameters
    ----------
    scores : node or array_like
        Logits or probabilities, classes along ``axis``.
    labels : node or array_like
        Class numbers, of the scores' shape without ``axis``; one out of range is no class's.
    axis : int
        The classes' axis.

    Raises
    ------
    ShapeError, DTypeError
        If labels are no integers or do not fit the scores.

    Examples
    --------
    >>> import graphdl as gd
    >>> x, y = gd.input("x", ("N", 3)), gd.input("y", ("N",), "int32")
    >>> counts = gd.metrics.class_counts(x, y)
    >>> data = {"x": [[0, 1, 0], [0, 1, 0], [1, 0, 0]], "y": [1, 0, 0]}
    >>> gd.interpret(gd.Graph(counts.false_positives), data)["out"].tolist()
    [0, 1, 0]
    """
    given, classes, place = operands("class_counts", scores, labels, axis)
    said = is_label(argmax(given, place), given, place)
    others = tuple(a for a in range(given.ndim) if a != place)
    return _counted(said, is_label(classes, given, place), others)
