"""A gradient beside independent measurements of the same derivatives, at random points and edges.

A method measures a derivative of a loss at a point along directions; it looks at the loss only,
never at a derivative rule.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from typing import Any

import numpy as np

from graphdl.differentiation import grad
from graphdl.ir import differences, interpreter
from graphdl.ir.complex_step import NotAnalyticError
from graphdl.ir.dim_parsing import as_size
from graphdl.ir.dim_text import shape_text
from graphdl.ir.errors import ArgumentError, DimensionError, GradientError
from graphdl.ir.graph import Graph
from graphdl.ir.interpreter import initial_value
from graphdl.ir.node import Node
from graphdl.ir.sampling import given_dims, random_inputs, random_state, small_dims
from graphdl.passes.expand import expand
from graphdl.verification import precise
from graphdl.verification.directions import InaccurateError, Plan, agreement
from graphdl.verification.evidence import Checked, Counterexample
from graphdl.verification.methods import PRECISE, Arrays, Method, Point
from graphdl.verification.result import Verification
from graphdl.verification.sizes import larger

_TRIES = 4
_EDGES: Mapping[str, tuple[float, ...]] = {
    "zeros": (0.0,), "ties": (1.0,), "edges of domains": (-1.0, 1.0, 0.0), "large": (60.0, -60.0),
}  # fmt: skip
_ASIDE = 2.0**-20
"""How far edges are approached where the point itself lies on a kink."""


class Comparison:
    """A loss, its gradient, and the variables by which it is differentiated."""

    def __init__(
        self,
        loss: Node,
        wrt: Sequence[Node],
        inputs: dict[str, Any],
        dims: dict[str, int],
        gradients: Sequence[Node] | None = None,
    ) -> None:
        self.built = grad(loss, wrt) if gradients is None else list(gradients)
        self.names = [v.name or repr(v) for v in wrt]
        named = {f"d{k}": g for k, g in enumerate(self.built)}
        self.gradient = Graph(named, name="gradient")
        forward = {"loss": loss, **{f"v{k}": v for k, v in enumerate(wrt)}}
        self.forward = expand(Graph(forward, name="forward"))
        self.loss = self.forward.outputs["loss"]
        self.wrt = [self.forward.outputs[f"v{k}"] for k in range(len(wrt))]
        self.all = Graph({**forward, **named})  # what points are drawn for
        unknown = inputs.keys() - {i.name for i in self.all.inputs}
        if unknown:
            raise ArgumentError(f"{loss!r} has no input {sorted(unknown)}")
        self.given = inputs
        self.env = {**small_dims(self.all, inputs), **checked_dims(self.all, dims)}
        self.free = self.env.keys() - dims.keys() - given_dims(self.all, inputs).keys()
        self.wrong: dict[int, Counterexample] = {}

    def resized(self, env: dict[str, int]) -> Comparison:
        """Return the same at other sizes of the dims."""
        made = copy(self)
        made.env, made.wrong = env, {}
        return made

    def larger(self) -> Iterator[Comparison]:
        """Yield the same at larger sizes of the dims that nobody has fixed."""
        yield from map(self.resized, larger(self.all.roots, self.env, self.free))

    def with_gradient(self, gradients: Sequence[Node]) -> Comparison:
        """Return the same for another gradient by the same variables."""
        made = copy(self)
        made.gradient = Graph({f"d{k}": g for k, g in enumerate(gradients)}, name="gradient")
        return made

    def at(self, inputs: Mapping[str, Any], state: Mapping[str, Any]) -> Point:
        """Return the point where inputs and state have these values."""
        taken = {k: np.asarray(v) for k, v in (inputs | self.given).items()}  # type: ignore[operator]
        values = {n: _double(n, taken[n.name]) for n in self.forward.inputs}
        values.update({n: _double(n, state[n.name]) for n in self.forward.state})
        return Point(self.loss, values, self.env, taken, dict(state))

    def _add(self, tally: _Tally, rng: np.random.Generator) -> None:
        """Compare at a random point; at another where a kink is too close to measure there."""
        for rest in reversed(range(_TRIES)):
            trial = tally.copy()
            try:
                trial.add(self.random(rng), rng)
            except InaccurateError:
                if not rest:
                    raise
                continue
            tally.take(trial)
            return

    def random(self, generator: np.random.Generator) -> Point:
        """Return a random point with a finite loss."""
        for positive in (False, False, True, True):
            inputs = random_inputs(self.all, generator, self.env, positive=positive, double=True)
            point = self.at(inputs, random_state(self.all, generator, positive=positive))
            if math.isfinite(differences.value(self.loss, point.values, self.env)):
                return point
        raise GradientError(
            f"{self.loss!r} is not finite at random points",
            site=self.loss.site,
            remedy="pass inputs=... at which it is",
        )

    def run(self, method: Method, points: int, rng: np.random.Generator) -> Verification:
        """Compare at all points, or up to the first that refutes."""
        plan = Plan(self.forward, self.gradient, len(self.wrt), self.env, method is PRECISE)
        tally = _Tally(self, method, plan)
        for _ in range(points):
            self._add(tally, rng)
            if tally.wrong:
                break
        edges = list[str]()
        if method is PRECISE and not tally.wrong:
            edges = self._edges(tally, rng)
        self.wrong = tally.wrong
        rows = tuple(
            Checked(name, shape_text(variable.shape), digits, count)
            for name, variable, digits, count in zip(
                self.names, self.wrt, tally.worst, tally.counts, strict=True
            )
        )
        first = self.wrong[min(self.wrong)] if self.wrong else None
        return Verification(
            "refuted" if self.wrong else "checked",
            method.name,
            min(tally.worst, default=math.inf),
            tally.met,
            rows,
            first,
            measured=method.name,
            edges=tuple(edges),
        )

    def wrong_at(
        self, point: Point, method: Method, rng: np.random.Generator
    ) -> Iterator[tuple[int, Counterexample]]:
        """Yield the places of variables whose gradient is wrong at a point, and where it shows.

        One whose derivative cannot be measured there is left out.
        """
        plan = Plan(self.forward, self.gradient, len(self.wrt), self.env, method is PRECISE)
        tally = _Tally(self, method, plan)
        found = self.gradient_at(point, method)
        gradients = [found[f"d{k}"] for k in range(len(self.wrt))]
        for k, gradient in enumerate(gradients):
            with contextlib.suppress(NotAnalyticError):
                for index, along in plan.directions([gradient], rng, first=True):
                    tally._compare(point, [k], gradients, index, along)
            if k in tally.wrong:
                yield k, tally.wrong[k]

    def _edges(self, tally: _Tally, rng: np.random.Generator) -> list[str]:
        """Compare at edges, and where that fails a little aside; return those that have a value.

        On a kink the derivative is a convention. A gradient that differs there and is right all
        around is not wrong.
        """
        met = []
        for label, numbers in _EDGES.items():
            for aside, name in ((0.0, label), (_ASIDE, f"near {label}")):
                trial = tally.copy()
                try:
                    trial.add(self.edge(numbers, aside, rng), rng)
                except (NotAnalyticError, ArithmeticError, ValueError, LookupError):
                    continue
                if not trial.wrong:
                    tally.take(trial)
                    met.append(name)
                    break
                if aside:
                    tally.take(trial)
                    return met
        return met

    def edge(self, numbers: Sequence[float], aside: float, rng: np.random.Generator) -> Point:
        """Return a point of these numbers, in turn, or so far aside."""
        base = self.random(rng)

        def moved(node: Node, value: np.ndarray) -> np.ndarray:
            if not node.dtype.is_float or node.name in self.given:
                return value
            noise = rng.uniform(0.5, 1.5, value.shape) * rng.choice((-1.0, 1.0), value.shape)
            return np.asarray(np.resize(np.array(numbers), value.shape) + aside * noise)

        inputs = {n.name: moved(n, base.inputs[n.name]) for n in self.all.inputs}
        return self.at(inputs, {n.name: moved(n, base.state[n.name]) for n in self.all.state})

    def gradient_at(self, point: Point, method: Method) -> Arrays:
        """Return the gradient at a point, ``d0``, ``d1`` ..."""
        state = {n.name: initial_value(n) for n in self.gradient.state} | point.state
        given = {n.name: point.inputs[n.name] for n in self.gradient.inputs}
        if method is PRECISE:
            graph = expand(self.gradient)
            values = {n: _double(n, given[n.name]) for n in graph.inputs}
            values.update({n: _double(n, state[n.name]) for n in graph.state})
            return precise.outputs(graph, values, self.env)
        return interpreter.interpret(self.gradient, given, state, double=True, dims=self.env)


class _Tally:
    """What agrees how well, variable by variable."""

    def __init__(self, comparison: Comparison, method: Method, plan: Plan) -> None:
        count = len(comparison.wrt)
        self.comparison, self.method, self.plan = comparison, method, plan
        self.worst, self.counts = [math.inf] * count, [0] * count
        self.wrong: dict[int, Counterexample] = {}
        self.met = 0

    def copy(self) -> _Tally:
        made = _Tally(self.comparison, self.method, self.plan)
        made.worst, made.counts, made.met = list(self.worst), list(self.counts), self.met
        return made

    def take(self, other: _Tally) -> None:
        self.worst, self.counts, self.wrong = other.worst, other.counts, other.wrong
        self.met = other.met

    def add(self, point: Point, rng: np.random.Generator) -> None:
        """Compare the gradient with measurements at a point."""
        found = self.comparison.gradient_at(point, self.method)
        gradients = [found[f"d{k}"] for k in range(len(self.worst))]
        for group in self.plan.groups(gradients):
            for index, along in self._directions([gradients[k] for k in group], rng):
                self._compare(point, group, gradients, index, along)
            if len(group) > 1 and any(k in self.wrong for k in group):
                self._single_out(point, group, gradients, rng)
        self.met += 1

    def _directions(
        self, gradients: Sequence[np.ndarray], rng: np.random.Generator
    ) -> Iterator[tuple[tuple[int, ...] | None, list[np.ndarray]]]:
        return self.plan.directions(gradients, rng, first=self.met == 0)

    def _single_out(
        self,
        point: Point,
        group: Sequence[int],
        gradients: Sequence[np.ndarray],
        rng: np.random.Generator,
    ) -> None:
        """Find the variables that are wrong among those that were moved together."""
        together = self.wrong
        self.wrong = {}
        for k in group:
            for index, along in self._directions([gradients[k]], rng):
                self._compare(point, [k], gradients, index, along)
            if self.wrong:
                return
        self.wrong = together

    def _compare(
        self,
        point: Point,
        group: Sequence[int],
        gradients: Sequence[np.ndarray],
        index: tuple[int, ...] | None,
        along: Sequence[np.ndarray],
    ) -> None:
        wrt, method = self.comparison.wrt, self.method
        directions = {wrt[k]: a for k, a in zip(group, along, strict=True)}
        measured, error = method.measure(point, directions)
        gradient = np.concatenate([gradients[k].ravel() for k in group])
        whole = np.concatenate([a.ravel() for a in along])
        digits = agreement(gradient, whole, measured, error)
        for k in group:
            self.worst[k], self.counts[k] = min(self.worst[k], digits), self.counts[k] + 1
        k = group[0]
        if digits < method.needed and (k not in self.wrong or index is not None):
            names = ", ".join(self.comparison.names[k] for k in group)
            with np.errstate(invalid="ignore"):  # an infinite gradient times a direction's 0
                claimed = float(np.sum(gradient * whole))
            self.wrong[k] = Counterexample(
                names, index, float(measured), claimed, point.inputs, point.state, point.env
            )


def checked_dims(graph: Graph, dims: Mapping[str, int]) -> Mapping[str, int]:
    """Return sizes of dims; refuse what is no size or no dim.

    Raises
    ------
    DimensionError
        If there is anything wrong with them.
    """
    for name, size in dims.items():
        if name not in graph.dims:
            raise DimensionError(f"there is no dim {name!r}, only {list(graph.dims)}")
        if as_size(size) != size:
            raise DimensionError(f"dims: {name}={size!r}", remedy="use an int >= 0")
    return dims


def _double(node: Node, value: Any) -> np.ndarray:
    array = np.asarray(value)
    return array.astype(np.float64 if node.dtype.is_float else node.dtype.numpy)
