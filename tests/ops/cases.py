"""What every op is tested on: how to call it, on what values, and what NumPy says.

Cases of elementwise functions are derived from the op: shapes that are equal, that broadcast, that
are empty, of size 1, or symbolic. All other functions have rows in ``tests/ops/rows.py``.
"""

import importlib
import math
import pkgutil
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

import graphdl as gd
import graphdl.ops
from graphdl.ir.graph import static_shape
from graphdl.ir.kinds import ElementwiseOp
from graphdl.ops import FUNCTIONS
from tests.ops.references import gathered


@dataclass(frozen=True)
class Array:
    """An input: its shape (a string is a symbolic dim of size 5), sort of values, and range."""

    shape: tuple[Any, ...]
    sort: str = "float"  # float, int32, bool
    low: float = -2.0
    high: float = 2.0

    @property
    def sizes(self) -> tuple[int, ...]:
        return tuple(5 if isinstance(s, str) else s for s in self.shape)


@dataclass(frozen=True, eq=False)
class Case:
    """A call of a public function; ``reference`` is the same in NumPy."""

    function: str
    label: str
    call: Callable[..., Any]
    inputs: tuple[Array, ...]
    reference: Callable[..., Any]
    cut: bool = False
    """Whether the function's gradient is zero by definition, whatever its values do."""
    dims: dict[str, int] = field(default_factory=lambda: {"N": 5})

    def __str__(self) -> str:
        return f"{self.function}-{self.label}"

    def values(self, seed: int = 0) -> list[np.ndarray]:
        """Return inputs: floats are all different and keep away from each other and from 0.

        Seed 0 spaces them evenly; others move each one within its share of the range.
        """
        name = str(self) if seed == 0 else f"{self}, {seed}"
        rng = np.random.default_rng(zlib.crc32(name.encode()))
        total = sum(math.prod(i.sizes) for i in self.inputs if i.sort == "float")
        places = rng.permutation(total + total % 2)
        result = []
        for given in self.inputs:
            count = math.prod(given.sizes)
            if given.sort == "float":
                own, places = places[:count], places[count:]
                moved = rng.uniform(-0.45, 0.45, count) if seed else 0.0
                unit = (own + 0.5 + moved) / (total + total % 2)
                flat = given.low + unit * (given.high - given.low)
            elif given.sort == "bool":
                flat = rng.random(count) < 0.5
            else:
                flat = rng.integers(int(given.low), int(given.high), count, dtype=np.int32)
            result.append(flat.reshape(given.sizes))
        return result

    def nodes(self, dtype: str) -> list[gd.ir.node.Node]:
        return [
            gd.input(f"x{k}", given.shape, dtype if given.sort == "float" else given.sort)
            for k, given in enumerate(self.inputs)
        ]


@cache
def graph_of(case: Case, dtype: str) -> gd.Graph:
    """Return value, gradients, and the gradients' derivative along tangents, as one graph.

    The scalar that is differentiated is the value times the input ``weights``, summed.
    """
    xs = case.nodes(dtype)
    value = case.call(*xs)
    outputs = {"value": value}
    variables = [x for x in xs if x.dtype.is_float]
    if value.dtype.is_float and variables:
        weights = gd.input("weights", value.shape, value.dtype)
        tangents = [gd.input(f"t{k}", x.shape, x.dtype) for k, x in enumerate(variables)]
        loss = gd.sum(value * weights)
        first = gd.grad(loss, variables)
        second = gd.hvp(loss, variables, tangents)
        outputs |= {f"first{k}": g for k, g in enumerate(first)}
        outputs |= {f"second{k}": g for k, g in enumerate(second)}
    name = f"{case}_{dtype}".replace("-", "_").replace(" ", "_").replace(".", "_")
    return gd.Graph(outputs, name=name)


def arguments(case: Case, graph: gd.Graph, seed: int = 0) -> dict[str, np.ndarray]:
    """Return values for all inputs of the case's graph."""
    given = {f"x{k}": v for k, v in enumerate(case.values(seed))}
    rng = np.random.default_rng(seed + 7)
    for node in graph.inputs:
        if node.name not in given:
            shape = static_shape(node.shape, case.dims)
            given[node.name] = rng.uniform(0.5, 1.5, shape)
    return {i.name: np.asarray(given[i.name]).astype(i.dtype.numpy) for i in graph.inputs}


# Elementwise functions stand in tests/ops/references, a family a file.
REFERENCES = gathered("REFERENCES")
DOMAINS = gathered("DOMAINS")
VARIANTS = gathered("VARIANTS")
WHOLE = gathered("WHOLE")
CUT = {"stop_gradient"}
"""Functions whose gradient is zero by definition."""


def elementwise_ops():
    """Return (op, attributes) of all elementwise ops that have values beside their dtype."""
    modules = [importlib.import_module(f"graphdl.ops.{m.name}")
               for m in pkgutil.iter_modules(graphdl.ops.__path__)]  # fmt: skip
    found = {v.name: v for m in modules for v in vars(m).values() if isinstance(v, ElementwiseOp)}
    for name, op in found.items():
        if name != "cast":  # has no value of its own
            for attrs in VARIANTS.get(name, [{}]):
                yield op, tuple({**op.defaults, **attrs}.items())


_SHAPES = {
    "plain": [(2, 3)] * 3,
    "broadcast": [(2, 1), (3,), (1, 1, 3)],
    "scalar": [(), (2,), ()],
    "empty": [(0, 3), (3,), (1,)],
    "ones": [(1, 1), (1,), ()],
    "symbolic": [("N", 2), (2,), ("N", 1)],
}


def elementwise_cases() -> list[Case]:
    """Derive the cases of all elementwise functions; those without a reference have none."""
    cases = []
    for name, op in FUNCTIONS.items():
        if not isinstance(op, ElementwiseOp) or name not in REFERENCES:
            continue
        low, high = DOMAINS.get(name, (-2.0, 2.0))
        sort = {"bool": "bool", "integer": "int32"}.get(op.accepts, "float")
        sorts = [sort] * len(op.input_names)
        if op.accepts == "select":
            sorts[0] = "bool"
        for attrs in VARIANTS.get(name, [{}]):
            extra = "".join(f" {k}={v}" for k, v in attrs.items())
            for label, shapes in _SHAPES.items():
                inputs = tuple(
                    Array(shape, sort, low, high)
                    for sort, shape in zip(sorts, shapes, strict=False)
                )
                cases.append(Case(
                    name, label + extra, lambda *x, op=op, attrs=attrs: op(*x, **attrs), inputs,
                    lambda *x, name=name, attrs=attrs: REFERENCES[name](*x, **attrs),
                    cut=name in CUT,
                ))  # fmt: skip
    return cases
