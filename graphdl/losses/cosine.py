"""Losses of the angle between vectors."""

from __future__ import annotations

from typing import Any

from graphdl.ir import scalar as s
from graphdl.ir.kinds import CompositeOp, ElementwiseOp, as_node, normalise_axis
from graphdl.ir.node import Node, make
from graphdl.losses.checks import check_same_shape, number
from graphdl.losses.labels import as_float
from graphdl.losses.reduction import reduced
from graphdl.ops.abs import abs
from graphdl.ops.cast import stop_gradient
from graphdl.ops.equal import equal
from graphdl.ops.max import max
from graphdl.ops.sqrt import sqrt
from graphdl.ops.squeeze import squeeze
from graphdl.ops.sum import sum
from graphdl.ops.where import where


def _unit(x: Node, axis: int) -> tuple[Node, Node]:
    """Return the unit vector, and 1/2 where there is none: it is 0 then, and stays.

    It is divided by its largest magnitude first, so that no square overflows or vanishes.
    """
    top = stop_gradient(max(abs(x), axis, keepdims=True, initial=0.0))
    zero = equal(top, 0.0)
    part = x / where(zero, 1.0, top)
    length = sqrt(where(zero, 1.0, sum(part * part, axis, keepdims=True)))
    return where(zero, 0.0, part / length), where(zero, 0.5, 0.0).astype(x.dtype)


def _expand(x: Node, y: Node, *, axis: int) -> Node:
    """Take half the squared chord: 1 - cos would cancel for vectors of nearly one direction."""
    (u, without_u), (v, without_v) = _unit(x, axis), _unit(y, axis)
    chord = u - v
    half = 0.5 * sum(chord * chord, axis, keepdims=True)
    return squeeze(half + (without_u + without_v), axis)


_cosine_distance = CompositeOp(
    "cosine_distance", _expand, doc="Return 1 minus the cosine of the angle, 1 for zero vectors."
)


def _distance(loss: str, first: Any, second: Any, axis: int) -> Node:
    x, y = as_float(first), as_float(second)
    check_same_shape(loss, x, y)
    return make(_cosine_distance, [x, y], axis=normalise_axis(loss, axis, x.ndim))


def _embedding(distance: s.Scalar, same: s.Scalar, *, margin: float = 0.0) -> s.Scalar:
    return s.select(same > 0.0, distance, s.maximum(1.0 - margin - distance, 0.0))


_cosine_embedding = ElementwiseOp(
    "cosine_embedding",
    _embedding,
    grads=lambda d, same, y, *, margin: (
        s.select(same > 0.0, 1.0, s.select(y > 0.0, -1.0, 0.0)),
        None,
    ),
    doc="Return ``1 - cos`` for pairs that belong together, ``max(cos - margin, 0)`` for others.",
)


def cosine_similarity(
    prediction: Any, target: Any, *, axis: int = -1, weights: Any = None, reduction: str = "mean"
) -> Node:
    """Return minus the cosine of the angle between vectors: -1 where their directions agree.

    A zero vector has the cosine 0 with all others, and the gradient 0.

    Parameters
    ----------
    prediction, target : node or array_like
        Vectors of one shape, coordinates along ``axis``.
    axis : int
        The coordinates' axis.
    weights : node or array_like, optional
        Factors of the examples, see :mod:`graphdl.losses`.
    reduction : str
        ``mean`` over all vectors, ``sum`` or ``none``.

    Raises
    ------
    ShapeError
        If the shapes differ.

    Examples
    --------
    >>> import graphdl as gd
    >>> x, y = gd.input("x", ("N", 2)), gd.input("y", ("N", 2))
    >>> loss = gd.losses.cosine_similarity(x, y)
    >>> float(gd.interpret(gd.Graph(loss), {"x": [[2.0, 0.0]], "y": [[5.0, 0.0]]})["out"])
    -1.0
    """
    values = _distance("cosine_similarity", prediction, target, axis) - 1.0
    return reduced(values, reduction, weights)


def cosine_embedding(
    first: Any,
    second: Any,
    same: Any,
    *,
    axis: int = -1,
    margin: float = 0.0,
    weights: Any = None,
    reduction: str = "mean",
) -> Node:
    """Return ``1 - cos`` for pairs that belong together, ``max(cos - margin, 0)`` for others.

    A zero vector has the cosine 0 with all others, and the gradient 0.

    Parameters
    ----------
    first, second : node or array_like
        Vectors of one shape, coordinates along ``axis``.
    same : node or array_like
        Of that shape without ``axis``: whether each pair belongs together, as bool or a number
        above 0 (1 and -1 in PyTorch). It has no derivative.
    axis : int
        The coordinates' axis.
    margin : float
        The largest cosine that other pairs may have, in [-1, 1].
    weights : node or array_like, optional
        Factors of the pairs, see :mod:`graphdl.losses`.
    reduction : str
        ``mean`` over all pairs, ``sum`` or ``none``.

    Raises
    ------
    ShapeError
        If the shapes do not fit.
    ArgumentError
        If the margin is no cosine.

    Examples
    --------
    >>> import graphdl as gd
    >>> x, y, same = gd.input("x", (2, 2)), gd.input("y", (2, 2)), gd.input("s", (2,), "bool")
    >>> loss = gd.losses.cosine_embedding(x, y, same, reduction="none")
    >>> data = {"x": [[2, 0], [2, 0]], "y": [[5, 0], [0, 1]], "s": [True, False]}
    >>> gd.interpret(gd.Graph(loss), data)["out"].tolist()
    [0.0, 0.0]
    """
    limit = number("cosine_embedding", "margin", margin, low=-1, high=1)
    apart = _distance("cosine_embedding", first, second, axis)
    labels = as_node(same)
    check_same_shape("cosine_embedding", apart, labels)
    return reduced(_cosine_embedding(apart, labels, margin=limit), reduction, weights)
