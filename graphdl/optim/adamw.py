"""AdamW."""

from __future__ import annotations

from typing import Unpack

from graphdl.optim.adam import Adam
from graphdl.optim.optimizer import Common, Hyperparameter


class AdamW(Adam):
    """Adam with decoupled weight decay (Loshchilov & Hutter, 2019, arXiv:1711.05101).

    Besides Adam's step, ``param ← param - lr·weight_decay·param``: all parameters decay at one
    rate, however large their gradients are.

    Parameters
    ----------
    lr : number, node or schedule
        Learning rate; it scales the decay, too.
    b1, b2, eps, amsgrad
        As :class:`Adam`'s.
    weight_decay : number, node or schedule
        Strength of the decay.
    **options
        ``clip`` and ``name``: see :class:`Optimizer`.

    Examples
    --------
    >>> import graphdl as gd
    >>> w = gd.param("w", (), init=2.0)
    >>> updates = gd.optim.AdamW(0.1, weight_decay=0.5).updates([w], [gd.constant(0.0)])
    >>> float(gd.interpret(gd.Graph(updates[w]), {})["out"])  # 2 - 0.1·0.5·2
    1.89999...
    """

    def __init__(
        self,
        lr: Hyperparameter = 1e-3,
        b1: Hyperparameter = 0.9,
        b2: Hyperparameter = 0.999,
        eps: Hyperparameter = 1e-8,
        *,
        weight_decay: Hyperparameter = 0.01,
        amsgrad: bool = False,
        **options: Unpack[Common],
    ) -> None:
        super().__init__(
            lr, b1, b2, eps, amsgrad=amsgrad, weight_decay=weight_decay, decoupled=True, **options
        )
