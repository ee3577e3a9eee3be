"""Where graphs are compared: random numbers, whole ones with ties, edge values; sizes 0 and 1."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from graphdl.ir import interpreter
from graphdl.ir.errors import GraphdlError
from graphdl.ir.graph import Graph, static_shape
from graphdl.ir.node import Node
from graphdl.ir.sampling import random_inputs, random_state, small_dims

Values = dict[Node, np.ndarray]
Results = dict[str, np.ndarray]

_SPECIAL = (np.nan, np.inf, -np.inf)


@dataclass(frozen=True, eq=False)
class Point:
    """Values of all inputs and state.

    Attributes
    ----------
    label : str
        What they are like.
    arrays : mapping of str to ndarray
        By name; floats are float64.
    dims : mapping of str to int
        Sizes.
    double : bool
        Whether graphs are compared in float64; else in their own dtypes.
    edge : bool
        Whether only what is exact is compared here: other formulas may differ.
    """

    label: str
    arrays: Mapping[str, np.ndarray]
    dims: Mapping[str, int]
    double: bool = True
    edge: bool = False

    def __str__(self) -> str:
        dims = ", ".join(f"{k}={v}" for k, v in self.dims.items())
        return f"{self.label}, {dims}" if dims else self.label


def points(graph: Graph, maxima: Mapping[str, int] | None = None) -> Iterator[Point]:
    """Yield points; dims stay within their maxima.

    Those at which a graph has no value (an axis of size 0 may have none) are for the caller to
    leave out.
    """
    limits = maxima or {}
    small = {d: min(s, limits.get(d, s)) for d, s in small_dims(graph).items()}
    rng = np.random.default_rng(0)
    for label, positive in (("random numbers", False), ("positive numbers", True)):
        yield Point(label, _drawn(graph, rng, small, positive), small)
    for size in (1, 0) if small else ():
        dims = {d: min(size, limits.get(d, size)) for d in small}
        sizes = [s for n in graph.inputs for s in static_shape(n.shape, dims)]
        if min(sizes, default=0) >= 0:  # an input may have the size N - 1
            yield Point("random numbers", _drawn(graph, rng, dims), dims)
    for label, special in (("whole numbers", False), ("NaN and infinities", True)):
        arrays = {
            name: _edges(rng, array, special) if array.dtype.kind == "f" else array
            for name, array in _drawn(graph, rng, small).items()
        }
        yield Point(label, arrays, small, double=False, edge=True)


def _drawn(
    graph: Graph, rng: np.random.Generator, dims: Mapping[str, int], positive: bool = False
) -> dict[str, np.ndarray]:
    given = random_inputs(graph, rng, dims, positive=positive, double=True)
    return {**given, **random_state(graph, rng, positive=positive)}


def _edges(rng: np.random.Generator, array: np.ndarray, special: bool) -> np.ndarray:
    """Return whole numbers, zeros of both signs among them; now and then none at all."""
    whole = np.asarray(rng.integers(-3, 4, array.shape), np.float64)
    whole = np.where((whole == 0) & (rng.random(array.shape) < 0.5), -0.0, whole)
    if special:
        places = rng.random(array.shape)
        chosen = rng.choice(_SPECIAL, array.shape)
        few = places <= max(0.2, float(places.min(initial=1.0)))  # one at least
        whole = np.where(few, chosen, whole)
    return whole


def evaluated(graph: Graph, point: Point, *, double: bool) -> Values:
    """Return the values of all nodes of a graph."""
    values: Values = {}
    for node in (*graph.inputs, *graph.state):
        dtype = np.float64 if double and node.dtype.is_float else node.dtype.numpy
        with np.errstate(all="ignore"):
            values[node] = np.asarray(point.arrays[node.name]).astype(dtype)
    interpreter.run(graph.roots, values, point.dims, double)
    return values


def results(graph: Graph, point: Point, *, double: bool) -> Results | str:
    """Return outputs and new state by name; a text if there are none."""
    try:
        values = evaluated(graph, point, double=double)
    except (GraphdlError, ValueError, LookupError, TypeError, ArithmeticError) as error:
        return f"{type(error).__name__}: {error}"
    return named(graph, values)


def named(graph: Graph, values: Values) -> Results:
    """Return outputs, and what the updates make of state, by name."""
    outputs = {name: values[node] for name, node in graph.outputs.items()}
    return outputs | {f"new {s.name}": values[v] for s, v in graph.updates.items()}
