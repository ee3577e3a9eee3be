"""gd.verify: a gradient compared with an independent method, at random points.

A method is a function from a :class:`Point` and directions to a measured derivative; the first one
of ``METHODS`` that applies is used. All of them look at the loss only, never at a derivative rule.
What agrees is *checked*, at these points and to these digits. That is no proof.
"""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from graphdl.differentiation import grad, reached_params
from graphdl.ir import interpreter
from graphdl.ir.complex_step import NotAnalyticError, directional, stops_gradient
from graphdl.ir.dims import shape_text
from graphdl.ir.errors import ArgumentError, GradientError
from graphdl.ir.graph import Graph
from graphdl.ir.interpreter import initial_value
from graphdl.ir.node import Node, topological
from graphdl.ir.sampling import random_inputs, random_state, small_dims
from graphdl.passes.expand import expand

Directions = dict[Node, np.ndarray]


@dataclass(frozen=True, slots=True)
class Checked:
    """How well the gradient by one variable agrees.

    Attributes
    ----------
    name : str
        The variable.
    shape : str
        Its shape.
    digits : float
        Decimal digits to which it agrees, at the worst of all directions and points.
    directions : int
        Number of derivatives that were compared.
    """

    name: str
    shape: str
    digits: float
    directions: int


@dataclass(frozen=True, slots=True, eq=False)
class Counterexample:
    """A place where the gradient is wrong, with all that is needed to see it again.

    Attributes
    ----------
    variable : str
        By what is differentiated.
    index : tuple of int or None
        The element that was moved; None for the direction as a whole.
    measured, claimed : float
        The derivative by the independent method, and the one by the gradient.
    inputs, state : dict of str to ndarray
        The point.
    """

    variable: str
    index: tuple[int, ...] | None
    measured: float
    claimed: float
    inputs: dict[str, np.ndarray]
    state: dict[str, np.ndarray]

    def __str__(self) -> str:
        where = "along a random direction" if self.index is None else f"at {list(self.index)}"
        return (
            f"d loss / d {self.variable} {where}: measured {self.measured:.12g}, "
            f"but the gradient says {self.claimed:.12g}"
        )


@dataclass(frozen=True, slots=True, eq=False)
class Verification:
    """What a check found.

    Attributes
    ----------
    verdict : str
        ``"checked"`` or ``"refuted"``.
    method : str
        By what it was compared.
    digits : float
        Decimal digits of agreement, the worst of all variables.
    points : int
        Number of random points.
    variables : tuple of Checked
        One a variable.
    counterexample : Counterexample or None
        Present if refuted.
    """

    verdict: str
    method: str
    digits: float
    points: int
    variables: tuple[Checked, ...]
    counterexample: Counterexample | None = None

    def __bool__(self) -> bool:
        return self.verdict != "refuted"

    def __str__(self) -> str:
        names = max((len(v.name) for v in self.variables), default=0)
        found = sum(v.directions for v in self.variables)
        if self.counterexample is None:
            first = f"checked to {self.digits:.1f} digits at {self.points} points"
        else:
            first = f"refuted at one of {self.points} points: {self.counterexample}"
        rows = [
            f"  {v.name:{names}}  {v.digits:4.1f} digits  {v.directions} directions  {v.shape}"
            for v in self.variables
        ]
        return "\n".join([f"{first} ({self.method}, {found} derivatives)", *rows])

    def to_dict(self) -> dict[str, Any]:
        """Return what JSON can hold; a counterexample without the arrays of its point."""
        wrong = self.counterexample
        return {
            "verdict": self.verdict,
            "method": self.method,
            "digits": _finite(self.digits),
            "points": self.points,
            "variables": [
                {"name": v.name, "shape": v.shape, "digits": _finite(v.digits),
                 "directions": v.directions}
                for v in self.variables
            ],
            "counterexample": wrong and {
                "variable": wrong.variable, "index": wrong.index,
                "measured": _finite(wrong.measured), "claimed": _finite(wrong.claimed),
            },
        }  # fmt: skip

    def save(self, path: str | Path) -> Path:
        """Write a page with the verdict and a table of variables."""
        rows = "\n".join(
            f"<tr><td>{html.escape(v.name)}</td><td>{html.escape(v.shape)}</td>"
            f"<td>{v.digits:.1f}</td><td>{v.directions}</td></tr>"
            for v in self.variables
        )
        target = Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        first = html.escape(str(self).splitlines()[0])
        target.write_text(_PAGE.format(verdict=self.verdict, first=first, rows=rows), "utf-8")
        return target


