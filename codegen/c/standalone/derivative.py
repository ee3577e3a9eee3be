"""A second module that lets plain C test the gradient: both products of an entry's Jacobian."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from graphdl.codegen.c.standalone.golden import BUDGET, inputs_at
from graphdl.codegen.c.standalone.pseudorandom import Draw, seed_of
from graphdl.codegen.lower.lower import Module, lower
from graphdl.codegen.program import Buffer, Program
from graphdl.ir.dims import evaluate
from graphdl.ir.errors import GraphdlError
from graphdl.ir.graph import Graph
from graphdl.ir.interpreter import interpret
from graphdl.ir.leaves import PARAM, input
from graphdl.ir.node import Node, topological
from graphdl.passes.derivative import GradientWarning, reverse
from graphdl.passes.pipeline import run

ATTEMPTS = 6
"""Directions that are tried until none of the kinks of the network lies on the way."""

STEPS = (2e-5, 1e-5)
"""Steps of the central differences; where both agree, the function is smooth there."""


@dataclass(frozen=True)
class DerivativeCheck:
    """An entry point ``u, v → J·v, Jᵀ·u`` beside the entry point whose Jacobian that is.

    Attributes
    ----------
    program : Program
        Lowered; its inputs are those of the entry point, then tangents, then cotangents; its
        outputs are ``J·v``, then ``Jᵀ·u``.
    tangents, cotangents : int
        How many of each.
    dims : tuple of int
        Values of the dims.
    inputs : tuple of Draw
        What is passed.
    slope : float or None
        ``⟨u, J·v⟩`` by central differences in double precision, which know no chain rule.
    tolerance : float
        How far these differences may be off.
    """

    program: Program
    tangents: int
    cotangents: int
    dims: tuple[int, ...]
    inputs: tuple[Draw, ...]
    slope: float | None
    tolerance: float


@dataclass(frozen=True)
class _Products:
    """The graph of both products and the nodes that it is about."""

    graph: Graph
    outputs: Sequence[Node]
    variables: Sequence[Node]


def derivative_checks(
    module: Module,
    graphs: Sequence[Graph],
    state: Mapping[str, np.ndarray],
    operations: Mapping[str, int],
) -> tuple[Module, dict[str, DerivativeCheck]]:
    """Return a module of Jacobian products, an entry a graph that has any, and how to test it."""
    ending = "check"
    while any(f"{p.name}_".startswith(f"{ending}_") for p in module.programs):
        ending += "s"
    second = Module(f"{module.name}_{ending}", dict(module.maxima))
    checks = {}
    for graph, program in zip(graphs, module.programs, strict=True):
        products = _products(graph)
        if products is not None:
            lowered = lower(run(products.graph), second)
            budget = operations[program.name]
            checks[program.name] = _check(products, program, lowered, module, state, budget)
    return second, checks


def _products(graph: Graph) -> _Products | None:
    outputs = [n for n in graph.outputs.values() if n.dtype.is_float]
    reached = set(topological(outputs))
    leaves = [n for n in graph.state if n.op is PARAM] + list(graph.inputs)
    variables = [n for n in leaves if n in reached and n.dtype.is_float]
    if not outputs or not variables:
        return None
    names = {n.name for n in (*graph.inputs, *graph.state)}
    tangents = [_twin(n, f"tangent {k}", names) for k, n in enumerate(variables)]
    cotangents = [_twin(n, f"cotangent {k}", names) for k, n in enumerate(outputs)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", GradientWarning)  # zeros are right where nothing flows
        pulled = reverse(outputs, cotangents, variables)
        if not set(cotangents) & set(topological(pulled)):
            return None
        pushed = reverse(pulled, tangents, cotangents)
    named = {f"pushed {k}": n for k, n in enumerate(pushed)}
    named |= {f"pulled {k}": n for k, n in enumerate(pulled)}
    inputs = [*graph.inputs, *tangents, *cotangents]
    return _Products(Graph(named, name=graph.name, inputs=inputs), outputs, variables)


def _twin(node: Node, wish: str, taken: set[str]) -> Node:
    """Return an input like a node, of a name that no leaf has."""
    while wish in taken:
        wish += "'"
    return input(wish, node.shape, node.dtype)


def _check(
    products: _Products,
    program: Program,
    lowered: Program,
    module: Module,
    state: Mapping[str, np.ndarray],
    operations: int,
) -> DerivativeCheck:
    values = tuple(min(module.maxima[d], 3 + k) for k, d in enumerate(program.dims))
    env = dict(zip(program.dims, values, strict=True))
    own = inputs_at(program, env)
    extra = lowered.inputs[len(own) :]
    slope, tolerance, shift = None, 0.0, 0
    if operations <= BUDGET:
        for attempt in range(ATTEMPTS):
            shift = seed_of("direction", attempt)
            draws = [d.shifted(shift) for d in own + _directions(extra, env)]
            slope, tolerance = _slope(products, draws, lowered, state, env)
            if slope is not None:
                break
    inputs = tuple(d.shifted(shift) for d in own + _directions(extra, env))
    return DerivativeCheck(
        lowered, len(products.variables), len(products.outputs), values, inputs, slope, tolerance
    )


def _directions(buffers: Sequence[Buffer], env: Mapping[str, int]) -> tuple[Draw, ...]:
    found = []
    for buffer in buffers:
        count = evaluate(buffer.size, env)
        found.append(Draw(buffer.dtype, count, seed_of("direction", buffer.label), -1.0, 2.0))
    return tuple(found)


def _slope(
    products: _Products,
    draws: Sequence[Draw],
    lowered: Program,
    state: Mapping[str, np.ndarray],
    env: Mapping[str, int],
) -> tuple[float | None, float]:
    """Return the derivative along the tangents, weighted by the cotangents, and its error."""
    given = {
        b.label: d.array().reshape([evaluate(s, env) for s in b.shape]).astype(np.float64)
        if b.dtype.is_float
        else d.array().reshape([evaluate(s, env) for s in b.shape])
        for b, d in zip(lowered.inputs, draws, strict=True)
    }
    variables, outputs = products.variables, products.outputs
    ends = list(given.values())[len(given) - len(variables) - len(outputs) :]
    tangents, cotangents = ends[: len(variables)], ends[len(variables) :]
    plain = Graph(dict(zip(map(str, range(len(outputs))), outputs, strict=True)))
    leaves = {n.name for n in plain.inputs}

    def weighted(step: float) -> float:
        point = {k: v for k, v in given.items() if k in leaves}
        values = {s.name: state[s.name].astype(np.float64) for s in plain.state}
        for node, tangent in zip(variables, tangents, strict=True):
            target = values if node.name in values else point
            target[node.name] = target[node.name] + step * tangent
        found = interpret(plain, point, values, double=True, dims=env)
        return float(sum(np.sum(u * o) for u, o in zip(cotangents, found.values(), strict=True)))

    try:
        slopes = [(weighted(h) - weighted(-h)) / (2 * h) for h in STEPS]
    except (GraphdlError, ArithmeticError, ValueError, IndexError):
        return None, 0.0
    error = abs(slopes[0] - slopes[1])
    if not np.isfinite(slopes).all() or error > 1e-6 * max(abs(slopes[1]), 1e-2):
        return None, 0.0
    return slopes[1], 4 * error + 1e-9 * abs(slopes[1])
