"""Derivatives by central differences in float64, extrapolated to a step of 0."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from graphdl.ir import interpreter
from graphdl.ir.complex_step import stops_gradient
from graphdl.ir.node import Node, topological

Arrays = Mapping[Node, np.ndarray]

_STEPS = 10


def value(root: Node, values: Arrays, env: Mapping[str, int]) -> float:
    """Return a scalar in float64, where some nodes below it have given values."""
    found = dict(values)
    interpreter.run([root], found, env, double=True)
    return float(found[root])


def directional(
    root: Node, values: Arrays, directions: Arrays, env: Mapping[str, int]
) -> tuple[float, float]:
    """Return the derivative of a scalar along a direction, and an estimate of its error.

    Ridders, Advances in Engineering Software 4 (1982). What ``stop_gradient`` returns is held.

    Parameters
    ----------
    root : Node
        A floating scalar, without composites below it.
    values : mapping of Node to ndarray
        A value for every input and state, in float64 where floating.
    directions : mapping of Node to ndarray
        Where each variable moves.
    env : mapping of str to int
        Values of symbolic dims.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (2,))
    >>> at, along = np.array([3.0, 4.0]), np.array([1.0, 0.5])
    >>> derivative, error = directional(gd.sum(x * x), {x: at}, {x: along}, {})
    >>> round(derivative, 9), error < 1e-9
    (10.0, True)
    """
    base = dict(values)
    interpreter.run([root, *directions], base, env, double=True)
    held = dict(values) | {n: base[n] for n in topological([root]) if stops_gradient(n)}

    def difference(step: float) -> float:
        ahead, behind = (
            value(root, held | {n: base[n] + s * d for n, d in directions.items()}, env)
            for s in (step, -step)
        )
        return (ahead - behind) / (2 * step)

    length = math.sqrt(sum(float(np.sum(d * d)) for d in directions.values())) or 1.0
    step, best, error = 0.1 / length, math.nan, math.inf
    row: list[float] = []
    for _ in range(_STEPS):
        above, row, factor = row, [difference(step)], 1.0
        for k, old in enumerate(above):
            factor *= 4.0
            row.append((factor * row[k] - old) / (factor - 1))
            change = max(abs(row[-1] - row[k]), abs(row[-1] - old))
            if change < error:
                best, error = row[-1], change
        step /= 2
    return best, error