_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Gradient check: {verdict}</title>
<style>body {{ font-family: sans-serif; margin: 2em }} td, th {{ padding: 0 1em 0 0;
text-align: left }}</style>
<h1>Gradient check: {verdict}</h1>
<p>{first}</p>
<table><tr><th>variable</th><th>shape</th><th>digits</th><th>directions</th></tr>
{rows}
</table></html>
"""


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """Where derivatives are compared: a loss without composites, and a value for each leaf."""

    loss: Node
    values: dict[Node, np.ndarray]
    env: dict[str, int]
    inputs: dict[str, np.ndarray]
    state: dict[str, np.ndarray]

    def at(self, fixed: Mapping[Node, np.ndarray]) -> float:
        """Return the loss where some nodes have other values."""
        found = {**self.values, **fixed}
        interpreter.run([self.loss], found, self.env, double=True)
        return float(found[self.loss])


Measure = Callable[[Point, Directions], tuple[float, float]]
"""The derivative along directions, and a bound on its error (0: rounding only)."""


def by_complex_step(point: Point, directions: Directions) -> tuple[float, float]:
    """Measure by the imaginary part of the loss a tiny step off the real axis."""
    return directional(point.loss, point.values, directions, point.env), 0.0


def by_extrapolation(point: Point, directions: Directions) -> tuple[float, float]:
    """Measure by central differences of shrinking steps, extrapolated to 0.

    Ridders, Advances in Engineering Software 4 (1982). What ``stop_gradient`` returns is held.
    """
    base = dict(point.values)
    interpreter.run([point.loss, *directions], base, point.env, double=True)
    held = {n: base[n] for n in topological([point.loss]) if stops_gradient(n)}
    length = math.sqrt(sum(float(np.sum(d * d)) for d in directions.values())) or 1.0
    step, row = 0.1 / length, []
    best, error = math.nan, math.inf
    for _ in range(10):
        ahead = point.at({**held, **{n: base[n] + step * d for n, d in directions.items()}})
        behind = point.at({**held, **{n: base[n] - step * d for n, d in directions.items()}})
        above, row, factor = row, [(ahead - behind) / (2 * step)], 1.0
        for k, old in enumerate(above):
            factor *= 4.0
            row.append((factor * row[k] - old) / (factor - 1))
            change = max(abs(row[-1] - row[k]), abs(row[-1] - old))
            if change < error:
                best, error = row[-1], change
        step /= 2
    return best, error


METHODS: tuple[tuple[str, Measure, float], ...] = (
    ("complex step in complex128", by_complex_step, 6.0),
    ("extrapolated central differences in float64", by_extrapolation, 6.0),
)
"""Name, function, and the decimal digits of agreement that it must find.

