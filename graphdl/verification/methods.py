"""Ways to measure the derivative of a loss that know no derivative rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from graphdl.ir import complex_step, differences
from graphdl.ir.node import Node
from graphdl.verification import precise
from graphdl.verification.directions import Directions

Arrays = dict[str, np.ndarray]


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """Where derivatives are compared: a loss without composites, and a value for each leaf."""

    loss: Node
    values: dict[Node, np.ndarray]
    env: dict[str, int]
    inputs: Arrays
    state: Arrays


Measure = Callable[[Point, Directions], tuple[Any, float]]
"""The derivative along directions, and a bound on its error (0: rounding only)."""


def by_complex_step(point: Point, directions: Directions) -> tuple[float, float]:
    """Measure by the imaginary part of the loss a tiny step off the real axis."""
    return complex_step.directional(point.loss, point.values, directions, point.env), 0.0


def by_extrapolation(point: Point, directions: Directions) -> tuple[float, float]:
    """Measure by central differences of shrinking steps, extrapolated to 0."""
    return differences.directional(point.loss, point.values, directions, point.env)


def by_precision(point: Point, directions: Directions) -> tuple[Any, float]:
    """Measure with 50 digits, by a central difference over a step of 1e-30."""
    return precise.directional(point.loss, point.values, directions, point.env), 0.0


class Method(NamedTuple):
    """A way to measure derivatives.

    Attributes
    ----------
    name : str
        As it stands in reports.
    measure : callable
        Measures a derivative.
    needed : float
        Decimal digits of agreement that it must find. A float32 graph holds its constants in
        float32, so that a right gradient may agree to 7 digits only.
    key : str
        As it is asked for.
    """

    name: str
    measure: Measure
    needed: float
    key: str


PRECISE = Method("mpmath with 50 digits", by_precision, 6.0, "50 digits")
METHODS: tuple[Method, ...] = (
    Method("complex step in complex128", by_complex_step, 6.0, "complex step"),
    Method("extrapolated central differences in float64", by_extrapolation, 6.0, "differences"),
)
