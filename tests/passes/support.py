"""What tests of passes share: graphs with edge values, and comparison bit for bit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

import numpy as np

from graphdl.ir.graph import Graph
from graphdl.ir.interpreter import interpret
from graphdl.ir.node import Node

Pass = Callable[[Graph, Counter[str]], Graph]

FLOATS = (0.0, -0.0, 1.0, -1.0, 0.5, 3.0, -7.25, 1e-42, -3e38, np.inf, -np.inf, np.nan)


def edge_pairs(dtype: str = "float32") -> tuple[np.ndarray, np.ndarray]:
    """All pairs of edge values, as two vectors."""
    values = np.array(FLOATS, dtype)
    return np.repeat(values, values.size), np.tile(values, values.size)


def random_array(node: Node, generator: np.random.Generator, dims: Mapping[str, int]) -> np.ndarray:
    """Small whole numbers: sums of them are exact in any order."""
    shape = tuple(s if isinstance(s, int) else dims[str(s)] for s in node.shape)
    return generator.integers(-3, 4, shape).astype(node.dtype.numpy)


def values_of(graph: Graph, seed: int = 0, **dims: int) -> dict[str, np.ndarray]:
    """Return random values of all inputs and state."""
    generator = np.random.default_rng(seed)
    leaves = (*graph.inputs, *graph.state)
    return {leaf.name: random_array(leaf, generator, dims) for leaf in leaves}


def evaluated(graph: Graph, values: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the outputs for these values of inputs and state."""
    names = {i.name for i in graph.inputs}
    state = {k: v for k, v in values.items() if k not in names}
    return interpret(graph, {k: v for k, v in values.items() if k in names}, state)


def assert_same_bits(before: Graph, after: Graph, values: Mapping[str, np.ndarray]) -> None:
    """Compare all outputs bit for bit; NaN counts as one value."""
    old, new = evaluated(before, values), evaluated(after, values)
    assert old.keys() == new.keys()
    for name, a in old.items():
        b = new[name]
        assert a.shape == b.shape
        assert a.dtype == b.dtype
        same = a == b
        if a.dtype.kind == "f":
            same = same & (np.signbit(a) == np.signbit(b)) | np.isnan(a) & np.isnan(b)
        assert np.all(same), f"{name}: {a[~same][:3]} became {b[~same][:3]}"


def assert_idempotent(step: Pass, graph: Graph) -> Graph:
    """Run a pass twice: the second run finds nothing to do."""
    once = step(graph, Counter())
    fired: Counter[str] = Counter()
    assert step(once, fired) is once, fired
    return once


def op_names(graph: Graph) -> list[str]:
    """Return the names of all ops that aren't leaves."""
    return [n.op.name for n in graph.nodes if n.inputs]
