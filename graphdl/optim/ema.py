"""Running means of parameters, which often predict better than the parameters of the last step."""

from __future__ import annotations

from collections.abc import Sequence

from graphdl.ir.errors import ArgumentError
from graphdl.ir.leaves import PARAM, constant, state
from graphdl.ir.node import Node, scope, site_text, substitute, topological
from graphdl.ops.where import where
from graphdl.optim.optimizer import Hyperparameter, Optimizer, checked


class Ema(Optimizer):
    """Let an optimizer step, and keep exponential moving averages of the new parameters.

    ``shadow ← decay·shadow + (1-decay)·param`` after each step; the first step copies the
    parameters (Polyak & Juditsky, 1992, with a mean that forgets). The shadow of a parameter ``w``
    is the state ``ema/w``; :meth:`averaged` returns what a network computes with the shadows.

    Parameters
    ----------
    optimizer : Optimizer
        What takes the steps, :class:`Groups` among them.
    decay : number, node or schedule
        Share of the past. ``lambda step: gd.minimum(0.999, (1 + step) / (10 + step))`` forgets the
        beginning faster.
    name : str
        Scope of the shadows and of their step counter.

    Raises
    ------
    ArgumentError
        If the optimizer is none, or the decay not in ``[0, 1)``.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", ("N", 4))
    >>> y = gd.nn.Dense(4, 1)(x)
    >>> optimizer = gd.optim.Ema(gd.optim.SGD(0.1), decay=0.99)
    >>> train = gd.train_step(gd.mean(gd.square(y - 1.0)), optimizer)
    >>> predict = gd.Graph({"y": optimizer.averaged(y)}, name="predict")
    >>> sorted(gd.compile([train, predict], "interp", dims={"N": 8}).state)
    ['dense/b', 'dense/w', 'ema/dense/b', 'ema/dense/w', 'ema/step']
    """

    def __init__(
        self, optimizer: Optimizer, decay: Hyperparameter = 0.999, *, name: str = "ema"
    ) -> None:
        super().__init__(name)
        if not isinstance(optimizer, Optimizer):
            raise ArgumentError(
                f"{optimizer!r} is no optimizer", site=site_text(), remedy="Ema(optim.Adam())"
            )
        self.optimizer = optimizer
        self.decay = checked("decay", decay, 0.0, 1.0)

    def updates(self, params: Sequence[Node], grads: Sequence[Node]) -> dict[Node, Node]:
        """Return the updates of the optimizer and of the shadows."""
        found = self.optimizer.updates(params, grads)
        self._shared = {}
        with scope(self.name):
            for param in params:
                nothing = constant(0.0, param.dtype)
                decay, steps = self.value(self.decay, param.dtype), self.steps_before(param.dtype)
                kept = where(steps > 0.0, decay, nothing)
                shadow = state(param.name, param.shape, param.dtype)
                found[shadow] = kept * shadow + (1.0 - kept) * found[param]
            found.update(self._counted())
        return found

    def averaged(self, node: Node, params: Sequence[Node] | None = None) -> Node:
        """Return the node computed with shadows in place of parameters.

        Before the first step all shadows are 0. Shadows are found by name: where the training step
        is made inside of ``gd.scope``, make this there, too.

        Parameters
        ----------
        node : Node
            Such as logits.
        params : sequence of Node, optional
            What has shadows, told by name; by default every parameter that the node depends on.
            Give what is trained if that is not everything.
        """
        names = None if params is None else {param.name for param in params}
        with scope(self.name):
            shadows = {
                n: state(n.name, n.shape, n.dtype)
                for n in topological([node])
                if n.op is PARAM and (names is None or n.name in names)
            }
        return substitute([node], shadows)[0]
