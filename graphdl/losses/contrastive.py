"""The contrastive loss."""

from __future__ import annotations

from typing import Any

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp, as_node
from graphdl.ir.node import Node
from graphdl.losses.checks import check_same_shape, number
from graphdl.losses.distance import distance
from graphdl.losses.labels import as_float
from graphdl.losses.reduction import reduced


def _gap(d: s.Scalar, same: s.Scalar, margin: float) -> s.Scalar:
    """Return what the distance should change by: itself, or what is missing to the margin."""
    return s.select(same > 0.0, d, s.minimum(d - margin, 0.0))


_contrastive = ElementwiseOp(
    "contrastive",
    lambda distance, same, *, margin=1.0: (
        0.5 * (_gap(distance, same, margin) * _gap(distance, same, margin))
    ),
    grads=lambda d, same, y, *, margin: (_gap(d, same, margin), None),
    doc="Return ``D²/2`` for pairs that belong together, ``max(margin - D, 0)²/2`` for others.",
)


def contrastive(
    first: Any,
    second: Any,
    same: Any,
    *,
    axis: int = -1,
    margin: float = 1.0,
    weights: Any = None,
    reduction: str = "mean",
) -> Node:
    """Return ``D²/2`` for pairs that belong together, ``max(margin - D, 0)²/2`` for others.

    D is the Euclidean distance; the derivative where it is 0 is 0. From Hadsell, Chopra and LeCun
    2006, who number pairs the other way round: their Y is 0 for pairs that belong together.

    Parameters
    ----------
    first, second : node or array_like
        Points of one shape, coordinates along ``axis``.
    same : node or array_like
        Of that shape without ``axis``: whether each pair belongs together, as bool or a number
        above 0. It has no derivative.
    axis : int
        The coordinates' axis.
    margin : float
        How far other pairs should be apart.
    weights : node or array_like, optional
        Factors of the pairs, see :mod:`graphdl.losses`.
    reduction : str
        ``mean`` over all pairs, ``sum`` or ``none``.

    Raises
    ------
    ShapeError
        If the shapes do not fit.

    Examples
    --------
    >>> import graphdl as gd
    >>> x, y, same = gd.input("x", (2, 2)), gd.input("y", (2, 2)), gd.input("s", (2,), "bool")
    >>> loss = gd.losses.contrastive(x, y, same, margin=6.0, reduction="none")
    >>> data = {"x": [[0, 0], [0, 0]], "y": [[3, 4], [3, 4]], "s": [True, False]}
    >>> gd.interpret(gd.Graph(loss), data)["out"].tolist()
    [12.5, 0.5]
    """
    limit = number("contrastive", "margin", margin)
    apart = distance("contrastive", as_float(first), as_float(second), axis)
    labels = as_node(same)
    check_same_shape("contrastive", apart, labels)
    return reduced(_contrastive(apart, labels, margin=limit), reduction, weights)
