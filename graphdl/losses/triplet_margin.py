"""The triplet loss."""

from __future__ import annotations

from typing import Any

from graphdl.ir.node import Node
from graphdl.losses.checks import number
from graphdl.losses.distance import distance
from graphdl.losses.labels import as_float
from graphdl.losses.reduction import reduced
from graphdl.ops.minimum import minimum
from graphdl.ops.relu import relu


def triplet_margin(
    anchor: Any,
    positive: Any,
    negative: Any,
    *,
    axis: int = -1,
    margin: float = 1.0,
    p: float = 2.0,
    swap: bool = False,
    weights: Any = None,
    reduction: str = "mean",
) -> Node:
    """Return ``max(D(anchor, positive) - D(anchor, negative) + margin, 0)``.

    D is the p-norm of the difference, exact and with derivative 0 where that is 0 (PyTorch adds
    1e-6 to each difference instead). From Balntas et al. 2016.

    Parameters
    ----------
    anchor, positive, negative : node or array_like
        Points of one shape, coordinates along ``axis``.
    axis : int
        The coordinates' axis.
    margin : float
        By how much the negative should be farther away.
    p : float
        At least 1; ``math.inf`` for the largest difference.
    swap : bool
        Take the distance of positive and negative where it is smaller than that of the anchor.
    weights : node or array_like, optional
        Factors of the triplets, see :mod:`graphdl.losses`.
    reduction : str
        ``mean`` over all triplets, ``sum`` or ``none``.

    Raises
    ------
    ShapeError
        If the shapes differ.
    ArgumentError
        If p is below 1.

    Examples
    --------
    >>> import graphdl as gd
    >>> a, p, n = (gd.input(name, ("N", 2)) for name in "apn")
    >>> loss = gd.losses.triplet_margin(a, p, n)
    >>> data = {"a": [[0, 0]], "p": [[3, 4]], "n": [[0, 2]]}
    >>> float(gd.interpret(gd.Graph(loss), data)["out"])
    4.0
    """
    here, near, far = (as_float(x) for x in (anchor, positive, negative))
    limit = number("triplet_margin", "margin", margin)
    good = distance("triplet_margin", here, near, axis, p)
    bad = distance("triplet_margin", here, far, axis, p)
    if swap:
        bad = minimum(bad, distance("triplet_margin", near, far, axis, p))
    return reduced(relu(good - bad + limit), reduction, weights)
