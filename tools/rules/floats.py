"""What a rewrite does to floats: every bit compared, NaN, infinities and zeros of both signs."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping

import numpy as np

import graphdl as gd
from graphdl.ir.graph import Graph
from graphdl.ir.node import Node
from tools.reference.edges import number
from tools.rules.verdicts import WHOLE

EDGES = (
    0.0, -0.0, 1.0, -1.0, 0.5, 3.0, -7.25, 5e-324, 1000.0, -1000.0, -1e308, math.inf, -math.inf,
    math.nan,
)  # fmt: skip
ROWS = (0.0, 1.0, 1000.0, -1000.0, math.inf, -math.inf, math.nan)
"""Values of a matrix with few columns."""
_DRAWS = 40
_SHOWN = 3
_CLOSE = 1e-9


def behaviour(before: Graph, after: Graph) -> tuple[bool, list[str]]:
    """Return whether all bits agree, and some places where more than rounding differs."""
    given = _grid(before)
    if given is None:
        return all(_bits(before, after, _random(before, seed)) for seed in range(_DRAWS)), []
    values = [_value(graph, given) for graph in (before, after)]
    exact = bool(np.all(_same(*values)))
    return exact, [] if exact else _differences(given, *values)


def _grid(graph: Graph) -> dict[str, np.ndarray] | None:
    """Return every combination of edge values; None for shapes that are not one row a case."""
    rows = {n.shape[:1] for n in (*graph.inputs, *graph.roots)}
    if len(rows) != 1 or not graph.dims:
        return None
    widths = {n: math.prod(int(str(s)) for s in n.shape[1:]) for n in graph.inputs}
    columns = [_edges(n) for n, width in widths.items() for _ in range(width)]
    cases, place = np.array(list(itertools.product(*columns))), 0
    found = {}
    for node, width in widths.items():
        part = cases[:, place : place + width]
        found[node.name] = part.reshape(-1, *node.shape[1:]).astype(node.dtype.numpy)
        place += width
    return found


def _edges(node: Node) -> tuple[float, ...]:
    if node.dtype.name == "bool":
        return (False, True)
    if not node.dtype.is_float:
        return tuple(WHOLE.tolist())
    return EDGES if node.ndim == 1 else ROWS


def _random(graph: Graph, seed: int) -> dict[str, np.ndarray]:
    """Return edge values and whole numbers for any shapes."""
    rng = np.random.default_rng(seed)
    found = {}
    for node in graph.inputs:
        shape = tuple(s if isinstance(s, int) else 4 for s in node.shape)
        drawn = rng.integers(-3, 4, shape).astype(float)
        chosen = rng.choice(EDGES, shape)
        found[node.name] = np.where(rng.random(shape) < 0.2, chosen, drawn)
    return found


def _value(graph: Graph, given: Mapping[str, np.ndarray]) -> np.ndarray:
    return next(iter(gd.interpret(graph, given).values()))


def _bits(before: Graph, after: Graph, given: Mapping[str, np.ndarray]) -> bool:
    return bool(np.all(_same(_value(before, given), _value(after, given))))


def _same(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    same = a == b
    if a.dtype.kind == "f":
        same = same & (np.signbit(a) == np.signbit(b)) | np.isnan(a) & np.isnan(b)
    return np.asarray(same)


def _differences(
    given: Mapping[str, np.ndarray], before: np.ndarray, after: np.ndarray
) -> list[str]:
    """Return one place a sort of difference, rounding left out."""
    with np.errstate(all="ignore"):
        close = np.abs(before - after) <= _CLOSE * np.maximum(np.abs(before), np.abs(after))
        rounded = close & np.isfinite(before) & np.isfinite(after) & (before != 0)
        other = ~_same(before, after) & ~rounded
    found: dict[tuple[str, str], str] = {}
    for at in np.argwhere(other):
        row, place = int(at[0]), tuple(int(i) for i in at)
        a, b = float(before[place]), float(after[place])
        point = ", ".join(f"{name} = {_shown(v[row])}" for name, v in given.items())
        found.setdefault((_sort(a), _sort(b)), f"{point}: {_signed(a)} → {_signed(b)}")
    return list(found.values())[:_SHOWN]


def _shown(value: np.ndarray) -> str:
    if np.ndim(value) == 0:
        return _signed(value.item())
    return f"[{', '.join(_signed(v) for v in value.tolist())}]"


def _signed(value: float) -> str:
    return "−0" if value == 0 and math.copysign(1, value) < 0 else number(value)


def _sort(value: float) -> str:
    return "number" if math.isfinite(value) and value else str(value)
