"""Stochastic gradient descent, with momentum if wanted."""

from __future__ import annotations

from typing import Unpack

from graphdl.ir.errors import ArgumentError
from graphdl.ir.leaves import constant
from graphdl.ir.node import Node, site_text
from graphdl.ops.where import where
from graphdl.optim.optimizer import Hyperparameter, Optimizer, Options, checked


class SGD(Optimizer):
    """Take ``param - lr·grad``, or follow a velocity.

    With momentum, ``v ← momentum·v + (1-dampening)·grad`` (undampened at the first step) and
    ``param ← param - lr·v``; with Nesterov's, ``param ← param - lr·(grad + momentum·v)`` (Sutskever
    et al., 2013, in the form in which the learning rate scales the velocity when it is applied).

    Parameters
    ----------
    lr : number, node or schedule
        Learning rate.
    momentum : number, node or schedule
        0 keeps no velocity.
    dampening : number, node or schedule
        How much less than all of the gradient enters the velocity.
    nesterov : bool
        Look ahead.
    **options
        ``weight_decay``, ``decoupled``, ``clip`` and ``name``: see :class:`Optimizer`.

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
        dampening: Hyperparameter = 0.0,
        nesterov: bool = False,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(lr=lr, **options)
        self.momentum = checked("momentum", momentum, 0.0, 1.0)
        self.dampening = checked("dampening", dampening, 0.0, 1.0)
        self.nesterov = nesterov
        if nesterov and (self.momentum == 0.0 or self.dampening != 0.0):
            raise ArgumentError(
                "nesterov=True needs momentum, and no dampening",
                site=site_text(),
                remedy="add momentum=0.9, leave out dampening",
            )

    def rule(self, param: Node, grad: Node) -> dict[Node, Node]:
        """Return the new parameter and velocity."""
        lr = self.value(self.lr, param.dtype)
        if self.momentum == 0.0:
            return {param: param - lr * grad}
        momentum = self.value(self.momentum, param.dtype)
        velocity = self.slot(param, "velocity")
        moved = momentum * velocity + self._entering(param, grad)
        direction = grad + momentum * moved if self.nesterov else moved
        return {velocity: moved, param: param - lr * direction}

    def _entering(self, param: Node, grad: Node) -> Node:
        """Return what of a gradient enters the velocity: at the first step all."""
        if self.dampening == 0.0:
            return grad
        all, part = constant(1.0, param.dtype), 1.0 - self.value(self.dampening, param.dtype)
        share: Node = where(self.steps_before(param.dtype) > 0.0, part, all)
        return share * grad
