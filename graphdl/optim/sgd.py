"""Stochastic gradient descent, with momentum if wanted."""

from __future__ import annotations

import math

from graphdl.ir.errors import ArgumentError
from graphdl.ir.node import Node, site_text
from graphdl.optim.optimizer import Hyperparameter, Optimizer, checked


class SGD(Optimizer):
    """Take ``param - lr·grad``, or follow a velocity.

    With momentum, ``v ← momentum·v + grad`` and ``param ← param - lr·v``; with Nesterov's,
    ``param ← param - lr·(grad + momentum·v)`` (Sutskever et al., 2013, in the form in which the
    learning rate scales the velocity when it is applied).

    Parameters
    ----------
    lr : number, node or schedule
        Learning rate.
    momentum : number, node or schedule
        0 keeps no velocity.
    nesterov : bool
        Look ahead.
    name : str
        Scope of its state.

    Examples
    --------
    >>> import graphdl as gd
    >>> w, g = gd.param("w", (3,)), gd.input("g", (3,))
    >>> [s.name for s in gd.optim.SGD(0.1, momentum=0.9).updates([w], [g])]
    ['optimizer/w/velocity', 'w']
    """

    def __init__(
        self,
        lr: Hyperparameter,
        momentum: Hyperparameter = 0.0,
        *,
        nesterov: bool = False,
        name: str = "optimizer",
    ) -> None:
        super().__init__(name)
        self.lr = checked("lr", lr, 0.0, math.inf)
        self.momentum = checked("momentum", momentum, 0.0, 1.0)
        self.nesterov = nesterov
        if nesterov and self.momentum == 0.0:
            raise ArgumentError(
                "nesterov=True without momentum", site=site_text(), remedy="add momentum=0.9"
            )

    def rule(self, param: Node, grad: Node) -> dict[Node, Node]:
        """Return the new parameter and velocity."""
        lr = self.value(self.lr, param.dtype)
        if self.momentum == 0.0:
            return {param: param - lr * grad}
        momentum = self.value(self.momentum, param.dtype)
        velocity = self.slot(param, "velocity")
        moved = momentum * velocity + grad
        direction = grad + momentum * moved if self.nesterov else moved
        return {velocity: moved, param: param - lr * direction}
