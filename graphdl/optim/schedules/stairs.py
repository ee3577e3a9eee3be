"""Schedules that stay as they are for many steps: constant, step_decay, piecewise."""

from __future__ import annotations

from collections.abc import Sequence

from graphdl.ir.errors import ArgumentError
from graphdl.ir.node import Node, site_text
from graphdl.ops.floor import floor
from graphdl.ops.full import full
from graphdl.ops.power import power
from graphdl.ops.where import where
from graphdl.optim.optimizer import Schedule
from graphdl.optim.schedules.arguments import check_numbers


def constant(value: float) -> Schedule:
    """Return the schedule that is always ``value``.

    Raises
    ------
    ArgumentError
        If it is no finite number.

    Examples
    --------
    >>> import graphdl as gd
    >>> lr = gd.optim.schedules.constant(0.5)(gd.constant(7.0))
    >>> float(gd.interpret(gd.Graph(lr), {})["out"])
    0.5
    """
    check_numbers("constant", value=value)
    return lambda step: full((), value, step.dtype)


def step_decay(initial: float, factor: float, every: int) -> Schedule:
    """Return ``initial · factor^floor(step / every)``: a decay in stairs.

    Raises
    ------
    ArgumentError
        If ``factor`` or ``every`` is not positive.

    Examples
    --------
    >>> import graphdl as gd
    >>> step = gd.input("step", ())
    >>> lr = gd.optim.schedules.step_decay(1.0, 0.5, every=10)(step)
    >>> [float(gd.interpret(gd.Graph(lr), {"step": t})["out"]) for t in (9, 10, 25)]
    [1.0, 0.5, 0.25]
    """
    check_numbers("step_decay", initial=initial)
    check_numbers("step_decay", positive=True, factor=factor, every=every)
    return lambda step: initial * power(factor, floor(step / float(every)))


def piecewise(boundaries: Sequence[int], values: Sequence[float]) -> Schedule:
    """Return ``values[i]``, where ``i`` counts the boundaries that the step has reached.

    Raises
    ------
    ArgumentError
        If boundaries do not rise, or there is not one value more than boundaries.

    Examples
    --------
    >>> import graphdl as gd
    >>> step = gd.input("step", ())
    >>> lr = gd.optim.schedules.piecewise([100], [1.0, 0.5])(step)
    >>> [float(gd.interpret(gd.Graph(lr), {"step": t})["out"]) for t in (99, 100)]
    [1.0, 0.5]
    """
    if len(values) != len(boundaries) + 1 or list(boundaries) != sorted(set(boundaries)):
        raise ArgumentError(
            f"piecewise: boundaries {list(boundaries)} and values {list(values)}",
            site=site_text(),
            remedy="give rising boundaries and one value more",
        )

    def schedule(step: Node) -> Node:
        result = full((), values[-1], step.dtype)
        for boundary, value in zip(reversed(boundaries), reversed(values[:-1]), strict=True):
            result = where(step < float(boundary), value, result)
        return result

    return schedule
