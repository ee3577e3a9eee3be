"""NAdam."""

from __future__ import annotations

import math
from typing import Any, Unpack

from graphdl.ir.dtypes import float64
from graphdl.ir.node import Node
from graphdl.ops.cast import cast
from graphdl.ops.power import power
from graphdl.ops.sqrt import sqrt
from graphdl.optim.optimizer import Hyperparameter, Optimizer, Options, checked


class NAdam(Optimizer):
    """Adam that looks ahead as Nesterov's momentum does (Dozat, 2016, ICLR workshop).

    The momentum warms up: ``mu(t) = b1·(1 - 0.5·0.96^(t·momentum_decay))`` at the steps ``t`` = 1,
    2 ... With ``p ← p·mu(t)`` from 1 on, and moments ``m`` and ``v̂`` as Adam's,
    ``param ← param - lr·((1-mu(t))/(1-p)·g + mu(t+1)/(1-p·mu(t+1))·m) / (sqrt(v̂) + eps)``.

    Parameters
    ----------
    lr : number, node or schedule
        Learning rate.
    b1, b2 : number, node or schedule
        Decay of the first and the second moment.
    eps : number, node or schedule
        Keeps the division finite; outside of the root.
    momentum_decay : number, node or schedule
        How fast the momentum warms up.
    **options
        ``weight_decay``, ``decoupled``, ``clip`` and ``name``: see :class:`Optimizer`.

    Examples
    --------
    >>> import graphdl as gd
    >>> w, g = gd.param("w", (3,)), gd.input("g", (3,))
    >>> [s.name for s in gd.optim.NAdam().updates([w], [g])][2:]
    ['w', 'optimizer/mu_product', 'optimizer/step']
    """

    def __init__(
        self,
        lr: Hyperparameter = 2e-3,
        b1: Hyperparameter = 0.9,
        b2: Hyperparameter = 0.999,
        eps: Hyperparameter = 1e-8,
        *,
        momentum_decay: Hyperparameter = 4e-3,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(lr=lr, **options)
        self.b1, self.b2 = checked("b1", b1, 0.0, 1.0), checked("b2", b2, 0.0, 1.0)
        self.eps = checked("eps", eps, 0.0, math.inf)
        self.momentum_decay = checked("momentum_decay", momentum_decay, 0.0, math.inf)

    def rule(self, param: Node, grad: Node) -> dict[Node, Node]:
        """Return the new parameter and moments, and the product of momenta that all share."""
        dtype = param.dtype
        b1, b2 = self.value(self.b1, dtype), self.value(self.b2, dtype)
        first, second = self.slot(param, "m"), self.slot(param, "v")
        m = b1 * first + (1.0 - b1) * grad
        v = b2 * second + (1.0 - b2) * (grad * grad)
        before = self.shared("mu_product", first=1.0)
        now, ahead = self._momentum(1.0), self._momentum(2.0)
        product, lr = before * now, self.value(self.lr, float64)
        by_grad = cast(lr * (1.0 - now) / (1.0 - product), dtype)
        by_mean = cast(lr * ahead / (1.0 - product * ahead), dtype)
        root = 1.0 / sqrt(self.correction(b2, dtype))
        scale = sqrt(v) * root + self.value(self.eps, dtype)
        moved = param - (by_grad * grad + by_mean * m) / scale
        return {first: m, second: v, param: moved, before: product}

    def _momentum(self, ahead: float) -> Any:
        """Return the momentum of a step from the one before; scalars are float64 throughout."""
        decay = self.value(self.momentum_decay, float64)
        warmth = 0.5 * power(0.96, (self.steps_before(float64) + ahead) * decay)
        return self.value(self.b1, float64) * (1.0 - warmth)