A float32 graph holds its constants in float32, so that a right gradient may agree to 7 digits only.
"""


def verify(
    loss: Node,
    wrt: Node | Sequence[Node] | None = None,
    *,
    points: int = 3,
    seed: int = 0,
    inputs: Mapping[str, Any] | None = None,
    dims: Mapping[str, int] | None = None,
) -> Verification:
    """Compare the gradient of a loss with an independent method at random points.

    The gradient is evaluated in float64 by the interpreter. Along random directions of each
    variable, and for some single elements, it is compared with the complex step where every scalar
    function is analytic, and else with extrapolated central differences.

    Parameters
    ----------
    loss : Node
        A floating scalar.
    wrt : node or sequence of Node, optional
        Variables; by default all parameters that the loss depends on.
    points : int
        Number of random points.
    seed : int
        Where chance starts.
    inputs : mapping of str to array_like, optional
        Inputs that shall not be drawn at random.
    dims : mapping of str to int, optional
        Sizes of symbolic dims, a few elements by default.

    Returns
    -------
    Verification
        Its ``verdict`` is ``"checked"`` or ``"refuted"``; a refutation has a counterexample.

    Raises
    ------
    GradientError
        If there is nothing to differentiate, or no point with a finite loss is found.

    Examples
    --------
    >>> import graphdl as gd
    >>> w = gd.param("w", (3,), init=[1.0, 2.0, 3.0])
    >>> r = gd.verify(gd.sum(gd.tanh(w) * w))
    >>> r.verdict, r.method, r.digits > 12
    ('checked', 'complex step in complex128', True)
    """
    variables = _variables(loss, wrt)
    if points < 1:
        raise ArgumentError(f"points={points}", remedy="use at least 1")
    comparison = _Comparison(loss, variables, dict(inputs or {}), dict(dims or {}))
    generator = np.random.default_rng(seed)
    failure: NotAnalyticError | None = None
    for method, measure, needed in METHODS:
        try:
            return comparison.run(method, measure, needed, points, generator)
        except NotAnalyticError as error:
            failure = error
    assert failure is not None
    raise GradientError(
        f"no derivative of {loss!r} can be measured: its loss is not smooth around the points",
        site=loss.site,
        remedy="pass inputs=... at which it is",
    ) from failure


def _variables(loss: Node, wrt: Node | Sequence[Node] | None) -> list[Node]:
    if not isinstance(loss, Node):
        raise ArgumentError(
            f"verify needs a loss, not {type(loss).__name__}",
            remedy="pass the node: gd.verify(graph.outputs['loss'])",
        )
    if wrt is None:
        return reached_params(loss)
    return [wrt] if isinstance(wrt, Node) else list(wrt)


class _Comparison:
    """A loss, its gradient, and the variables by which it is differentiated."""

    def __init__(
        self, loss: Node, wrt: list[Node], inputs: dict[str, Any], dims: dict[str, int]
    ) -> None:
        gradients = grad(loss, wrt)
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
            if math.isfinite(point.at({})):
                return point
        raise GradientError(
            f"{self.loss!r} is not finite at random points",
            site=self.loss.site,
            remedy="pass inputs=... at which it is",
        )

    def run(
        self, method: str, measure: Measure, needed: float, points: int, rng: np.random.Generator
    ) -> Verification:
        """Compare at all points, or up to the first that refutes."""
        worst, counts = [math.inf] * len(self.wrt), [0] * len(self.wrt)
        counterexample = None
        for _ in range(points):
            point = self.point(rng)
            state = {n.name: initial_value(n) for n in self.gradient.state} | point.state
            given = {n.name: point.inputs[n.name] for n in self.gradient.inputs}
            found = interpreter.interpret(self.gradient, given, state, double=True, dims=self.env)
            for k, variable in enumerate(self.wrt):
                gradient = found[f"d{k}"]
                for index, along in _directions(gradient, rng):
                    measured, error = measure(point, {variable: along})
                    digits = _digits(gradient, along, measured, error)
                    worst[k], counts[k] = min(worst[k], digits), counts[k] + 1
                    if digits < needed and (counterexample is None or index is not None):
                        claimed = float(np.sum(gradient * along))
                        counterexample = Counterexample(
                            self.names[k], index, measured, claimed, given, point.state
                        )
            if counterexample is not None:
                break
        rows = tuple(
            Checked(name, shape_text(variable.shape), digits, count)
            for name, variable, digits, count in zip(
                self.names, self.wrt, worst, counts, strict=True
            )
        )
        verdict = "checked" if counterexample is None else "refuted"
        least = min(worst, default=math.inf)
        return Verification(verdict, method, least, points, rows, counterexample)


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


def _digits(gradient: np.ndarray, along: np.ndarray, measured: float, error: float) -> float:
    """Return the decimal digits to which a derivative agrees, at most 16.

    The error is relative to the larger of the derivative itself and the length that a derivative
    along a direction of this size typically has; without that a derivative that is zero by chance
    would have no right digit.

    Raises
    ------
    NotAnalyticError
        If the measurement itself is not good enough to tell.
    """
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
