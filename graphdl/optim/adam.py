"""Adam."""

from __future__ import annotations

import math
from typing import Any

from graphdl.ir.dtypes import DType
from graphdl.ir.leaves import constant
from graphdl.ir.node import Node
from graphdl.ops.exp import expm1
from graphdl.ops.log import log
from graphdl.ops.sqrt import sqrt
from graphdl.optim.optimizer import Hyperparameter, Optimizer, checked


class Adam(Optimizer):
    """Scale each step by running moments of the gradient (Kingma & Ba, 2015, arXiv:1412.6980).

    ``m ← b1·m + (1-b1)·g``, ``v ← b2·v + (1-b2)·g²``, and with both divided by ``1 - b^t``,
    ``param ← param - lr·m̂ / (sqrt(v̂) + eps)``.

    Parameters
    ----------
    lr : number, node or schedule
        Learning rate.
    b1, b2 : number, node or schedule
        Decay of the first and the second moment.
    eps : number, node or schedule
        Keeps the division finite; outside of the root.
    name : str
        Scope of its state.

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
        name: str = "optimizer",
    ) -> None:
        super().__init__(name)
        self.lr = checked("lr", lr, 0.0, math.inf)
        self.b1, self.b2 = checked("b1", b1, 0.0, 1.0), checked("b2", b2, 0.0, 1.0)
        self.eps = checked("eps", eps, 0.0, math.inf)

    def rule(self, param: Node, grad: Node) -> dict[Node, Node]:
        """Return the new parameter and moments; what is scalar is computed once, not an element."""
        dtype = param.dtype
        b1, b2 = self.value(self.b1, dtype), self.value(self.b2, dtype)
        lr, eps = self.value(self.lr, dtype), self.value(self.eps, dtype)
        first, second = self.slot(param, "m"), self.slot(param, "v")
        m = b1 * first + (1.0 - b1) * grad
        v = b2 * second + (1.0 - b2) * (grad * grad)
        rate = lr / self._correction(b1, dtype)
        root = 1.0 / sqrt(self._correction(b2, dtype))
        return {first: m, second: v, param: param - rate * (m / (sqrt(v) * root + eps))}

    def _correction(self, b: Any, dtype: DType) -> Node:
        """Return ``1 - b^t`` for the step that is taken, 1, 2 ...

        By expm1, since in float32 ``1 - 0.999^t`` has lost half of its digits for small ``t``.
        """
        if b == 0.0:
            return constant(1.0, dtype)
        rate = log(b) if isinstance(b, Node) else math.log(b)
        return -expm1((self.steps_before(dtype) + 1.0) * rate)  # type: ignore[no-any-return]
