"""Hinge loss of class numbers."""

from __future__ import annotations

from typing import Any

from graphdl.ir.errors import ArgumentError
from graphdl.ir.kinds import CompositeOp
from graphdl.ir.node import Node, make, site_text
from graphdl.losses.checks import number
from graphdl.losses.labels import is_label, operands
from graphdl.losses.reduction import reduced
from graphdl.ops.expand_dims import expand_dims
from graphdl.ops.max import max
from graphdl.ops.mean import mean
from graphdl.ops.relu import relu
from graphdl.ops.square import square
from graphdl.ops.take_along_axis import element_at
from graphdl.ops.where import where


def _expand(scores: Node, labels: Node, *, axis: int, margin: float, power: int, over: str) -> Node:
    own = element_at(scores, expand_dims(labels, axis), axis, "strict")
    short = where(is_label(labels, scores, axis), 0.0, relu(scores - own + margin))
    short = short if power == 1 else square(short)
    return mean(short, axis) if over == "mean" else max(short, axis)


_multiclass_hinge = CompositeOp(
    "multiclass_hinge", _expand, doc="Return how far the label's score is from beating the others."
)


def multiclass_hinge(
    scores: Any,
    labels: Any,
    *,
    axis: int = -1,
    margin: float = 1.0,
    power: int = 1,
    over: str = "mean",
    weights: Any = None,
    reduction: str = "mean",
) -> Node:
    """Return ``max(margin + x_k - x_label, 0)^power`` over the classes k other than the label.

    Derivatives are 0 where another class is beaten by exactly the margin.

    Parameters
    ----------
    scores : node or array_like
        Floating, classes along ``axis``.
    labels : node or array_like
        Integers in ``[0, classes)``, of the scores' shape without ``axis``.
    axis : int
        The classes' axis.
    margin : float
        By how much the label's score should be larger.
    power : int
        1 or 2.
    over : str
        ``mean``: their sum, divided by the number of all classes (Weston and Watkins 1999, as
        PyTorch's ``multi_margin_loss``); ``max``: the worst of them (Crammer and Singer 2001), the
        first at ties.
    weights : node or array_like, optional
        Factors of the examples, see :mod:`graphdl.losses`.
    reduction : str
        ``mean`` over all examples, ``sum`` or ``none``.

    Raises
    ------
    ShapeError, DTypeError
        If labels are no integers or do not fit.
    ArgumentError
        If ``power`` or ``over`` is none of these.
    IndexRangeError
        When run, if a label is out of range.

    Examples
    --------
    >>> import graphdl as gd
    >>> x, y = gd.input("x", ("N", 2)), gd.input("y", ("N",), "int32")
    >>> loss = gd.losses.multiclass_hinge(x, y, over="max", reduction="none")
    >>> gd.interpret(gd.Graph(loss), {"x": [[3, 1], [3, 1]], "y": [0, 1]})["out"].tolist()
    [0.0, 3.0]
    """
    limit = number("multiclass_hinge", "margin", margin)
    for given, allowed in ((power, (1, 2)), (over, ("mean", "max"))):
        if given not in allowed:
            raise ArgumentError(
                f"multiclass_hinge: {given!r}",
                site=site_text(),
                remedy=f"use one of {', '.join(map(repr, allowed))}",
            )
    values, classes, place = operands("multiclass_hinge", scores, labels, axis)
    attrs = {"axis": place, "margin": limit, "power": int(power), "over": over}
    return reduced(make(_multiclass_hinge, [values, classes], **attrs), reduction, weights)
