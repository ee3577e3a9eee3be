"""A gradient beside independent measurements of the same derivatives, at random points.

A method measures a derivative of a loss at a :class:`Point` along directions; it looks at the loss
only, never at a derivative rule. The first of ``METHODS`` that applies is used.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from graphdl.differentiation import grad
from graphdl.ir import complex_step, differences, interpreter
from graphdl.ir.complex_step import NotAnalyticError
from graphdl.ir.dims import shape_text
from graphdl.ir.errors import ArgumentError, GradientError
from graphdl.ir.graph import Graph
from graphdl.ir.interpreter import initial_value
from graphdl.ir.node import Node
from graphdl.ir.sampling import random_inputs, random_state, small_dims
from graphdl.passes.expand import expand
from graphdl.verification import precise
from graphdl.verification.result import Checked, Counterexample, Verification

Directions = dict[Node, np.ndarray]


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """Where derivatives are compared: a loss without composites, and a value for each leaf."""

    loss: Node
    values: dict[Node, np.ndarray]
    env: dict[str, int]
    inputs: dict[str, np.ndarray]
    state: dict[str, np.ndarray]


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


class Comparison:
    """A loss, its gradient, and the variables by which it is differentiated."""

    def __init__(
        self,
        loss: Node,
        wrt: list[Node],
        inputs: dict[str, Any],
        dims: dict[str, int],
        gradients: Sequence[Node] | None = None,
    ) -> None:
        self.built = grad(loss, wrt) if gradients is None else list(gradients)
        gradients = self.built
        self.names = [v.name or repr(v) for v in wrt]
        self.gradient = Graph({f"d{k}": g for k, g in enumerate(gradients)}, name="gradient")
        forward = {"loss": loss, **{f"v{k}": v for k, v in enumerate(wrt)}}
        self.forward = expand(Graph(forward, name="forward"))
        self.loss = self.forward.outputs["loss"]
        self.wrt = [self.forward.outputs[f"v{k}"] for k in range(len(wrt))]
        unknown = inputs.keys() - {i.name for i in self.forward.inputs}
        if unknown:
            raise ArgumentError(f"{loss!r} has no input {sorted(unknown)}")
        self.given = inputs
        self.env = {**small_dims(self.forward, inputs), **dims}

    def point(self, generator: np.random.Generator) -> Point:
        """Return a random point with a finite loss."""
        for positive in (False, False, True, True):
            inputs = random_inputs(
                self.forward, generator, self.env, positive=positive, double=True
            )
            inputs.update({k: np.asarray(v) for k, v in self.given.items()})
            state = random_state(self.forward, generator, positive=positive)
            values = {n: _double(n, inputs[n.name]) for n in self.forward.inputs}
            values.update({n: _double(n, state[n.name]) for n in self.forward.state})
            point = Point(self.loss, values, self.env, inputs, state)
            if math.isfinite(differences.value(self.loss, values, self.env)):
                return point
        raise GradientError(
            f"{self.loss!r} is not finite at random points",
            site=self.loss.site,
            remedy="pass inputs=... at which it is",
        )

    def run(self, method: Method, points: int, rng: np.random.Generator) -> Verification:
        """Compare at all points, or up to the first that refutes."""
        worst, counts = [math.inf] * len(self.wrt), [0] * len(self.wrt)
        wrong: dict[int, Counterexample] = {}
        for _ in range(points):
            point = self.point(rng)
            found, given = self._gradient(point, method)
            for k, variable in enumerate(self.wrt):
                gradient = found[f"d{k}"]
                for index, along in _directions(gradient, rng):
                    measured, error = method.measure(point, {variable: along})
                    digits = _digits(gradient, along, measured, error)
                    worst[k], counts[k] = min(worst[k], digits), counts[k] + 1
                    if digits < method.needed and (k not in wrong or index is not None):
                        claimed = float(np.sum(gradient * along))
                        wrong[k] = Counterexample(
                            self.names[k], index, float(measured), claimed, given, point.state
                        )
            if wrong:
                break
        self.wrong = wrong
        rows = tuple(
            Checked(name, shape_text(variable.shape), digits, count)
            for name, variable, digits, count in zip(
                self.names, self.wrt, worst, counts, strict=True
            )
        )
        least = min(worst, default=math.inf)
        first = wrong[min(wrong)] if wrong else None
        verdict = "refuted" if wrong else "checked"
        return Verification(verdict, method.name, least, points, rows, first)

    def _gradient(
        self, point: Point, method: Method
    ) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        """Return the gradient at a point, and the inputs that it needs."""
        state = {n.name: initial_value(n) for n in self.gradient.state} | point.state
        given = {n.name: point.inputs[n.name] for n in self.gradient.inputs}
        if method is PRECISE:
            graph = expand(self.gradient)
            values = {n: _double(n, given[n.name]) for n in graph.inputs}
            values.update({n: _double(n, state[n.name]) for n in graph.state})
            return precise.outputs(graph, values, self.env), given
        found = interpreter.interpret(self.gradient, given, state, double=True, dims=self.env)
        return found, given


def _double(node: Node, value: Any) -> np.ndarray:
    array = np.asarray(value)
    return array.astype(np.float64 if node.dtype.is_float else node.dtype.numpy)


_RANDOM_DIRECTIONS = 2
_SINGLE_ELEMENTS = 8


def _directions(
    gradient: np.ndarray, generator: np.random.Generator
) -> list[tuple[tuple[int, ...] | None, np.ndarray]]:
    """Return dense random directions, then unit vectors of some elements, with their index."""
    found: list[tuple[tuple[int, ...] | None, np.ndarray]] = [
        (None, generator.standard_normal(gradient.shape)) for _ in range(_RANDOM_DIRECTIONS)
    ]
    count = min(_SINGLE_ELEMENTS, gradient.size)
    for place in sorted(generator.choice(gradient.size, count, replace=False)) if count else []:
        unit = np.zeros(gradient.size)
        unit[place] = 1.0
        index = tuple(int(i) for i in np.unravel_index(place, gradient.shape))
        found.append((index, unit.reshape(gradient.shape)))
    return found


def _digits(gradient: np.ndarray, along: np.ndarray, measured: Any, error: float) -> float:
    """Return the decimal digits to which a derivative agrees, at most 16.

    The error is relative to the larger of the derivative itself and the length that a derivative
    along a direction of this size typically has; without that a derivative that is zero by chance
    would have no right digit.

    Raises
    ------
    NotAnalyticError
        If the measurement itself is not good enough to tell.
    """
    if gradient.dtype == object:
        return precise.digits(gradient, along, measured)
    products = gradient * along
    claimed, length = float(np.sum(products)), float(np.sqrt(np.sum(products**2)))
    typical = float(np.linalg.norm(along) * np.sqrt(np.mean(gradient**2))) if gradient.size else 0.0
    scale = max(abs(measured), length, typical)
    if not math.isfinite(measured) or error > 1e-7 * max(scale, 1e-3):
        raise NotAnalyticError(f"the measured derivative is {measured} ± {error:.1g}")
    if not math.isfinite(claimed):
        return 0.0
    difference = abs(claimed - measured)
    if difference <= 1e-16 * max(scale, 1e-6):
        return 16.0
    return min(16.0, max(0.0, -math.log10(difference / max(scale, 1e-6))))
