"""At which points two ways to compute the same are compared: sizes, random values, edges."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphdl.ir.dims import Size, evaluate
from graphdl.ir.errors import ArgumentError, GraphdlError
from graphdl.ir.graph import Graph, bind_dims, static_shape
from graphdl.ir.interpreter import initial_value, interpret_step
from graphdl.ir.sampling import index_limits, random_inputs, random_state, small_dims

FINITE = (0.0, -0.0, 1.0, -1.0, 0.5, 2.0, -2.0, 1e-30, -1e-30, 20.0, -20.0, 100.0, -100.0)
"""Numbers at which functions have kinks, poles or limits, and some far out."""

WHOLE = (0, 1, 2, -1, 100, 3, -2)

Arrays = dict[str, np.ndarray]


@dataclass(frozen=True, slots=True)
class Point:
    """Values for everything that a graph reads.

    Attributes
    ----------
    label : str
        What is special about it.
    dims : dict of str to int
        Sizes.
    inputs, state : dict of str to ndarray
        Values, in the dtypes of the graph.
    """

    label: str
    dims: dict[str, int]
    inputs: Arrays
    state: Arrays

    def __str__(self) -> str:
        sizes = ", ".join(f"{k}={v}" for k, v in self.dims.items())
        return f"{self.label}, {sizes}" if sizes else self.label

    @property
    def values(self) -> Arrays:
        """Inputs and state together, under names that differ."""
        return {**self.inputs, **{f"state {k}": v for k, v in self.state.items()}}


class Sampler:
    """Makes points at which all of some graphs can be evaluated.

    Parameters
    ----------
    graphs : sequence of Graph
        Inputs and state of one name are one.
    seed : int
        Where chance starts; every point has its own.
    given, state : mapping of str to array_like
        Inputs and state that are not drawn.
    """

    def __init__(
        self,
        graphs: Sequence[Graph],
        seed: int,
        given: Mapping[str, Any] | None,
        state: Mapping[str, Any] | None,
    ) -> None:
        self.graphs, self.seed = tuple(graphs), seed
        self.inputs = {n.name: n for g in graphs for n in g.inputs}
        self.state = {n.name: n for g in graphs for n in g.state}
        self.given = _known("input", given or {}, self.inputs)
        self.given_state = _known("state", state or {}, self.state)
        self.fixed: dict[str, int] = {}
        for name, value in self.given.items():
            bind_dims(self.inputs[name].shape, np.shape(value), self.fixed, f"input {name!r}")
        self.small: dict[str, int] = {}
        self.limits: dict[str, Size] = {}
        for graph in graphs:
            self.small = small_dims(graph) | self.small
            self.limits |= {n.name: limit for n, limit in index_limits(graph).items()}

    def points(
        self,
        dims: Mapping[str, int | Sequence[int]] | None,
        usual: Sequence[int],
        count: int,
        edges: bool,
        maxima: Mapping[str, int] | None = None,
    ) -> Iterator[Point]:
        """Yield random points, the sizes one by one, and edges.

        Dims that are not given have a few elements first, then the usual sizes, then the maximum.
        """
        if count < 1:
            raise ArgumentError(f"points={count}", remedy="use at least 1")
        values: dict[str, Sequence[int]] = {d: (v, *usual) for d, v in self.small.items()}
        for dim, most in (maxima or {}).items():
            if dim in values:
                values[dim] = [*(min(v, most) for v in values[dim]), most]
        for dim, given in _known("dim", dims or {}, values).items():
            values[dim] = (given,) if isinstance(given, int) else tuple(given)
        choices = [env | self.fixed for env in size_choices(values, self.seed)]
        first, *others = [env for env in choices if self._is_possible(env)] or [self.small]
        for k in range(count):
            yield self._random(f"random point {k}", first, k)
        for k, env in enumerate(e for e in others if e != first):
            yield self._random(f"other sizes {k}", env, count + k)
        if edges:
            yield from self._edges(first)

    def _is_possible(self, env: Mapping[str, int]) -> bool:
        return all(evaluate(s, env) >= 0 for i in self.inputs.values() for s in i.shape)

    def _random(self, label: str, env: Mapping[str, int], number: int) -> Point:
        """Return a point: state in turn as it starts, near that, and all positive."""
        positive = number % 3 == 2
        inputs: Arrays = {}
        state: Arrays = {}
        for graph in self.graphs:
            generator = np.random.default_rng([self.seed, number])
            for name, drawn in random_inputs(graph, generator, env, positive=positive).items():
                both = name in inputs and drawn.dtype.kind in "iu"  # in the range of both
                inputs[name] = np.minimum(inputs[name], drawn) if both else drawn
            state |= random_state(graph, generator, positive=positive)
        if number % 3 == 0:
            state = {k: initial_value(n, self.seed + number) for k, n in self.state.items()}
        return self._point(label, env, inputs, state)

    def _point(self, label: str, env: Mapping[str, int], inputs: Arrays, state: Arrays) -> Point:
        """Return a point in the dtypes of the graphs, with what is given."""
        values = [
            {k: np.asarray(given.get(k, drawn[k])).astype(n.dtype.numpy) for k, n in nodes.items()}
            for nodes, given, drawn in (
                (self.inputs, self.given, inputs),
                (self.state, self.given_state, state),
            )
        ]
        return Point(label, dict(env), *values)

    def _edges(self, env: Mapping[str, int]) -> Iterator[Point]:
        """Yield zeros, ties, a mixture of special numbers, and one NaN or infinity an input."""
        base = self._random("", env, 0)
        for label, numbers, whole in (
            ("zeros", (0.0,), (0,)),
            ("ones", (1.0,), (1,)),
            ("special numbers", FINITE, WHOLE),
        ):
            inputs = {}
            for name, node in self.inputs.items():
                cycle = np.array(numbers if node.dtype.is_float else whole)
                values = np.resize(cycle, static_shape(node.shape, env))
                if name in self.limits:
                    values = np.clip(values, 0, max(evaluate(self.limits[name], env) - 1, 0))
                inputs[name] = values.astype(node.dtype.numpy)
            yield self._point(label, env, inputs, base.state)
        for number in (np.nan, np.inf, -np.inf):
            inputs = {k: v.copy() for k, v in base.inputs.items()}
            for name, node in self.inputs.items():
                if node.dtype.is_float and inputs[name].size:
                    inputs[name].flat[inputs[name].size // 2] = number
            yield self._point(f"one {number} an input", env, inputs, base.state)


def _known(what: str, given: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is given, after a look at its names."""
    unknown = given.keys() - known.keys()
    if unknown:
        raise ArgumentError(f"there is no {what} {sorted(unknown)}, only {sorted(known)}")
    return dict(given)


