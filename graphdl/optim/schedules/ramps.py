"""Schedules that rise or fall to an end: linear, polynomial, warmup."""

from __future__ import annotations

from graphdl.ir.node import Node
from graphdl.ops.maximum import maximum
from graphdl.ops.minimum import minimum
from graphdl.ops.power import power as raised
from graphdl.optim.optimizer import Schedule
from graphdl.optim.schedules.arguments import check_numbers
from graphdl.optim.schedules.stairs import constant


def linear(initial: float, final: float, steps: int) -> Schedule:
    """Return a line from ``initial`` to ``final`` over ``steps``, then ``final``.

    Raises
    ------
    ArgumentError
        If ``steps`` is not positive.

    Examples
    --------
    >>> import graphdl as gd
    >>> step = gd.input("step", ())
    >>> lr = gd.optim.schedules.linear(1.0, 0.0, 100)(step)
    >>> [float(gd.interpret(gd.Graph(lr), {"step": t})["out"]) for t in (0, 25, 100, 900)]
    [1.0, 0.75, 0.0, 0.0]
    """
    return polynomial(initial, steps, final=final)


def polynomial(initial: float, steps: int, power: float = 1.0, final: float = 0.0) -> Schedule:
    """Return ``final + (initial - final) · (1 - step/steps)^power``, then ``final``.

    Raises
    ------
    ArgumentError
        If ``steps`` or ``power`` is not positive.

    Examples
    --------
    >>> import graphdl as gd
    >>> step = gd.input("step", ())
    >>> lr = gd.optim.schedules.polynomial(1.0, 100, power=2.0)(step)
    >>> [float(gd.interpret(gd.Graph(lr), {"step": t})["out"]) for t in (0, 50, 100, 900)]
    [1.0, 0.25, 0.0, 0.0]
    """
    check_numbers("polynomial", initial=initial, final=final)
    check_numbers("polynomial", positive=True, steps=steps, power=power)

    def schedule(step: Node) -> Node:
        left = 1.0 - minimum(step / float(steps), 1.0)
        rate: Node = final + (initial - final) * raised(left, power)
        return rate

    return schedule


def warmup(steps: int, then: float | Schedule) -> Schedule:
    """Return a linear rise over ``steps`` to where ``then`` starts; ``then`` counts from there.

    Raises
    ------
    ArgumentError
        If ``steps`` is not positive.

    Examples
    --------
    >>> import graphdl as gd
    >>> step = gd.input("step", ())
    >>> lr = gd.optim.schedules.warmup(4, 1.0)(step)
    >>> [float(gd.interpret(gd.Graph(lr), {"step": t})["out"]) for t in (0, 1, 3, 9)]
    [0.25, 0.5, 1.0, 1.0]
    """
    check_numbers("warmup", positive=True, steps=steps)
    follows = then if callable(then) else constant(then)

    def schedule(step: Node) -> Node:
        risen = minimum((step + 1.0) / float(steps), 1.0)
        rate: Node = risen * follows(maximum(step - float(steps), 0.0))
        return rate

    return schedule
