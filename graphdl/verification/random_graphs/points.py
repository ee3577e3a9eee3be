"""Values of inputs at which a graph and its derivatives are defined, away from kinks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from graphdl.ir.dtypes import as_dtype
from graphdl.ir.graph import Graph
from graphdl.ir.interpreter import run
from graphdl.ir.node import Node
from graphdl.verification.random_graphs.case import Arrays, Case, feed

MARGIN = 1e-4
"""How far, along random directions, no kink or jump may lie."""
_DIRECTIONS = 3
_TRIES = 12
_BEND = 1e-6
"""Second difference, relative to the values, that no smooth graph makes within the margin."""


@dataclass(frozen=True)
class Point:
    """Values for all that a graph reads."""

    inputs: Arrays
    state: Arrays


def regular_point(case: Case, dims: Mapping[str, int], rng: np.random.Generator) -> Point | None:
    """Return a point away from everything undefined; None if some tries find none.

    Floats are drawn from a continuous range. At the point all outputs are finite; within `MARGIN`
    of it, in random directions, integers and bools stay what they are, and floats change smoothly.
    """
    for _ in range(_TRIES):
        whole = case.inputs(dims, int(rng.integers(2**31))), case.state(int(rng.integers(2**31)))
        inputs, state = ({k: _spread(v, rng) for k, v in arrays.items()} for arrays in whole)
        values = _leaves(case.graph, inputs, state)
        try:
            if _is_regular(case.graph, values, dims, rng):
                return Point(inputs, state)
        except (ValueError, IndexError):  # an axis is empty
            return None
    return None


def _spread(array: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Replace floats by ones of a continuous range."""
    if array.dtype.kind != "f":
        return array
    given = feed(as_dtype(array.dtype))
    return np.asarray(rng.uniform(given.low, given.high, array.shape)).astype(array.dtype)


def _leaves(graph: Graph, inputs: Arrays, state: Arrays) -> dict[Node, np.ndarray]:
    """Return what a graph reads by its leaves, floats in double precision."""
    named = [(n, inputs[n.name]) for n in graph.inputs] + [(n, state[n.name]) for n in graph.state]
    return {n: v.astype(np.float64) if n.dtype.is_float else v for n, v in named}


def _is_regular(
    graph: Graph,
    leaves: Mapping[Node, np.ndarray],
    dims: Mapping[str, int],
    rng: np.random.Generator,
) -> bool:
    here = _evaluated(graph, leaves, dims)
    if not all(np.isfinite(v).all() for v in here):
        return False
    for _ in range(_DIRECTIONS):
        moves = {
            n: MARGIN * rng.uniform(-1.0, 1.0, v.shape)
            for n, v in leaves.items()
            if v.dtype.kind == "f"
        }
        before, after = (
            _evaluated(graph, {**leaves, **{n: leaves[n] + k * m for n, m in moves.items()}}, dims)
            for k in (-1.0, 1.0)
        )
        if not all(map(_is_straight, before, here, after)):
            return False
    return True


def _is_straight(before: np.ndarray, here: np.ndarray, after: np.ndarray) -> bool:
    if here.dtype.kind != "f":
        return np.array_equal(before, here) and np.array_equal(after, here)
    bend = np.abs(after - 2.0 * here + before)
    return bool((bend <= _BEND * (1.0 + np.abs(here).max(initial=0.0))).all())


def _evaluated(
    graph: Graph, leaves: Mapping[Node, np.ndarray], dims: Mapping[str, int]
) -> list[np.ndarray]:
    values = dict(leaves)
    run(graph.roots, values, dims, double=True)
    return [values[r] for r in graph.roots]
