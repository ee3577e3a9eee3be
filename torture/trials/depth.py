"""Depth and width do no harm: twice as many nodes take about twice as long, at every stage."""

from __future__ import annotations

import math
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

import graphdl as gd
from graphdl.codegen.c.module import emit as emit_c
from graphdl.codegen.lower.lower import Module, lower
from graphdl.codegen.numpy.module import emit as emit_numpy
from graphdl.ir.node import Node
from graphdl.ir.text import parse
from graphdl.passes.derivative import GradientWarning
from graphdl.passes.pipeline import run as optimise
from torture.trial import Trial

_RATIO = 3.0
_ATTEMPTS = 3
_SHORT = 0.05  # seconds below which a ratio says nothing


@dataclass(frozen=True)
class Network:
    """A large network: what it computes, and from what."""

    value: Node
    wrt: list[Node]

    def graph(self) -> gd.Graph:
        """Return the forward graph."""
        return gd.Graph({"value": self.value}, name="forward")

    def loss(self) -> Node:
        """Return a scalar."""
        total: Node = gd.sum(self.value)
        return total


def chain(size: int) -> Network:
    """Return as many functions of each other."""
    x = gd.input("x", (3,))
    value = x
    for k in range(size):
        value = gd.tanh(value) if k % 2 else gd.sin(value)
    return Network(value, [x])


def terms(size: int) -> Network:
    """Return a sum of as many terms."""
    x = gd.input("x", (3,))
    value = x
    for k in range(size // 2):  # a product and a sum are two nodes
        value = value + x * (1.0 / (k + 2))
    return Network(value, [x])


def shared(size: int) -> Network:
    """Return a value that is reached over 2 to the power of that many paths."""
    x = gd.input("x", (3,))
    value = x
    for _ in range(size):
        value = value + gd.sin(value)
    return Network(value, [x])


def doubled(size: int) -> Network:
    """Return 2**size times x, by additions."""
    x = gd.input("x", (3,))
    value = x
    for _ in range(size):
        value = value + value
    return Network(value, [x])


def wide(size: int) -> Network:
    """Return a mean of functions of as many parameters."""
    params = [gd.param(f"p{k}", (3,)) for k in range(size // 3)]
    value = gd.constant(np.zeros(3, np.float32))
    for p in params:
        value = value + gd.tanh(p)
    return Network(value, params)


def reduced(size: int) -> Network:
    """Return a chain of reductions and broadcasts, each of which ends a kernel."""
    x = gd.input("x", (3,))
    value = x
    for _ in range(size // 3):
        value = value - gd.mean(value)
    return Network(value, [x])


def _build(network: Network) -> Callable[[], object]:
    return network.graph


def _grad(network: Network) -> Callable[[], object]:
    loss = network.loss()
    return lambda: gd.grad(loss, network.wrt)


def _second(network: Network) -> Callable[[], object]:
    first = gd.sum(gd.grad(network.loss(), network.wrt)[0])

    def second() -> object:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", GradientWarning)  # that of a sum is zero
            return gd.grad(first, network.wrt)

    return second


def _backward(network: Network) -> gd.Graph:
    grads = gd.grad(network.loss(), network.wrt)
    return gd.Graph({f"g{i}": g for i, g in enumerate(grads)}, name="backward")


def _passes(network: Network) -> Callable[[], object]:
    graph = _backward(network)
    return lambda: optimise(graph)


def _text(network: Network) -> Callable[[], object]:
    graph = network.graph()
    return lambda: parse(str(graph))


def _interpret(network: Network) -> Callable[[], object]:
    graph = network.graph()
    inputs = {node.name: np.ones(3, np.float32) for node in graph.inputs}
    return lambda: gd.interpret(graph, inputs)


def _lowered(graph: gd.Graph) -> Module:
    module = Module("deep", {})
    lower(optimise(graph), module)
    return module


def _c(network: Network) -> Callable[[], object]:
    graph = network.graph()
    return lambda: emit_c(_lowered(graph))


def _numpy(network: Network) -> Callable[[], object]:
    graph = network.graph()
    return lambda: emit_numpy("deep", _lowered(graph).programs, {})


def _draw(network: Network) -> Callable[[], object]:
    graph = network.graph()
    return lambda: gd.draw(graph).dot


def _explain(network: Network) -> Callable[[], object]:
    graph = gd.backward_graph(network.loss(), network.wrt)
    return lambda: str(gd.explain(graph))


Stage = Callable[[Network], Callable[[], object]]
Shape = Callable[[int], Network]
STAGES: dict[str, Stage] = {
    "build": _build,
    "grad": _grad,
    "second": _second,
    "passes": _passes,
    "text": _text,
    "interpret": _interpret,
    "c": _c,
    "numpy": _numpy,
    "draw": _draw,
    "explain": _explain,
}
SIZES: dict[Shape, int] = {
    chain: 100_000,
    terms: 200_000,
    shared: 60,
    doubled: 60,
    wide: 60_000,
    reduced: 30_000,
}
_SMALLER = {"second": 10, "passes": 2, "c": 10, "numpy": 10, "draw": 20, "explain": 20}
CASES = tuple((shape, stage) for shape in SIZES for stage in STAGES)


def seconds(shape: Shape, stage: str, size: int) -> float:
    """Return the processor's seconds that a stage takes, without those to build the network."""
    work = STAGES[stage](shape(size))
    started = time.process_time()
    work()
    return time.process_time() - started


def wrong(shape: Shape, stage: str, size: int) -> str | None:
    """Return what is wrong about how a stage takes networks of a size and of half of it."""
    best = [math.inf, math.inf]
    for _ in range(_ATTEMPTS):
        for k, n in enumerate((size // 2, size)):
            best[k] = min(best[k], seconds(shape, stage, n))
        if best[1] < max(_RATIO * best[0], _SHORT):
            return None
    return f"{best[1]:.2f} s for {size}, {best[0]:.2f} s for half of it"


def run(units: range) -> list[str]:
    """Take networks through stages; nobody may have raised the recursion limit."""
    found = []
    for unit in units:
        shape, stage = CASES[unit]
        size = SIZES[shape]
        if size > 1000:
            size //= _SMALLER.get(stage, 1)
        limit = sys.getrecursionlimit()
        try:
            problem = wrong(shape, stage, size)
        except RecursionError as error:
            problem = f"RecursionError: {error}"
        if sys.getrecursionlimit() != limit:
            problem = "the recursion limit was changed"
        if problem:
            found.append(f"unit {unit}, {shape.__name__}, {stage}: {problem}")
    return found


TRIAL = Trial(
    name="depth",
    promise="Time is linear in the number of nodes, within the default recursion limit",
    unit="stages of networks",
    count=len(CASES),
    batch=1,
    run=run,
)
