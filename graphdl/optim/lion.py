"""Lion."""

from __future__ import annotations

from typing import Unpack

from graphdl.ir.node import Node
from graphdl.ops.sign import sign
from graphdl.optim.optimizer import Common, Hyperparameter, Optimizer, checked


class Lion(Optimizer):
    """Step by the sign of a mean of gradients (Chen et al., 2023, arXiv:2302.06675).

    ``param ← param - lr·(sign(b1·m + (1-b1)·g) + weight_decay·param)``, ``m ← b2·m + (1-b2)·g``.
    All steps have one length, so learning rates are 3 to 10 times smaller than Adam's.

    Parameters
    ----------
    lr : number, node or schedule
        Learning rate.
    b1, b2 : number, node or schedule
        Share of the mean in a step, and its decay.
    weight_decay : number, node or schedule
        Strength of the decay, which is decoupled.
    **options
        ``clip`` and ``name``: see :class:`Optimizer`.

    Examples
    --------
    >>> import graphdl as gd
    >>> w, g = gd.param("w", (3,)), gd.input("g", (3,))
    >>> [s.name for s in gd.optim.Lion().updates([w], [g])]
    ['optimizer/w/m', 'w']
    """

    def __init__(
        self,
        lr: Hyperparameter = 1e-4,
        b1: Hyperparameter = 0.9,
        b2: Hyperparameter = 0.99,
        *,
        weight_decay: Hyperparameter = 0.0,
        **options: Unpack[Common],
    ) -> None:
        super().__init__(lr=lr, weight_decay=weight_decay, decoupled=True, **options)
        self.b1, self.b2 = checked("b1", b1, 0.0, 1.0), checked("b2", b2, 0.0, 1.0)

    def rule(self, param: Node, grad: Node) -> dict[Node, Node]:
        """Return the new parameter and mean."""
        lr, b1, b2 = (self.value(h, param.dtype) for h in (self.lr, self.b1, self.b2))
        mean = self.slot(param, "m")
        direction = sign(b1 * mean + (1.0 - b1) * grad)
        return {mean: b2 * mean + (1.0 - b2) * grad, param: param - lr * direction}
