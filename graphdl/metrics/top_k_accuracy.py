"""How often the label is among the best."""

from __future__ import annotations

from typing import Any

from graphdl.ir import scalar as s
from graphdl.ir.errors import ArgumentError
from graphdl.ir.kinds import ElementwiseOp
from graphdl.ir.leaves import iota
from graphdl.ir.node import Node, site_text
from graphdl.losses.labels import along, operands
from graphdl.ops.expand_dims import expand_dims
from graphdl.ops.less import less
from graphdl.ops.mean import mean
from graphdl.ops.sum import sum
from graphdl.ops.take_along_axis import element_at


def _order(score: s.Scalar, own: s.Scalar, first: s.Scalar) -> s.Scalar:
    """Order as argmax does: NaN is above all, and of equals the first."""
    above = s.select(first, s.logical_not(score < own), s.logical_not(score <= own))
    among_nan = s.logical_and(first, s.isnan(score))
    return s.select(s.isnan(own), among_nan, above)


_beats = ElementwiseOp(
    "beats", _order, accepts="any", doc="Return whether a score wins against the label's own."
)


def top_k_accuracy(scores: Any, labels: Any, k: int = 5, *, axis: int = -1) -> Node:
    """Return the share of examples whose label has one of the ``k`` largest scores, float32.

    Nothing is sorted: a label is among them if less than k classes beat it. At ties the first class
    wins, so that ``k=1`` is :func:`accuracy`. Over no examples it is NaN.

    Parameters
    ----------
    scores : node or array_like
        Logits or probabilities, classes along ``axis``.
    labels : node or array_like
        Class numbers, of the scores' shape without ``axis``.
    k : int
        At least 1.
    axis : int
        The classes' axis.

    Raises
    ------
    ShapeError, DTypeError
        If labels are no integers or do not fit the scores.
    ArgumentError
        If k is below 1.
    IndexRangeError
        When run, if a label is out of range.

    Examples
    --------
    >>> import graphdl as gd
    >>> x, y = gd.input("x", ("N", 3)), gd.input("y", ("N",), "int32")
    >>> data = {"x": [[0.1, 0.7, 0.2], [0.1, 0.7, 0.2]], "y": [2, 0]}
    >>> float(gd.interpret(gd.Graph(gd.metrics.top_k_accuracy(x, y, 2)), data)["out"])
    0.5
    """
    if k < 1:
        raise ArgumentError(
            f"top_k_accuracy: k={k!r}", site=site_text(), remedy="use an integer of at least 1"
        )
    given, classes, place = operands("top_k_accuracy", scores, labels, axis)
    wanted = expand_dims(classes, place)
    own = element_at(given, wanted, place, "strict")
    numbers = along(iota(given.shape[place], classes.dtype), given.ndim, place)
    ahead = sum(_beats(given, own, less(numbers, wanted)), place)
    return mean(ahead < k)
