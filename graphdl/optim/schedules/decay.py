"""Schedules that fall for ever: exponential, inverse_time, inverse_sqrt."""

from __future__ import annotations

from graphdl.ir.node import Node
from graphdl.ops.minimum import minimum
from graphdl.ops.power import power
from graphdl.ops.sqrt import sqrt
from graphdl.optim.optimizer import Schedule
from graphdl.optim.schedules.arguments import check_numbers


def exponential(initial: float, factor: float, every: float = 1.0) -> Schedule:
    """Return ``initial · factor^(step / every)``: a smooth decay.

    Raises
    ------
    ArgumentError
        If ``factor`` or ``every`` is not positive.

    Examples
    --------
    >>> import graphdl as gd
    >>> step = gd.input("step", ())
    >>> lr = gd.optim.schedules.exponential(1.0, 0.5, every=10)(step)
    >>> float(gd.interpret(gd.Graph(lr), {"step": 20})["out"])
    0.25
    """
    check_numbers("exponential", initial=initial)
    check_numbers("exponential", positive=True, factor=factor, every=every)
    return lambda step: initial * power(factor, step / float(every))


def inverse_time(initial: float, decay: float, every: float = 1.0) -> Schedule:
    """Return ``initial / (1 + decay · step / every)``: a decay as ``1/t`` (Robbins & Monro, 1951).

    Raises
    ------
    ArgumentError
        If ``decay`` or ``every`` is not positive.

    Examples
    --------
    >>> import graphdl as gd
    >>> step = gd.input("step", ())
    >>> lr = gd.optim.schedules.inverse_time(1.0, 0.5, every=10)(step)
    >>> [float(gd.interpret(gd.Graph(lr), {"step": t})["out"]) for t in (0, 20, 60)]
    [1.0, 0.5, 0.25]
    """
    check_numbers("inverse_time", initial=initial)
    check_numbers("inverse_time", positive=True, decay=decay, every=every)
    return lambda step: initial / (1.0 + decay * (step / float(every)))


def inverse_sqrt(peak: float, warmup: int = 1) -> Schedule:
    """Return a linear rise to ``peak`` over ``warmup`` steps, then ``peak · sqrt(warmup / t)``.

    Vaswani et al., 2017, arXiv:1706.03762, with the peak as the scale and ``t = step + 1``. With
    one step of warm-up it is ``peak / sqrt(t)``.

    Raises
    ------
    ArgumentError
        If ``warmup`` is not positive.

    Examples
    --------
    >>> import graphdl as gd
    >>> step = gd.input("step", ())
    >>> lr = gd.optim.schedules.inverse_sqrt(1.0, warmup=4)(step)
    >>> [float(gd.interpret(gd.Graph(lr), {"step": t})["out"]) for t in (0, 3, 15)]
    [0.25, 1.0, 0.5]
    """
    check_numbers("inverse_sqrt", peak=peak)
    check_numbers("inverse_sqrt", positive=True, warmup=warmup)

    def schedule(step: Node) -> Node:
        done = (step + 1.0) / float(warmup)
        rate: Node = peak * minimum(done, 1.0 / sqrt(done))
        return rate

    return schedule
