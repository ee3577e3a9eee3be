"""Schedules: learning rates as functions of the step.

A schedule is called with the number of steps taken before, 0 at the first, as a floating scalar in
the parameters' dtype, and returns a scalar. Any function of a node is one:
``lambda step: 0.1 / (1.0 + 0.01 * step)``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from graphdl.ir import scalar as s
from graphdl.ir.dtypes import int64
from graphdl.ir.errors import ArgumentError
from graphdl.ir.kinds import ElementwiseOp
from graphdl.ir.node import Node, site_text
from graphdl.ops.cast import cast
from graphdl.ops.expand import full
from graphdl.ops.extrema import maximum, minimum
from graphdl.ops.power import power
from graphdl.ops.sqrt import sqrt
from graphdl.ops.where import where

Schedule = Callable[[Node], Node]

_SINE = [(-1.0) ** k / math.factorial(2 * k + 1) for k in range(11)]


def _half_cosine(t: s.Scalar) -> s.Scalar:
    """cos²(πt/2) as the square of a sine's Taylor polynomial, exact to a float64 in [0, 1]."""
    angle = (1.0 - t) * (math.pi / 2)
    squared = angle * angle
    total: s.ScalarLike = _SINE[-1]
    for coefficient in reversed(_SINE[:-1]):
        total = coefficient + squared * total
    root = angle * total
    return root * root


_cosine = ElementwiseOp(
    "half_cosine", _half_cosine, doc="Return ``(1 + cos(πt)) / 2`` for ``t`` in ``[0, 1]``."
)


def constant(value: float) -> Schedule:
    """Return the schedule that is always ``value``."""
    return lambda step: full((), value, step.dtype)


def exponential(initial: float, factor: float, every: float = 1.0) -> Schedule:
    """Return ``initial · factor^(step / every)``: a smooth decay.

    Examples
    --------
    >>> import graphdl as gd
    >>> step = gd.input("step", ())
    >>> lr = gd.optim.schedules.exponential(1.0, 0.5, every=10)(step)
    >>> float(gd.interpret(gd.Graph(lr), {"step": 20})["out"])
    0.25
    """
    _positive("exponential", factor=factor, every=every)
    return lambda step: initial * power(factor, step / every)


def step_decay(initial: float, factor: float, every: int) -> Schedule:
    """Return ``initial · factor^floor(step / every)``: a decay in stairs."""
    _positive("step_decay", factor=factor, every=every)
    return lambda step: initial * power(factor, cast(cast(step / float(every), int64), step.dtype))


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


def cosine(initial: float, steps: int, final: float = 0.0) -> Schedule:
    """Return half a cosine from ``initial`` down to ``final`` over ``steps``, then ``final``.

    Loshchilov & Hutter, 2017, arXiv:1608.03983, without restarts.

    Examples
    --------
    >>> import graphdl as gd
    >>> step = gd.input("step", (), "float64")
    >>> lr = gd.optim.schedules.cosine(1.0, 100)(step)
    >>> [round(float(gd.interpret(gd.Graph(lr), {"step": t})["out"]), 12) for t in (0, 50, 200)]
    [1.0, 0.5, 0.0]
    """
    _positive("cosine", steps=steps)
    return lambda step: final + (initial - final) * _cosine(minimum(step / float(steps), 1.0))


def inverse_sqrt(peak: float, warmup: int) -> Schedule:
    """Return a linear rise to ``peak`` over ``warmup`` steps, then ``peak · sqrt(warmup / t)``.

    Vaswani et al., 2017, arXiv:1706.03762, with the peak as the scale and ``t = step + 1``.
    """
    _positive("inverse_sqrt", warmup=warmup)

    def schedule(step: Node) -> Node:
        done = (step + 1.0) / float(warmup)
        rate: Node = peak * minimum(done, 1.0 / sqrt(done))
        return rate

    return schedule


def warmup(steps: int, then: float | Schedule) -> Schedule:
    """Return a linear rise over ``steps`` to where ``then`` starts; ``then`` counts from there.

    Examples
    --------
    >>> import graphdl as gd
    >>> step = gd.input("step", ())
    >>> lr = gd.optim.schedules.warmup(4, 1.0)(step)
    >>> [float(gd.interpret(gd.Graph(lr), {"step": t})["out"]) for t in (0, 1, 3, 9)]
    [0.25, 0.5, 1.0, 1.0]
    """
    _positive("warmup", steps=steps)
    follows = then if callable(then) else constant(then)

    def schedule(step: Node) -> Node:
        risen = minimum((step + 1.0) / float(steps), 1.0)
        rate: Node = risen * follows(maximum(step - float(steps), 0.0))
        return rate

    return schedule


def _positive(name: str, **given: float) -> None:
    for key, value in given.items():
        if not value > 0:
            raise ArgumentError(
                f"{name}: {key}={value!r}", site=site_text(), remedy="use a positive number"
            )


__all__ = [
    "constant",
    "cosine",
    "exponential",
    "inverse_sqrt",
    "piecewise",
    "step_decay",
    "warmup",
]
