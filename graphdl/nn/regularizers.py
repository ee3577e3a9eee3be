"""Regularisers: functions from a node to a scalar, a penalty to be added to the loss.

A layer takes one for its weights (``Dense(..., regularizer=l2(1e-4))``) and ``net.penalty`` is the
sum over all layers: ``loss = losses.squared_error(net(x), y) + net.penalty``. To regularise what a
layer gives, apply one to the node: ``+ l1(1e-3)(hidden)``, where ``hidden = net[:2](x)``.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from graphdl.ir.arguments import check_public
from graphdl.ir.dtypes import float32
from graphdl.ir.node import Node
from graphdl.ops.abs import abs
from graphdl.ops.log import log
from graphdl.ops.maximum import maximum
from graphdl.ops.mean import mean
from graphdl.ops.square import square
from graphdl.ops.sum import sum

Regularizer = Callable[[Node], Node]
"""From parameters or activations to a scalar."""


def l1(strength: float = 0.01) -> Regularizer:
    """Return ``w ↦ strength · Σ |w|``; the derivative at 0 is 0.

    Examples
    --------
    >>> import graphdl as gd
    >>> w = gd.input("w", (2,))
    >>> float(gd.interpret(gd.Graph(l1(0.5)(w)), {"w": [-1.0, 3.0]})["out"])
    2.0
    """
    return lambda w: strength * sum(abs(w))


def l2(strength: float = 0.01) -> Regularizer:
    """Return ``w ↦ strength · Σ w²``, without a factor ½, as in Keras.

    Examples
    --------
    >>> import graphdl as gd
    >>> w = gd.input("w", (2,))
    >>> float(gd.interpret(gd.Graph(l2(0.5)(w)), {"w": [-1.0, 3.0]})["out"])
    5.0
    """
    return lambda w: strength * sum(square(w))


def l1_l2(l1: float = 0.01, l2: float = 0.01) -> Regularizer:
    """Return ``w ↦ l1 · Σ |w| + l2 · Σ w²``: the elastic net (Zou & Hastie, 2005).

    Examples
    --------
    >>> import graphdl as gd
    >>> w = gd.input("w", (2,))
    >>> float(gd.interpret(gd.Graph(l1_l2(1.0, 0.5)(w)), {"w": [-1.0, 3.0]})["out"])
    9.0
    """
    return lambda w: l1 * sum(abs(w)) + l2 * sum(square(w))


def entropy(strength: float = 0.01, axis: int = -1) -> Regularizer:
    """Return ``p ↦ strength · H``, the entropy of distributions along an axis, averaged.

    ``H = -Σ p log p`` in nats, where 0 log 0 is 0. A negative strength rewards entropy (Pereyra et
    al., 2017, arXiv:1701.06548). The derivative, infinite at 0, is that at the smallest normal
    number instead.

    Parameters
    ----------
    strength : float
        Factor.
    axis : int
        Along which the probabilities sum to 1; the mean is over all others.

    Examples
    --------
    >>> import graphdl as gd
    >>> p = gd.input("p", (2, 2))
    >>> h = entropy(1.0)(p)
    >>> float(gd.interpret(gd.Graph(h), {"p": [[1.0, 0.0], [0.5, 0.5]]})["out"])
    0.34657...
    """

    def penalty(p: Node) -> Node:
        smallest = float(np.finfo((p.dtype if p.dtype.is_float else float32).numpy).tiny)
        return -strength * mean(sum(p * log(maximum(p, smallest)), axis))

    return penalty


__all__ = ["Regularizer", "entropy", "l1", "l1_l2", "l2"]

check_public(globals())
