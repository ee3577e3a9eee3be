"""How often the prediction is right."""

from __future__ import annotations

from typing import Any

from graphdl.ir.kinds import as_node
from graphdl.ir.node import Node
from graphdl.losses.checks import check_same_shape
from graphdl.losses.labels import operands
from graphdl.ops.equal import equal
from graphdl.ops.max import argmax
from graphdl.ops.mean import mean


def accuracy(scores: Any, labels: Any, *, axis: int = -1) -> Node:
    """Return the share of examples whose label has the largest score, float32.

    At ties the first class is the prediction, as in ``gd.argmax``. Over no examples it is NaN.

    Parameters
    ----------
    scores : node or array_like
        Logits or probabilities, classes along ``axis``.
    labels : node or array_like
        Class numbers, of the scores' shape without ``axis``; none out of range is ever right.
    axis : int
        The classes' axis.

    Raises
    ------
    ShapeError, DTypeError
        If labels are no integers or do not fit the scores.

    Examples
    --------
    >>> import graphdl as gd
    >>> x, y = gd.input("x", ("N", 2)), gd.input("y", ("N",), "int32")
    >>> data = {"x": [[0.1, 0.9], [0.7, 0.3]], "y": [1, 1]}
    >>> float(gd.interpret(gd.Graph(gd.metrics.accuracy(x, y)), data)["out"])
    0.5
    """
    given, classes, place = operands("accuracy", scores, labels, axis)
    return mean(equal(argmax(given, place), classes))


def binary_accuracy(scores: Any, labels: Any, *, threshold: float = 0.5) -> Node:
    """Return the share of yes/no labels on whose side of the threshold the score is, float32.

    Parameters
    ----------
    scores : node or array_like
        Probabilities, or logits with ``threshold=0``; those above the threshold mean yes.
    labels : node or array_like
        Of the same shape; bool, or numbers of which those above 0 mean yes.
    threshold : float
        Where yes begins.

    Raises
    ------
    ShapeError
        If the shapes differ.

    Examples
    --------
    >>> import graphdl as gd
    >>> p, y = gd.input("p", ("N",)), gd.input("y", ("N",), "bool")
    >>> data = {"p": [0.9, 0.5, 0.2, 0.1], "y": [True, True, False, False]}
    >>> float(gd.interpret(gd.Graph(gd.metrics.binary_accuracy(p, y)), data)["out"])
    0.75
    """
    said, true = yes_or_no("binary_accuracy", scores, labels, threshold)
    return mean(equal(said, true))


def yes_or_no(metric: str, scores: Any, labels: Any, threshold: float) -> tuple[Node, Node]:
    """Return predictions and labels as bools.

    Raises
    ------
    ShapeError
        If the shapes differ.
    """
    given, wanted = as_node(scores), as_node(labels)
    check_same_shape(metric, given, wanted)
    return given > threshold, wanted > 0
