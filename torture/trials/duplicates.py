"""Repeated indices count, and ties have one rule: random data with few different numbers.

Gradients of gathers add up as ``np.add.at`` does; of equal winners the first gets the gradient;
what is scattered to one place is added, or the last one stays, or the largest. All targets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

import graphdl as gd
from graphdl.codegen.toolchain.compiler import has_compiler
from graphdl.ir.node import Node
from torture.trial import Trial

TARGETS = ("interp", "numpy", "c")
MOST = 12
COLUMNS = 3

Arrays = dict[str, np.ndarray]


@dataclass(frozen=True)
class Rule:
    """A function of a table ``x`` (N, 3), of ``u`` (M, 3) and of ids ``i`` (M,) into the rows of x.

    Attributes
    ----------
    call : callable
        The function.
    value : callable
        Its value in NumPy.
    gradients : callable
        From the arrays and the cotangent of the value to the gradients by name.
    """

    call: Callable[[Node, Node, Node], Node]
    value: Callable[[Arrays], np.ndarray]
    gradients: Callable[[Arrays, np.ndarray], Arrays]


def _added(a: Arrays, g: np.ndarray) -> np.ndarray:
    """Return the cotangents of rows, added up where an id occurs several times."""
    found = np.zeros_like(a["x"])
    np.add.at(found, a["i"], g)
    return found


def _winner(x: np.ndarray, g: np.ndarray, first: Callable[..., Any]) -> np.ndarray:
    """Return the cotangents of columns at the first winner of each."""
    found = np.zeros_like(x)
    found[first(x, axis=0), np.arange(x.shape[1])] = g
    return found


def _running(x: np.ndarray, g: np.ndarray) -> np.ndarray:
    """Return the cotangents of running maxima at the first winners so far."""
    found = np.zeros_like(x)
    for end in range(len(x)):
        found[np.argmax(x[: end + 1], axis=0), np.arange(x.shape[1])] += g[end]
    return found


def _scattered(a: Arrays, g: np.ndarray) -> Arrays:
    """Return the gradients of scatter_max: the base at ties with it, else the first update."""
    top = _highest(a)
    found = {"x": np.where(a["x"] == top, g, 0.0), "u": np.zeros_like(a["u"])}
    taken = a["x"] == top
    for k, row in enumerate(a["i"]):
        for column in range(COLUMNS):
            if not taken[row, column] and a["u"][k, column] == top[row, column]:
                taken[row, column] = True
                found["u"][k, column] = g[row, column]
    return found


def _highest(a: Arrays) -> np.ndarray:
    found = a["x"].copy()
    np.maximum.at(found, a["i"], a["u"])
    return found


def _order(x: np.ndarray) -> np.ndarray:
    return np.argsort(x, axis=0, kind="stable")


def _sorted(x: np.ndarray, g: np.ndarray) -> np.ndarray:
    found = np.zeros_like(x)
    np.put_along_axis(found, _order(x), g, 0)
    return found


def _last(a: Arrays, g: np.ndarray) -> Arrays:
    """Return the gradients of scatter_set: of several updates of a row the last one counts."""
    base, updates = g.copy(), np.zeros_like(a["u"])
    last = {int(row): k for k, row in enumerate(a["i"])}
    for row, k in last.items():
        base[row] = 0.0
        updates[k] = g[row]
    return {"x": base, "u": updates}


def _set(a: Arrays) -> np.ndarray:
    found = a["x"].copy()
    for k, row in enumerate(a["i"]):
        found[row] = a["u"][k]
    return found


def _add(a: Arrays) -> np.ndarray:
    found = a["x"].copy()
    np.add.at(found, a["i"], a["u"])
    return found


def _x(found: np.ndarray) -> Arrays:
    return {"x": found}


RULES = {
    "gather": Rule(
        lambda x, u, i: gd.gather(x, i), lambda a: a["x"][a["i"]], lambda a, g: _x(_added(a, g))
    ),
    "take": Rule(
        lambda x, u, i: gd.take(x, i, axis=0),
        lambda a: a["x"][a["i"]],
        lambda a, g: _x(_added(a, g)),
    ),
    "index": Rule(lambda x, u, i: x[i], lambda a: a["x"][a["i"]], lambda a, g: _x(_added(a, g))),
    "embedding": Rule(
        lambda x, u, i: gd.embedding(x, i), lambda a: a["x"][a["i"]], lambda a, g: _x(_added(a, g))
    ),
    "scatter_add": Rule(
        lambda x, u, i: gd.scatter_add(u, i, base=x), _add, lambda a, g: {"x": g, "u": g[a["i"]]}
    ),
    "scatter_set": Rule(lambda x, u, i: gd.scatter_set(u, i, base=x), _set, _last),
    "scatter_max": Rule(lambda x, u, i: gd.scatter_max(u, i, base=x), _highest, _scattered),
    "max": Rule(
        lambda x, u, i: gd.max(x, 0),
        lambda a: a["x"].max(0),
        lambda a, g: _x(_winner(a["x"], g, np.argmax)),
    ),
    "min": Rule(
        lambda x, u, i: gd.min(x, 0),
        lambda a: a["x"].min(0),
        lambda a, g: _x(_winner(a["x"], g, np.argmin)),
    ),
    "cummax": Rule(
        lambda x, u, i: gd.cummax(x, 0),
        lambda a: np.maximum.accumulate(a["x"], 0),
        lambda a, g: _x(_running(a["x"], g)),
    ),
    "index_add": Rule(
        lambda x, u, i: gd.index_add(x, i, u), _add, lambda a, g: {"x": g, "u": g[a["i"]]}
    ),
    "index_update": Rule(lambda x, u, i: gd.index_update(x, i, u), _set, _last),
    "index_max": Rule(lambda x, u, i: gd.index_max(x, i, u), _highest, _scattered),
    "maximum": Rule(
        lambda x, u, i: gd.maximum(gd.gather(x, i), u),
        lambda a: np.maximum(a["x"][a["i"]], a["u"]),
        lambda a, g: {
            "x": _added(a, np.where(a["x"][a["i"]] >= a["u"], g, 0.0)),
            "u": np.where(a["x"][a["i"]] >= a["u"], 0.0, g),
        },
    ),
    "minimum": Rule(
        lambda x, u, i: gd.minimum(gd.gather(x, i), u),
        lambda a: np.minimum(a["x"][a["i"]], a["u"]),
        lambda a, g: {
            "x": _added(a, np.where(a["x"][a["i"]] <= a["u"], g, 0.0)),
            "u": np.where(a["x"][a["i"]] <= a["u"], 0.0, g),
        },
    ),
    "sort": Rule(
        lambda x, u, i: gd.sort(x, 0),
        lambda a: np.sort(a["x"], 0),
        lambda a, g: _x(_sorted(a["x"], g)),
    ),
    "argsort": Rule(
        lambda x, u, i: gd.cast(gd.argsort(x, 0), "float64") + x * 0.0,
        lambda a: _order(a["x"]) * 1.0,
        lambda a, g: _x(g * 0.0),
    ),
    "argmax": Rule(
        lambda x, u, i: gd.cast(gd.argmax(x, 0), "float64") + gd.sum(x, 0) * 0.0,
        lambda a: np.argmax(a["x"], 0) * 1.0,
        lambda a, g: _x(np.zeros_like(a["x"])),
    ),
}


@cache
def _graphs() -> dict[str, gd.Graph]:
    x, u = gd.input("x", ("N", COLUMNS), "float64"), gd.input("u", ("M", COLUMNS), "float64")
    i = gd.input("i", ("M",), "int32")
    found = {}
    for name, rule in RULES.items():
        value = rule.call(x, u, i)
        g = gd.input("g", value.shape, "float64")
        reached = gd.Graph(value).inputs
        wrt = [n for n in (x, u) if any(n.name == r.name for r in reached)]
        gradients = gd.grad(gd.sum(value * g), wrt)
        outputs = {n.name: d for n, d in zip(wrt, gradients, strict=True)}
        found[name] = gd.Graph({"value": value, **outputs}, name=name, inputs=[x, u, i, g])
    return found


@cache
def _module(target: str) -> Any:
    graphs = list(_graphs().values())
    return gd.compile(graphs, target=target, name="duplicates", dims={"N": MOST, "M": MOST})


def attempt(unit: int) -> Iterator[str]:
    """Try every rule on the data of a seed, on one target."""
    rng = np.random.default_rng(unit)
    target = TARGETS[unit % len(TARGETS)]
    n, m = int(rng.integers(1, MOST + 1)), int(rng.integers(0, MOST + 1))
    few = int(rng.integers(1, 4))  # different numbers
    for name, rule in RULES.items():
        arrays = {
            "x": rng.integers(0, few, (n, COLUMNS)) * 0.5,
            "u": rng.integers(0, few, (m, COLUMNS)) * 0.5,
            "i": rng.integers(0, rng.integers(1, n + 1), m).astype(np.int32),
        }
        value = rule.value(arrays)
        g = rng.integers(1, 9, value.shape) * 0.25  # sums of these are exact
        got = _module(target).entries[name](**arrays, g=g)
        wanted = {"value": value, **rule.gradients(arrays, g)}
        for key, array in wanted.items():
            if not np.array_equal(got[key], array):
                where = "value" if key == "value" else f"gradient by {key}"
                shown = f"{got[key].tolist()}, not {array.tolist()}"
                yield f"unit {unit}, {target}, {name}: {where} {shown}"


def run(units: range) -> list[str]:
    """Try the data of these seeds."""
    return [line for unit in units for line in attempt(unit)]


def missing() -> str | None:
    """Say whether there is no compiler."""
    return None if has_compiler() else "no C compiler was found"


TRIAL = Trial(
    name="duplicates",
    promise=(
        "Repeated indices add up as np.add.at does, and of equal winners the first gets the "
        "gradient: interpreter, NumPy and C"
    ),
    unit="tables",
    count=30_000,
    batch=500,
    run=run,
    missing=missing,
)
