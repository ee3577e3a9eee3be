"""Negative log-likelihood of class numbers."""

from __future__ import annotations

from typing import Any

from graphdl.ir.node import Node
from graphdl.losses.labels import as_class_weights, operands, shares, without_ignored
from graphdl.losses.reduction import reduced
from graphdl.ops.expand_dims import expand_dims
from graphdl.ops.squeeze import squeeze
from graphdl.ops.take_along_axis import element_at


def nll(
    log_probabilities: Any,
    labels: Any,
    *,
    axis: int = -1,
    class_weights: Any = None,
    ignore_index: int | None = None,
    weights: Any = None,
    reduction: str = "mean",
) -> Node:
    """Return minus the label's log-probability.

    Of ``gd.log_softmax(x)`` it is the :func:`softmax_cross_entropy` of x, which is faster.

    Parameters
    ----------
    log_probabilities : node or array_like
        Floating, classes along ``axis``.
    labels : node or array_like
        Integers in ``[0, classes)``, of the other's shape without ``axis``.
    axis : int
        The classes' axis.
    class_weights, ignore_index : optional
        As for :func:`softmax_cross_entropy`.
    weights : node or array_like, optional
        Factors of the examples, see :mod:`graphdl.losses`.
    reduction : str
        ``mean`` over all examples, ``sum`` or ``none``.

    Raises
    ------
    ShapeError, DTypeError
        If labels are no integers or do not fit.
    IndexRangeError
        When run, if a label is out of range.

    Examples
    --------
    >>> import graphdl as gd
    >>> p, y = gd.input("p", ("N", 2)), gd.input("y", ("N",), "int32")
    >>> loss = gd.losses.nll(gd.log(p), y, ignore_index=-1, reduction="sum")
    >>> data = {"p": [[1.0, 0.0], [0.0, 1.0]], "y": [0, -1]}
    >>> float(gd.interpret(gd.Graph(loss), data)["out"])
    0.0
    """
    given, classes, place = operands("nll", log_probabilities, labels, axis)
    factors = as_class_weights("nll", class_weights, given, place)
    given, classes, ignored = without_ignored(given, classes, place, ignore_index)
    values = squeeze(element_at(-given, expand_dims(classes, place), place, "strict"), place)
    if factors is None and ignored is None:
        return reduced(values, reduction, weights)
    counts = shares(classes, factors, ignored, given)
    return reduced(values * counts, reduction, weights, counts)
