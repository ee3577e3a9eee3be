"""What optimizers share: state under one scope, hyperparameters, and the step counter."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

from graphdl.ir.dims import shape_text
from graphdl.ir.dtypes import DType, int64
from graphdl.ir.errors import ArgumentError, ShapeError
from graphdl.ir.leaves import state
from graphdl.ir.node import Node, scope, site_text
from graphdl.ops.cast import cast

Schedule = Callable[[Node], Node]
"""From the number of steps taken before (0, 1, 2 ..., a floating scalar) to a value."""

Hyperparameter = float | Node | Schedule
"""A number, a run-time scalar such as ``gd.input("lr", ())``, or a schedule of the step."""


class Optimizer(ABC):
    """A rule that turns parameters and gradients into new parameters and optimizer state.

    To write one, implement :meth:`rule`; :meth:`slot` gives a parameter state of its own,
    :meth:`value` resolves a hyperparameter.

    Parameters
    ----------
    name : str
        The scope of its state: ``optimizer/step``, ``optimizer/dense1/w/m``. Two optimizers in
        one module need two names.

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

    def __init__(self, name: str = "optimizer") -> None:
        self.name = name
        self._counter: Node | None = None

    @abstractmethod
    def rule(self, param: Node, grad: Node) -> dict[Node, Node]:
        """Return new values of a parameter and of its own state."""

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
        if len(params) != len(grads):
            raise ArgumentError(
                f"{len(params)} parameters but {len(grads)} gradients", site=site_text()
            )
        self._counter = None
        found: dict[Node, Node] = {}
        with scope(self.name):
            for param, grad in zip(params, grads, strict=True):
                found.update(self.rule(param, grad))
            found.update(self._counted())
        return found

    def _counted(self) -> dict[Node, Node]:
        """Return the update of the step counter, if a rule has asked for it."""
        return {} if self._counter is None else {self._counter: self._counter + 1}

    def slot(self, param: Node, name: str) -> Node:
        """Return state of a parameter's shape and dtype that starts as zeros."""
        return state(f"{param.name}/{name}", param.shape, param.dtype)

    def steps_before(self, dtype: DType) -> Node:
        """Return the number of steps taken before this one, as a scalar of that dtype."""
        if self._counter is None:
            self._counter = state("step", (), int64)
        return cast(self._counter, dtype)

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
    try:
        number = float(given)
    except (TypeError, ValueError):
        number = low - 1.0
    if not low <= number < high:
        raise ArgumentError(
            f"{name}={given!r}",
            site=site_text(),
            remedy=f"use a number in [{low:g}, {high:g}), a scalar node, or a schedule",
        )
    return number
