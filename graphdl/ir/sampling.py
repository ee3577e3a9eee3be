"""Random values for a graph's inputs and state: labels in their range, dims of a few elements.

Checks and timings need points at which a graph can be evaluated without knowing what it is for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graphdl.ir.dims import Size, evaluate
from graphdl.ir.graph import Graph, bind_dims, static_shape
from graphdl.ir.interpreter import initial_value
from graphdl.ir.kinds import CompositeOp, IndexedOp
from graphdl.ir.node import Node, topological

SMALL_SIZES = (5, 4, 3, 6, 7, 2)
"""Sizes of symbolic dims, in their order; different ones, so that mixed-up axes are seen."""


def given_dims(graph: Graph, given: Mapping[str, Any]) -> dict[str, int]:
    """Return the sizes that given arrays fix."""
    env: dict[str, int] = {}
    for node in graph.inputs:
        if node.name in given:
            bind_dims(node.shape, np.shape(given[node.name]), env, f"input {node.name!r}")
    return env


def small_dims(graph: Graph, given: Mapping[str, Any] | None = None) -> dict[str, int]:
    """Return a small size for each symbolic dim; sizes that given arrays fix come first.

    Examples
    --------
    >>> import graphdl as gd
    >>> small_dims(gd.Graph(gd.input("x", ("N", "M"))))
    {'N': 5, 'M': 4}
    """
    env = given_dims(graph, given or {})
    for place, dim in enumerate(graph.dims):
        env.setdefault(dim, SMALL_SIZES[place % len(SMALL_SIZES)])
    return env


def random_inputs(
    graph: Graph,
    generator: np.random.Generator,
    dims: Mapping[str, int],
    *,
    positive: bool = False,
    double: bool = False,
) -> dict[str, np.ndarray]:
    """Return a random array for each input.

    Parameters
    ----------
    graph : Graph
        Its inputs are drawn.
    generator : numpy.random.Generator
        Where chance comes from.
    dims : mapping of str to int
        The size of each symbolic dim.
    positive : bool
        Draw floats from [0.5, 1.5) instead of a standard normal distribution.
    double : bool
        Leave floats in float64.

    Returns
    -------
    dict of str to ndarray
        Integers lie in the range of the axis that they index, or in [0, 2).

    Examples
    --------
    >>> import graphdl as gd
    >>> y = gd.input("y", ("N",), "int32")
    >>> g = gd.Graph(gd.gather(gd.constant([1.0, 2.0, 3.0]), y))
    >>> drawn = random_inputs(g, np.random.default_rng(0), {"N": 100})["y"]
    >>> int(drawn.min()), int(drawn.max())
    (0, 2)
    """
    limits = index_limits(graph)
    drawn = {}
    for node in graph.inputs:
        shape, dtype = static_shape(node.shape, dims), node.dtype.numpy
        if node.dtype.is_float:
            values = random_floats(generator, shape, positive)
            drawn[node.name] = values if double else values.astype(dtype)
        else:
            limit = evaluate(limits.get(node, 2), dims)
            drawn[node.name] = generator.integers(0, max(limit, 1), shape).astype(dtype)
    return drawn


def random_state(
    graph: Graph, generator: np.random.Generator, *, positive: bool = False
) -> dict[str, np.ndarray]:
    """Return state near first values: those of a random seed, floats with noise on top.

    The noise takes zeros off the kinks of relu and max, where no derivative can be checked.
    """
    seed = int(generator.integers(2**31))
    drawn = {}
    for node in graph.state:
        value = initial_value(node, seed)
        if node.dtype.is_float:
            noise = random_floats(generator, value.shape, positive)
            value = np.abs(value) + noise if positive else value + 0.1 * noise
        drawn[node.name] = value
    return drawn


def random_floats(
    generator: np.random.Generator, shape: tuple[int, ...], positive: bool
) -> np.ndarray:
    """Return standard normal numbers, or uniform ones in [0.5, 1.5)."""
    drawn = generator.uniform(0.5, 1.5, shape) if positive else generator.standard_normal(shape)
    return np.asarray(drawn)


def index_limits(graph: Graph) -> dict[Node, Size]:
    """Map each input that is used as an index to the size of the axis that it indexes."""
    limits: dict[Node, Size] = {}
    pending, seen = list(graph.nodes), set(graph.nodes)
    while pending:
        node = pending.pop()
        if isinstance(node.op, CompositeOp):
            inside = [n for n in topological([node.op.expanded(node)]) if n not in seen]
            seen.update(inside)
            pending.extend(inside)
        elif isinstance(node.op, IndexedOp):
            for place in node.op.places(node):
                source = _input_below(place.indices)
                if source is not None:
                    limits[source] = _smaller(limits.get(source), place.size)
    return limits


def _input_below(node: Node) -> Node | None:
    """Return the one input that a chain of one-operand nodes starts from."""
    while len(node.inputs) == 1:
        node = node.inputs[0]
    return None if node.inputs or not getattr(node.op, "is_input", False) else node


def _smaller(known: Size | None, size: Size) -> Size:
    if isinstance(known, int) and isinstance(size, int):
        return min(known, size)
    return size if known is None else known
