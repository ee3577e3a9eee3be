"""What optimizers share: state under one scope, hyperparameters, decay, clipping, the counter."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, TypedDict

from graphdl.ir.dim_text import shape_text
from graphdl.ir.dtypes import DType, float64, int64
from graphdl.ir.errors import ArgumentError, ShapeError
from graphdl.ir.leaves import constant, state
from graphdl.ir.node import Node, scope, site_text
from graphdl.ops.cast import cast
from graphdl.ops.expm1 import expm1
from graphdl.ops.log import log

Schedule = Callable[[Node], Node]
"""From the number of steps taken before (0, 1, 2 ..., a floating scalar) to a value."""

Hyperparameter = float | Node | Schedule
"""A number, a run-time scalar such as ``gd.input("lr", ())``, or a schedule of the step."""

Value = Callable[[Hyperparameter, DType], Any]
"""From a hyperparameter and a dtype to a number or scalar node: :meth:`Optimizer.value`."""

Clip = Callable[[Sequence[Node], Value], Sequence[Node]]
"""From all gradients of an optimizer, and what resolves hyperparameters, to new gradients."""


class Common(TypedDict, total=False):
    """Options of every optimizer."""

    clip: Clip | None
    name: str


class Options(Common, total=False):
    """Options of every optimizer that leaves it to the user how weights decay."""

    weight_decay: Hyperparameter
    decoupled: bool


class Optimizer:
    """A rule that turns parameters and gradients into new parameters and optimizer state.

    To write one, implement :meth:`rule`; :meth:`slot` gives a parameter state of its own,
    :meth:`value` resolves a hyperparameter. One whose parameters depend on each other implements
    :meth:`updates`.

    Parameters
    ----------
    name : str
        The scope of its state: ``optimizer/step``, ``optimizer/dense1/w/m``. Two optimizers in
        one module need two names.
    lr : number, node or schedule
        Learning rate.
    weight_decay : number, node or schedule
        Draws parameters to 0: adds ``weight_decay·param`` to the clipped gradient (an L2 penalty).
    decoupled : bool
        Rather than that, subtract ``lr·weight_decay·param`` besides the step (Loshchilov & Hutter,
        2019, arXiv:1711.05101), so that the rule does not scale the decay.
    clip : function, optional
        What becomes of the gradients first, such as ``optim.clip_by_global_norm(1.0)``.

    Raises
    ------
    ArgumentError
        If a hyperparameter is out of range, or the clip is no function.

    Examples
    --------
    >>> import graphdl as gd
    >>> class Sign(gd.optim.Optimizer):
    ...     def rule(self, param, grad):
    ...         return {param: param - 0.01 * gd.sign(grad)}
    >>> w, g = gd.param("w", (3,)), gd.input("g", (3,))
    >>> Sign().updates([w], [g])
    {<param 'w' float32(3,)>: <subtract float32(3,)>}
    """

    def __init__(
        self,
        name: str = "optimizer",
        *,
        lr: Hyperparameter = 1.0,
        weight_decay: Hyperparameter = 0.0,
        decoupled: bool = False,
        clip: Clip | None = None,
    ) -> None:
        if clip is not None and not callable(clip):
            raise ArgumentError(
                f"clip={clip!r}",
                site=site_text(),
                remedy="use a function, such as optim.clip_by_global_norm(1.0)",
            )
        self.name, self.clip, self.decoupled = name, clip, decoupled
        self.lr = checked("lr", lr, 0.0, math.inf)
        self.weight_decay = checked("weight_decay", weight_decay, 0.0, math.inf)
        self._shared: dict[str, Node] = {}

    def rule(self, param: Node, grad: Node) -> dict[Node, Node]:
        """Return new values of a parameter and of its own state."""
        raise NotImplementedError(f"{type(self).__name__} implements neither rule nor updates")

    def updates(self, params: Sequence[Node], grads: Sequence[Node]) -> dict[Node, Node]:
        """Return the new value of every parameter and state that a step changes.

        Parameters
        ----------
        params, grads : sequence of Node
            As many gradients as parameters, of their shapes.

        Raises
        ------
        ArgumentError
            If the numbers differ.
        """
        found: dict[Node, Node] = {}
        with scope(self.name):
            for param, grad in zip(params, self._clipped(params, grads), strict=True):
                found.update(self._decayed(param, grad))
            found.update(self._counted())
        return found

    def _clipped(self, params: Sequence[Node], grads: Sequence[Node]) -> Sequence[Node]:
        """Begin a step: return a gradient a parameter."""
        self._shared = {}
        clipped = grads if self.clip is None else self.clip(grads, self.value)
        if not len(params) == len(grads) == len(clipped):
            raise ArgumentError(
                f"{len(params)} parameters but {len(clipped)} gradients", site=site_text()
            )
        return clipped

    def _decayed(self, param: Node, grad: Node) -> dict[Node, Node]:
        """Apply the rule and the weight decay."""
        if self.weight_decay == 0.0:
            return self.rule(param, grad)
        decay = self.value(self.weight_decay, param.dtype)
        if not self.decoupled:
            return self.rule(param, grad + decay * param)
        found = self.rule(param, grad)
        found[param] = found[param] - (self.value(self.lr, param.dtype) * decay) * param
        return found

    def _counted(self) -> dict[Node, Node]:
        """Return the update of the step counter, if anything has asked for it."""
        counter = self._shared.get("step")
        return {} if counter is None else {counter: counter + 1}

    def slot(self, param: Node, name: str, first: float = 0.0) -> Node:
        """Return state of a parameter's shape and dtype that starts at one number."""
        return state(f"{param.name}/{name}", param.shape, param.dtype, init=first)

    def shared(self, name: str, dtype: DType = float64, first: float = 0.0) -> Node:
        """Return a scalar that all parameters share; the same node throughout a step."""
        if name not in self._shared:
            self._shared[name] = state(name, (), dtype, init=first)
        return self._shared[name]

    def steps_before(self, dtype: DType) -> Node:
        """Return the number of steps taken before this one, as a scalar of that dtype."""
        return cast(self.shared("step", int64), dtype)

    def correction(self, b: Any, dtype: DType) -> Node:
        """Return ``1 - b^t`` for the step that is taken, 1, 2 ...: what a mean from 0 amounts to.

        By expm1, since in float32 ``1 - 0.999^t`` has lost half of its digits for small ``t``.
        """
        if b == 0.0:
            return constant(1.0, dtype)
        rate = log(b) if isinstance(b, Node) else math.log(b)
        return -expm1((self.steps_before(dtype) + 1.0) * rate)  # type: ignore[no-any-return]

    def value(self, given: Hyperparameter, dtype: DType) -> Any:
        """Return a hyperparameter: a number as it is, all else as a scalar node of that dtype.

        Raises
        ------
        ShapeError
            If a node is no scalar.
        """
        if isinstance(given, Node):
            node = given
        elif callable(given):
            node = given(self.steps_before(dtype))
        else:
            return float(given)
        if node.shape != ():
            raise ShapeError(
                f"{type(self).__name__}: a hyperparameter is a scalar, not "
                f"{shape_text(node.shape)}: {node!r}",
                site=site_text(),
                remedy='declare it with shape (): gd.input("lr", ())',
            )
        return cast(node, dtype)


def checked(name: str, given: Hyperparameter, low: float, high: float) -> Hyperparameter:
    """Return a hyperparameter; refuse a number that is not in ``[low, high)``.

    Raises
    ------
    ArgumentError
        If it is out of range, or neither number, node nor function.
    """
    if isinstance(given, Node) or callable(given):
        return given
    return checked_number(name, given, low, high, ", a scalar node, or a schedule")


def checked_number(name: str, given: Any, low: float, high: float, others: str = "") -> float:
    """Return a number; refuse what is not in ``[low, high)``.

    Raises
    ------
    ArgumentError
        If it is out of range, or no number.
    """
    try:
        number = float(given)
    except (TypeError, ValueError):
        number = low - 1.0
    if not low <= number < high:
        raise ArgumentError(
            f"{name}={given!r}",
            site=site_text(),
            remedy=f"use a number in [{low:g}, {high:g}){others}",
        )
    return number
