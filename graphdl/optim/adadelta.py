"""Adadelta."""

from __future__ import annotations

import math
from typing import Unpack

from graphdl.ir.node import Node
from graphdl.ops.sqrt import sqrt
from graphdl.optim.optimizer import Hyperparameter, Optimizer, Options, checked


class Adadelta(Optimizer):
    """Give each step the root mean square of earlier steps (Zeiler, 2012, arXiv:1212.5701).

    ``v ← rho·v + (1-rho)·g²``, ``step = sqrt((d + eps) / (v + eps)) · g``,
    ``d ← rho·d + (1-rho)·step²``, ``param ← param - lr·step``.

    Parameters
    ----------
    lr : number, node or schedule
        Scale of the steps; 1 is the published method.
    rho : number, node or schedule
        Decay of the means.
    eps : number, node or schedule
        Inside of the root: it starts the motion. With 0 there is none, and a gradient of 0 gives
        NaN.
    **options
        ``weight_decay``, ``decoupled``, ``clip`` and ``name``: see :class:`Optimizer`.

    Examples
    --------
    >>> import graphdl as gd
    >>> w, g = gd.param("w", (3,)), gd.input("g", (3,))
    >>> [s.name for s in gd.optim.Adadelta().updates([w], [g])]
    ['optimizer/w/v', 'optimizer/w/delta', 'w']
    """

    def __init__(
        self,
        lr: Hyperparameter = 1.0,
        rho: Hyperparameter = 0.9,
        eps: Hyperparameter = 1e-6,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(lr=lr, **options)
        self.rho = checked("rho", rho, 0.0, 1.0)
        self.eps = checked("eps", eps, 0.0, math.inf)

    def rule(self, param: Node, grad: Node) -> dict[Node, Node]:
        """Return the new parameter and both means."""
        dtype = param.dtype
        lr, rho, eps = (self.value(h, dtype) for h in (self.lr, self.rho, self.eps))
        second, delta = self.slot(param, "v"), self.slot(param, "delta")
        v = rho * second + (1.0 - rho) * (grad * grad)
        step = sqrt((delta + eps) / (v + eps)) * grad
        moved = rho * delta + (1.0 - rho) * (step * step)
        return {second: v, delta: moved, param: param - lr * step}
