"""Clipping of gradients: by value, by the norm of each, or by the norm of all together.

Each is an option of an optimizer, ``optim.Adam(1e-3, clip=optim.clip_by_global_norm(1.0))``, and
acts on the gradients of its parameters before anything else does. A clip is any function from these
gradients, and a function that resolves hyperparameters, to as many new ones.

NaN is not hidden: a gradient's NaN stays, and by way of a norm makes everything NaN that the norm
scales. Where a norm is inf, its finite gradients become 0 and infinite ones NaN. A limit by value
makes infinite gradients finite.
"""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Sequence

from graphdl.ir.node import Node
from graphdl.ops.cast import cast
from graphdl.ops.maximum import maximum
from graphdl.ops.minimum import minimum
from graphdl.ops.sqrt import sqrt
from graphdl.ops.sum import sum
from graphdl.optim.optimizer import Clip, Hyperparameter, Value, checked

_TINY = 1e-6  # on a norm, as PyTorch has it: nothing is divided by 0


def clip_by_value(limit: Hyperparameter) -> Clip:
    """Return a clip that limits every element to ``[-limit, limit]``.

    Parameters
    ----------
    limit : number, node or schedule
        At least 0.

    Raises
    ------
    ArgumentError
        If it is negative, NaN or infinite.

    Examples
    --------
    >>> import graphdl as gd
    >>> w, g = gd.param("w", (2,)), gd.input("g", (2,))
    >>> optimizer = gd.optim.SGD(1.0, clip=gd.optim.clip_by_value(0.5))
    >>> updates = optimizer.updates([w], [g])
    >>> gd.interpret(gd.Graph(updates[w]), {"g": [-7.0, 0.25]})["out"].tolist()
    [0.5, -0.25]
    """
    limit = checked("limit", limit, 0.0, math.inf)

    def clip(grads: Sequence[Node], value: Value) -> list[Node]:
        limits = [value(limit, g.dtype) for g in grads]
        return [minimum(maximum(g, -b), b) for g, b in zip(grads, limits, strict=True)]

    return clip


def clip_by_norm(limit: Hyperparameter) -> Clip:
    """Return a clip that shortens each gradient to the norm ``limit``.

    ``g ← g·min(1, limit / (‖g‖ + 1e-6))`` with the Euclidean norm of all its elements.

    Parameters
    ----------
    limit : number, node or schedule
        At least 0.

    Raises
    ------
    ArgumentError
        If it is negative, NaN or infinite.

    Examples
    --------
    >>> import graphdl as gd
    >>> w, g = gd.param("w", (2,)), gd.input("g", (2,))
    >>> optimizer = gd.optim.SGD(1.0, clip=gd.optim.clip_by_norm(1.0))
    >>> updates = optimizer.updates([w], [g])
    >>> gd.interpret(gd.Graph(updates[w]), {"g": [3.0, 4.0]})["out"].round(5).tolist()
    [-0.60000..., -0.80000...]
    """
    limit = checked("limit", limit, 0.0, math.inf)
    return lambda grads, value: [g for grad in grads for g in _shortened([grad], limit, value)]


def clip_by_global_norm(limit: Hyperparameter) -> Clip:
    """Return a clip that scales all gradients alike, to a common norm of at most ``limit``.

    ``g ← g·min(1, limit / (‖all g‖ + 1e-6))`` with the Euclidean norm of the elements of all
    gradients (Pascanu et al., 2013, arXiv:1211.5063): their direction stays. As an option of
    :class:`Groups` these are the gradients of all groups.

    Parameters
    ----------
    limit : number, node or schedule
        At least 0.

    Raises
    ------
    ArgumentError
        If it is negative, NaN or infinite.

    Examples
    --------
    >>> import graphdl as gd
    >>> params = [gd.param("w", (2,)), gd.param("b", ())]
    >>> grads = [gd.input("g", (2,)), gd.input("h", ())]
    >>> optimizer = gd.optim.SGD(1.0, clip=gd.optim.clip_by_global_norm(13.0))
    >>> updates = optimizer.updates(params, grads)
    >>> given = {"g": [6.0, 8.0], "h": 24.0}
    >>> gd.interpret(gd.Graph(updates[params[0]]), given)["out"].round(4).tolist()
    [-3.0, -4.0]
    """
    limit = checked("limit", limit, 0.0, math.inf)
    return lambda grads, value: _shortened(grads, limit, value)


def _shortened(grads: Sequence[Node], limit: Hyperparameter, value: Value) -> list[Node]:
    """Scale gradients by their common norm, which has the widest of their dtypes."""
    if not grads:
        return []
    norm = sqrt(functools.reduce(operator.add, [sum(g * g) for g in grads]))
    share = minimum(value(limit, norm.dtype) / (norm + _TINY), 1.0)
    return [g * cast(share, g.dtype) for g in grads]


__all__ = ["clip_by_global_norm", "clip_by_norm", "clip_by_value"]
