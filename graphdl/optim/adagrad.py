"""Adagrad."""

from __future__ import annotations

import math
from typing import Unpack

from graphdl.ir.node import Node
from graphdl.ops.sqrt import sqrt
from graphdl.optim.optimizer import Hyperparameter, Optimizer, Options, checked, checked_number


class Adagrad(Optimizer):
    """Divide each step by the root of all squared gradients so far (Duchi et al., 2011, JMLR 12).

    ``s ← s + g²``, ``param ← param - lr / (1 + lr_decay·steps) · g / (sqrt(s) + eps)``, where
    ``steps`` counts those taken before. Rare features keep large steps.

    Parameters
    ----------
    lr : number, node or schedule
        Learning rate.
    lr_decay : number, node or schedule
        How fast it falls besides.
    initial : number
        Where ``s`` starts.
    eps : number, node or schedule
        Keeps the division finite; with 0, and ``initial`` 0, a gradient of 0 gives NaN.
    **options
        ``weight_decay``, ``decoupled`` (by ``lr``), ``clip`` and ``name``: see :class:`Optimizer`.

    Examples
    --------
    >>> import graphdl as gd
    >>> w, g = gd.param("w", (3,)), gd.input("g", (3,))
    >>> [s.name for s in gd.optim.Adagrad(0.1).updates([w], [g])]
    ['optimizer/w/sum', 'w']
    """

    def __init__(
        self,
        lr: Hyperparameter = 0.01,
        *,
        lr_decay: Hyperparameter = 0.0,
        initial: float = 0.0,
        eps: Hyperparameter = 1e-10,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(lr=lr, **options)
        self.lr_decay = checked("lr_decay", lr_decay, 0.0, math.inf)
        self.initial = checked_number("initial", initial, 0.0, math.inf)
        self.eps = checked("eps", eps, 0.0, math.inf)

    def rule(self, param: Node, grad: Node) -> dict[Node, Node]:
        """Return the new parameter and sum of squares."""
        dtype = param.dtype
        rate, eps = self.value(self.lr, dtype), self.value(self.eps, dtype)
        if self.lr_decay != 0.0:
            decay = self.value(self.lr_decay, dtype)
            rate = rate / (1.0 + decay * self.steps_before(dtype))
        before = self.slot(param, "sum", self.initial)
        total = before + grad * grad
        return {before: total, param: param - rate * (grad / (sqrt(total) + eps))}
