"""Schedules that fall by half a cosine, once or again and again: cosine, cosine_restarts."""

from __future__ import annotations

import math

from graphdl.ir.node import Node
from graphdl.ops.floor import floor
from graphdl.ops.log import log
from graphdl.ops.minimum import minimum
from graphdl.ops.power import power
from graphdl.ops.sin import sin
from graphdl.ops.square import square
from graphdl.optim.optimizer import Schedule
from graphdl.optim.schedules.arguments import check_numbers


def cosine(initial: float, steps: int, final: float = 0.0) -> Schedule:
    """Return half a cosine from ``initial`` down to ``final`` over ``steps``, then ``final``.

    Loshchilov & Hutter, 2017, arXiv:1608.03983, without restarts.

    Raises
    ------
    ArgumentError
        If ``steps`` is not positive.

    Examples
    --------
    >>> import graphdl as gd
    >>> step = gd.input("step", (), "float64")
    >>> lr = gd.optim.schedules.cosine(1.0, 100)(step)
    >>> [round(float(gd.interpret(gd.Graph(lr), {"step": t})["out"]), 12) for t in (0, 50, 200)]
    [1.0, 0.5, 0.0]
    """
    check_numbers("cosine", initial=initial, final=final)
    check_numbers("cosine", positive=True, steps=steps)
    return lambda step: _fallen(minimum(step / float(steps), 1.0), initial, final)


def cosine_restarts(initial: float, steps: int, growth: int = 1, final: float = 0.0) -> Schedule:
    """Return half cosines from ``initial`` down to ``final``, one after the other.

    The first takes ``steps``, each one after it ``growth`` times as many as the one before (SGDR,
    Loshchilov & Hutter, 2017, arXiv:1608.03983, with ``T_0 = steps`` and ``T_mult = growth``). A
    step at which one begins has the value ``initial``.

    Raises
    ------
    ArgumentError
        If ``steps`` or ``growth`` is no positive whole number.

    Examples
    --------
    >>> import graphdl as gd
    >>> step = gd.input("step", (), "float64")
    >>> lr = gd.optim.schedules.cosine_restarts(1.0, 10, growth=2)(step)
    >>> [round(float(gd.interpret(gd.Graph(lr), {"step": t})["out"]), 12) for t in (5, 10, 20, 30)]
    [0.5, 1.0, 0.5, 1.0]
    """
    check_numbers("cosine_restarts", initial=initial, final=final)
    check_numbers("cosine_restarts", positive=True, whole=True, steps=steps, growth=growth)
    return lambda step: _fallen(_share_of_cycle(step, float(steps), float(growth)), initial, final)


def _fallen(done: Node, initial: float, final: float) -> Node:
    """Return where a cosine stands that is done by a share: exactly ``final`` at 1.

    As ``(1 + cos(πt))/2`` is the square of a sine.
    """
    rate: Node = final + (initial - final) * square(sin((1.0 - done) * (math.pi / 2)))
    return rate


def _share_of_cycle(step: Node, first: float, growth: float) -> Node:
    """Return which share of its cycle is done.

    Cycle ``n`` begins at ``first · (growthⁿ - 1)/(growth - 1)``. Half a step is added before it is
    inverted, so that rounding cannot hit a beginning.
    """
    cycles = step / first
    if growth == 1.0:
        return cycles - floor((step + 0.5) / first)
    number = floor(log(1.0 + (growth - 1.0) * ((step + 0.5) / first)) / math.log(growth))
    longer = power(growth, number)
    share: Node = (cycles - (longer - 1.0) / (growth - 1.0)) / longer
    return share
