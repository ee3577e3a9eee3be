"""Along which directions a gradient is compared, and how well it agrees there."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from graphdl.ir.complex_step import NotAnalyticError
from graphdl.ir.graph import Graph
from graphdl.ir.node import Node
from graphdl.verification import precise

Directions = dict[Node, np.ndarray]

_BUDGET = 5e6
_OF_NODE, _OF_NUMBER, _OF_PRECISE = 60.0, 0.02, 200.0
"""Roughly microseconds: of a node, of one of its elements, of an element with 50 digits. They are
counted, not measured, so that every machine compares the same."""
_FULL = 64
"""Elements of a variable all of which are moved one by one at the first point, if that can be
afforded."""


class InaccurateError(NotAnalyticError):
    """A derivative cannot be measured well enough here; elsewhere it may."""


class Plan:
    """How many directions a comparison can afford.

    Parameters
    ----------
    forward, gradient : Graph
        What is evaluated: the loss once a direction, the gradient once a point.
    variables : int
        Number of variables.
    env : mapping of str to int
        Sizes of dims.
    exact : bool
        Whether it is evaluated with 50 digits.
    """

    def __init__(
        self, forward: Graph, gradient: Graph, variables: int, env: Mapping[str, int], exact: bool
    ) -> None:
        cost = _cost(forward, env, exact) + _cost(gradient, env, exact) / max(variables, 1)
        evaluations = _BUDGET / cost
        self.together = variables > evaluations
        self.dense = 2 if evaluations > 30 * variables else 1
        rest = evaluations / max(variables, 1) - self.dense
        self.single = 0 if self.together else min(8, int(rest / 3))
        self.full = _FULL if rest > 3 * _FULL else 0

    def groups(self, gradients: Sequence[np.ndarray]) -> list[list[int]]:
        """Return the variables that are moved together."""
        if self.together:
            return [list(range(len(gradients)))]
        return [[k] for k in range(len(gradients))]

    def directions(
        self, gradients: Sequence[np.ndarray], generator: np.random.Generator, first: bool
    ) -> Iterator[tuple[tuple[int, ...] | None, list[np.ndarray]]]:
        """Yield dense random directions, then unit vectors of some elements, with their index."""
        for _ in range(self.dense):
            yield None, [generator.standard_normal(g.shape) for g in gradients]
        if len(gradients) > 1:
            return
        (gradient,) = gradients
        count = gradient.size
        if not first or count > self.full:
            count = min(self.single, count)
        places = generator.choice(gradient.size, count, replace=False) if count else ()
        for place in sorted(int(p) for p in places):
            index = tuple(int(i) for i in np.unravel_index(place, gradient.shape))
            yield index, [unit(gradient.shape, index)]


def _cost(graph: Graph, env: Mapping[str, int], exact: bool) -> float:
    elements = precise.operations(graph.roots, env)
    if exact:
        return 2 * _OF_PRECISE * elements
    return _OF_NODE * len(graph.nodes) + _OF_NUMBER * elements


def unit(shape: tuple[int, ...], index: tuple[int, ...]) -> np.ndarray:
    """Return zeros with a 1 at one place."""
    found = np.zeros(shape)
    found[index] = 1.0
    return found


def agreement(gradient: np.ndarray, along: np.ndarray, measured: Any, error: float) -> float:
    """Return the decimal digits to which a derivative agrees, at most 16; 50 for exact numbers.

    The error is relative to the larger of the derivative itself and the length that a derivative
    along a direction of this size typically has; without that a derivative that is zero by chance
    would have no right digit.

    Raises
    ------
    InaccurateError
        If the measurement itself is not good enough to tell.
    """
    if gradient.dtype == object:
        return precise.digits(gradient, along, measured)
    with np.errstate(invalid="ignore"):  # an infinite gradient times a direction's 0
        products = gradient * along
        claimed, length = float(np.sum(products)), float(np.sqrt(np.sum(products**2)))
    typical = float(np.linalg.norm(along) * np.sqrt(np.mean(gradient**2))) if gradient.size else 0.0
    scale = max(abs(measured), length, typical)
    if not math.isfinite(measured) or error > 1e-7 * max(scale, 1e-3):
        raise InaccurateError(f"the measured derivative is {measured} ± {error:.1g}")
    if not math.isfinite(claimed):
        return 0.0
    difference = abs(claimed - measured)
    if difference <= 1e-16 * max(scale, 1e-6):
        return 16.0
    return min(16.0, max(0.0, -math.log10(difference / max(scale, 1e-6))))