def size_choices(values: Mapping[str, Sequence[int]], seed: int) -> list[dict[str, int]]:
    """Return combinations of sizes: all dims at their first value, second value, …, then mixed.

    Examples
    --------
    >>> size_choices({"N": (3, 0, 1)}, seed=0)
    [{'N': 3}, {'N': 0}, {'N': 1}]
    """
    most = max(map(len, values.values()), default=0)
    found = [{d: v[min(k, len(v) - 1)] for d, v in values.items()} for k in range(most)]
    generator = np.random.default_rng(seed)
    if len(values) > 1:
        found += [{d: int(generator.choice(v)) for d, v in values.items()} for _ in range(most)]
    return [env for k, env in enumerate(found) if env not in found[:k]]


Refusal = str
"""Why a call was refused."""

REFUSALS = (GraphdlError, ValueError, TypeError, IndexError)
"""Errors by which arguments are refused; NumPy's own too."""


def evaluate_at(graph: Graph, point: Point, *, double: bool = True) -> Arrays | Refusal:
    """Return outputs, and the state after the step under ``state <name>``; or why not."""
    inputs = {i.name: point.inputs[i.name] for i in graph.inputs}
    state = {s.name: point.state[s.name] for s in graph.state}
    try:
        out, after = interpret_step(graph, inputs, state, double=double, dims=point.dims)
    except REFUSALS as error:
        return f"{type(error).__name__}: {error}".splitlines()[0]
    return {**out, **{f"state {k}": v for k, v in after.items()}}
