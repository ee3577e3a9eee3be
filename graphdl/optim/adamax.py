"""Adamax."""

from __future__ import annotations

import math
from typing import Unpack

from graphdl.ir.node import Node
from graphdl.ops.abs import abs
from graphdl.ops.maximum import maximum
from graphdl.optim.optimizer import Hyperparameter, Optimizer, Options, checked


class Adamax(Optimizer):
    """Adam by the largest gradient in place of the second moment (Kingma & Ba, 2015, section 7.1).

    ``m ← b1·m + (1-b1)·g``, ``u ← max(b2·u, |g| + eps)``,
    ``param ← param - lr / (1 - b1^t) · m / u``.

    Parameters
    ----------
    lr : number, node or schedule
        Learning rate.
    b1, b2 : number, node or schedule
        Decay of the mean and of the largest gradient.
    eps : number, node or schedule
        Keeps the division finite; with 0, a gradient of 0 at the first step gives NaN.
    **options
        ``weight_decay``, ``decoupled``, ``clip`` and ``name``: see :class:`Optimizer`.

    Examples
    --------
    >>> import graphdl as gd
    >>> w, g = gd.param("w", (3,)), gd.input("g", (3,))
    >>> [s.name for s in gd.optim.Adamax().updates([w], [g])]
    ['optimizer/w/m', 'optimizer/w/u', 'w', 'optimizer/step']
    """

    def __init__(
        self,
        lr: Hyperparameter = 2e-3,
        b1: Hyperparameter = 0.9,
        b2: Hyperparameter = 0.999,
        eps: Hyperparameter = 1e-8,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(lr=lr, **options)
        self.b1, self.b2 = checked("b1", b1, 0.0, 1.0), checked("b2", b2, 0.0, 1.0)
        self.eps = checked("eps", eps, 0.0, math.inf)

    def rule(self, param: Node, grad: Node) -> dict[Node, Node]:
        """Return the new parameter, mean and largest gradient."""
        dtype = param.dtype
        b1, b2 = self.value(self.b1, dtype), self.value(self.b2, dtype)
        lr, eps = self.value(self.lr, dtype), self.value(self.eps, dtype)
        first, largest = self.slot(param, "m"), self.slot(param, "u")
        m = b1 * first + (1.0 - b1) * grad
        u = maximum(b2 * largest, abs(grad) + eps)
        rate = lr / self.correction(b1, dtype)
        return {first: m, largest: u, param: param - rate * (m / u)}
