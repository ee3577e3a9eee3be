"""What an op gives at the edges, computed by the interpreter: tables of a page."""

from __future__ import annotations

import inspect
import math
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

import graphdl as gd
from graphdl.ir.kinds import ElementwiseOp
from graphdl.ir.node import Node
from tools.reference.samples import Sample

POINTS = (-math.inf, -2.0, -1.0, -0.0, 0.0, 1.0, 2.0, math.inf, math.nan)
PAIRS = (-math.inf, -1.0, 0.0, 2.0, math.inf, math.nan)
ROWS: Sequence[list[float]] = (
    [],
    [1.5],
    [2.0, 2.0],
    [1.0, math.nan, 3.0],
    [1.0, math.inf],
    [-math.inf, math.inf],
)


def edges(sample: Sample) -> Iterator[str]:
    """Yield the lines of the tables, if this op has edges that tables can show."""
    if isinstance(sample.function, ElementwiseOp):
        count = len(sample.inputs)
        if count == len(sample.variables) == 1:
            yield from _points(sample)
        elif count == len(sample.variables) == 2:
            yield from _pairs(sample)
    elif _takes_a_row(sample):
        yield from _rows(sample)


def number(value: float) -> str:
    """Return a float for a table: short, infinities and NaN as signs."""
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value))
    text = f"{value:.5g}".replace("inf", "∞").replace("nan", "NaN")
    return text.replace("-", "−", 1) if text.startswith("-") else text


def _table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for line in lines:
        yield "| " + " | ".join(line) + " |"


def _evaluated(y: Node, given: dict[Node, Any]) -> list[np.ndarray]:
    """Return a value at points, and the gradients of its sum."""
    outputs = [y]
    if y.dtype.is_float:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            outputs += gd.grad(gd.sum(y), list(given))
    found = gd.interpret(gd.Graph(outputs), {x.name: v for x, v in given.items()})
    return list(found.values())


def _at(sample: Sample, *columns: np.ndarray) -> list[np.ndarray]:
    """Return value and gradients of an elementwise op."""
    xs = [gd.input(x.name, c.shape, "float64") for x, c in zip(sample.inputs, columns, strict=True)]
    y = sample.function(*xs, **dict(sample.value.attrs))
    return _evaluated(y, dict(zip(xs, columns, strict=True)))


def _points(sample: Sample) -> Iterator[str]:
    (x,) = sample.inputs
    found = _at(sample, np.array(POINTS))
    head = [x.name, "value", "derivative"][: 1 + len(found)]
    lines = [[number(v) for v in line] for line in zip(POINTS, *found, strict=True)]
    yield from _table(head, lines)


def _pairs(sample: Sample) -> Iterator[str]:
    x, y = sample.inputs
    first, second = np.meshgrid(PAIRS, PAIRS, indexing="ij")
    found = _at(sample, first.ravel(), second.ravel())
    titles = ["value", f"derivative by {x.name}", f"derivative by {y.name}"]
    for title, values in zip(titles, found, strict=False):
        if len(set(map(number, values))) == 1:
            yield from (f"{title}: {number(values[0])} everywhere.", "")
            continue
        yield from (f"{title}, {x.name} down, {y.name} across:", "")
        grid = values.reshape(first.shape)
        pairs = zip(PAIRS, grid, strict=True)
        lines = [[f"**{number(p)}**", *map(number, line)] for p, line in pairs]
        yield from _table(["", *map(number, PAIRS)], lines)
        yield ""


def _takes_a_row(sample: Sample) -> bool:
    """Whether this reduces or scans: one array, and an axis."""
    parameters = inspect.signature(sample.function).parameters
    needed = [p for p in parameters.values() if p.default is p.empty]
    return len(needed) == len(sample.inputs) == len(sample.variables) == 1 and "axis" in parameters


def _rows(sample: Sample) -> Iterator[str]:
    lines = []
    for row in ROWS:
        x = gd.input("x", (len(row),), "float64")
        try:
            y = sample.function(x)
            found = _evaluated(y[0] if isinstance(y, tuple) else y, {x: row})
            outcome = [*map(_array, found), "none"][:2]
        except gd.GraphdlError as error:
            outcome = [type(error).__name__, ""]
        lines.append([f"[{', '.join(map(number, row))}]", *outcome])
    yield from _table(["x", "value", "gradient of the value's sum"], lines)


def _array(values: np.ndarray) -> str:
    if values.shape == ():
        return number(values.item())
    return f"[{', '.join(number(v) for v in values.reshape(-1).tolist())}]"
