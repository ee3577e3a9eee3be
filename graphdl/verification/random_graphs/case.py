"""A random graph with what it takes to run it: sizes, and inputs drawn by a seed."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from graphdl.ir import dims as sizes
from graphdl.ir.dtypes import DType, bool_, uint8
from graphdl.ir.graph import Graph, static_shape
from graphdl.ir.node import Node
from graphdl.ir.sampling import index_limits

MAXIMUM = 19
"""Of the dims of a graph that was not drawn here."""

Arrays = dict[str, np.ndarray]


@dataclass(frozen=True)
class Feed:
    """What an input is given: multiples of ``step`` in ``[low, high]``."""

    low: float
    high: float
    step: float


def feed(dtype: DType) -> Feed:
    """Return what inputs of a dtype are given, unless they are indices."""
    if dtype.is_float:
        return Feed(-2.0, 2.0, 0.25)
    if dtype is bool_:
        return Feed(0.0, 1.0, 1.0)
    return Feed(0.0, 9.0, 1.0) if dtype is uint8 else Feed(-4.0, 5.0, 1.0)


@dataclass(frozen=True)
class Case:
    """A graph, and values for everything that it reads.

    Attributes
    ----------
    graph : Graph
        Any; it need not be a random one.
    maxima, least : mapping of str to int
        Between these lie its symbolic dims.
    exact : frozenset of str
        Outputs whose bits do not depend on the order of evaluation.
    used : frozenset of str
        Functions of the catalogue that made it.
    """

    graph: Graph
    maxima: Mapping[str, int] = field(default_factory=dict)
    least: Mapping[str, int] = field(default_factory=dict)
    exact: frozenset[str] = frozenset()
    used: frozenset[str] = frozenset()

    @cached_property
    def limits(self) -> dict[str, sizes.Size]:
        """Inputs that are indices -> the size of the axis that they index."""
        return {n.name: size for n, size in index_limits(self.graph).items()}

    def most(self, dim: str) -> int:
        """Return the maximum of a dim."""
        return self.maxima.get(dim, MAXIMUM)

    def dims(self, seed: int) -> list[dict[str, int]]:
        """Return values of the dims worth trying: most, least, 1, 7, and a mix."""
        names = self.graph.dims
        rng = random.Random(seed)
        wanted = [10**9, 0, 1, 7] if names else [0]
        tried = [{d: self._clamped(d, w) for d in names} for w in wanted]
        tried.append({d: rng.randint(self._clamped(d, 0), self.most(d)) for d in names})
        return [dict(t) for t in dict.fromkeys(tuple(t.items()) for t in tried)]

    def _clamped(self, dim: str, value: int) -> int:
        return min(max(value, self.least.get(dim, 0)), self.most(dim))

    def inputs(self, env: Mapping[str, int], seed: int) -> Arrays:
        """Return arrays for all inputs."""
        rng = np.random.default_rng(seed)
        return {n.name: self._array(n, env, rng) for n in self.graph.inputs}

    def state(self, seed: int) -> Arrays:
        """Return values for all state."""
        rng = np.random.default_rng(seed + 1)
        return {n.name: self._array(n, {}, rng) for n in self.graph.state}

    def _array(self, node: Node, env: Mapping[str, int], rng: np.random.Generator) -> np.ndarray:
        given, shape = feed(node.dtype), static_shape(node.shape, env)
        if node.name in self.limits and node.dtype.is_integer:
            last = max(sizes.evaluate(self.limits[node.name], env) - 1, 0)
            given = Feed(0.0, float(last), 1.0)
        steps = int((given.high - given.low) / given.step)
        values = given.low + given.step * rng.integers(0, steps + 1, shape)
        return np.asarray(values).astype(node.dtype.numpy)
