"""Adam, and AMSGrad as its option."""

from __future__ import annotations

import math
from typing import Unpack

from graphdl.ir.node import Node
from graphdl.ops.maximum import maximum
from graphdl.ops.sqrt import sqrt
from graphdl.optim.optimizer import Hyperparameter, Optimizer, Options, checked


class Adam(Optimizer):
    """Scale each step by running moments of the gradient (Kingma & Ba, 2015, arXiv:1412.6980).

    ``m ← b1·m + (1-b1)·g``, ``v ← b2·v + (1-b2)·g²``, and with both divided by ``1 - b^t``,
    ``param ← param - lr·m̂ / (sqrt(v̂) + eps)``. AMSGrad (Reddi et al., 2018, arXiv:1904.09237) puts
    the largest ``v`` so far, ``v_max ← max(v_max, v)``, in the place of ``v``.

    Parameters
    ----------
    lr : number, node or schedule
        Learning rate.
    b1, b2 : number, node or schedule
        Decay of the first and the second moment.
    eps : number, node or schedule
        Keeps the division finite; outside of the root.
    amsgrad : bool
        Never let the scale of a step grow again.
    **options
        ``weight_decay``, ``decoupled``, ``clip`` and ``name``: see :class:`Optimizer`.

    Examples
    --------
    >>> import graphdl as gd
    >>> w, g = gd.param("w", (3,)), gd.input("g", (3,))
    >>> [s.name for s in gd.optim.Adam(1e-3).updates([w], [g])]
    ['optimizer/w/m', 'optimizer/w/v', 'w', 'optimizer/step']
    """

    def __init__(
        self,
        lr: Hyperparameter = 1e-3,
        b1: Hyperparameter = 0.9,
        b2: Hyperparameter = 0.999,
        eps: Hyperparameter = 1e-8,
        *,
        amsgrad: bool = False,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(lr=lr, **options)
        self.b1, self.b2 = checked("b1", b1, 0.0, 1.0), checked("b2", b2, 0.0, 1.0)
        self.eps = checked("eps", eps, 0.0, math.inf)
        self.amsgrad = amsgrad

    def rule(self, param: Node, grad: Node) -> dict[Node, Node]:
        """Return the new parameter and moments; what is scalar is computed once, not an element."""
        dtype = param.dtype
        b1, b2 = self.value(self.b1, dtype), self.value(self.b2, dtype)
        lr, eps = self.value(self.lr, dtype), self.value(self.eps, dtype)
        first, second = self.slot(param, "m"), self.slot(param, "v")
        m = b1 * first + (1.0 - b1) * grad
        v = b2 * second + (1.0 - b2) * (grad * grad)
        found = {first: m, second: v}
        if self.amsgrad:
            largest = self.slot(param, "v_max")
            v = found[largest] = maximum(largest, v)
        rate = lr / self.correction(b1, dtype)
        root = 1.0 / sqrt(self.correction(b2, dtype))
        return {**found, param: param - rate * (m / (sqrt(v) * root + eps))}
