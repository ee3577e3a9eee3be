"""RMSProp."""

from __future__ import annotations

import math
from typing import Unpack

from graphdl.ir.node import Node
from graphdl.ops.maximum import maximum
from graphdl.ops.sqrt import sqrt
from graphdl.optim.optimizer import Hyperparameter, Optimizer, Options, checked


class RMSProp(Optimizer):
    """Divide each step by a running root mean square of the gradient (Hinton, 2012, lecture 6e).

    ``v ← rho·v + (1-rho)·g²``, ``step = g / (sqrt(v) + eps)``, ``param ← param - lr·step``; with
    momentum ``b ← momentum·b + step`` and ``param ← param - lr·b``. Centred (Graves, 2013,
    arXiv:1308.0850), the root is of the variance ``v - m²`` with ``m ← rho·m + (1-rho)·g``. Where
    rounding makes it negative it counts as 0, so that no NaN arises.

    Parameters
    ----------
    lr : number, node or schedule
        Learning rate.
    rho : number, node or schedule
        Decay of the means.
    eps : number, node or schedule
        Keeps the division finite; outside of the root. With 0, a gradient of 0 gives NaN.
    momentum : number, node or schedule
        0 keeps no velocity.
    centered : bool
        Divide by the standard deviation.
    **options
        ``weight_decay``, ``decoupled``, ``clip`` and ``name``: see :class:`Optimizer`.

    Examples
    --------
    >>> import graphdl as gd
    >>> w, g = gd.param("w", (3,)), gd.input("g", (3,))
    >>> [s.name for s in gd.optim.RMSProp(momentum=0.9, centered=True).updates([w], [g])]
    ['optimizer/w/v', 'optimizer/w/m', 'optimizer/w/velocity', 'w']
    """

    def __init__(
        self,
        lr: Hyperparameter = 0.01,
        rho: Hyperparameter = 0.99,
        eps: Hyperparameter = 1e-8,
        *,
        momentum: Hyperparameter = 0.0,
        centered: bool = False,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(lr=lr, **options)
        self.rho = checked("rho", rho, 0.0, 1.0)
        self.eps = checked("eps", eps, 0.0, math.inf)
        self.momentum = checked("momentum", momentum, 0.0, 1.0)
        self.centered = centered

    def rule(self, param: Node, grad: Node) -> dict[Node, Node]:
        """Return the new parameter, means and velocity."""
        dtype = param.dtype
        lr, rho = self.value(self.lr, dtype), self.value(self.rho, dtype)
        second = self.slot(param, "v")
        spread = rho * second + (1.0 - rho) * (grad * grad)
        found = {second: spread}
        if self.centered:
            first = self.slot(param, "m")
            mean = found[first] = rho * first + (1.0 - rho) * grad
            spread = maximum(spread - mean * mean, 0.0)
        step = grad / (sqrt(spread) + self.value(self.eps, dtype))
        if self.momentum != 0.0:
            velocity = self.slot(param, "velocity")
            step = found[velocity] = self.value(self.momentum, dtype) * velocity + step
        return {**found, param: param - lr * step}
