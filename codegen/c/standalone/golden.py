"""Goldens of emitted modules: what the float64 interpreter gives, and how far floats may be off.

A tolerance is no guess: the interpreter also runs on leaves that are off by their own rounding,
and in the module's own precision. How far that moves an element says how much of it rounding may
change. So elements that are ill-conditioned (the first step of Adam divides a gradient by its own
size) are told from those that are wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from graphdl.codegen.c.standalone.pseudorandom import Draw, of_input, seed_of, signs
from graphdl.codegen.program import Program
from graphdl.ir.dims import evaluate
from graphdl.ir.dtypes import DType
from graphdl.ir.errors import GraphdlError
from graphdl.ir.graph import Graph
from graphdl.ir.interpreter import interpret_step

SAMPLES = 24
"""Elements of a tensor that are compared one by one; a signed sum stands for all of them."""

BUDGET = 2_000_000_000
"""Operations that the evaluation of one case may take; beyond, the case is left out."""

FLOOR = 32
"""Roundings of the tensor's largest element that are always granted."""


@dataclass(frozen=True)
class Golden:
    """What a tensor must hold.

    Attributes
    ----------
    label : str
        The user's name of it.
    dtype : DType
        Of the elements.
    count : int
        Number of elements.
    places : tuple of int
        Elements that are compared.
    values : tuple of float
        What they must be.
    tolerance : float
        How far they may be off.
    total, total_tolerance : float
        The sum of all elements with pseudo-random signs; a negative tolerance: not compared.
    """

    label: str
    dtype: DType
    count: int
    places: tuple[int, ...]
    values: tuple[float, ...]
    tolerance: float
    total: float
    total_tolerance: float


@dataclass(frozen=True)
class Case:
    """One call with pseudo-random inputs.

    Attributes
    ----------
    dims : tuple of int
        Values of the dims.
    inputs : tuple of Draw
        What is passed.
    outputs : tuple of Golden
        What comes back.
    state : mapping of str to Golden
        New values of the state that the call updates.
    """

    dims: tuple[int, ...]
    inputs: tuple[Draw, ...]
    outputs: tuple[Golden, ...]
    state: Mapping[str, Golden]


def dim_values(program: Program, maxima: Mapping[str, int]) -> list[tuple[int, ...]]:
    """Return the values that dims are tested with: 0, 1, something in between, and the maximum."""
    tops = [maxima[d] for d in program.dims]
    levels = [[min(k, top) for top in tops] for k in (0, 1)]
    levels += [[min(top, top // 2 + 1 + k) for k, top in enumerate(tops)], tops]
    return list(dict.fromkeys(tuple(level) for level in levels))


def inputs_at(program: Program, env: Mapping[str, int]) -> tuple[Draw, ...]:
    """Return the inputs of a call; indices that are checked are in range."""
    draws = []
    for buffer in program.inputs:
        sizes = [evaluate(c.size, env) for c in program.checks if c.buffer is buffer]
        count = evaluate(buffer.size, env)
        scalar = not buffer.shape
        limit = min(sizes) if sizes else None
        draws.append(of_input(buffer.label, buffer.dtype, count, scalar, limit))
    return tuple(draws)


def case(
    graph: Graph,
    program: Program,
    values: tuple[int, ...],
    state: Mapping[str, np.ndarray],
    operations: int,
) -> Case | None:
    """Return a case, or None where the graph has no value for these dims.

    Parameters
    ----------
    graph : Graph
        The entry point as it was built.
    program : Program
        The same, lowered.
    values : tuple of int
        Values of its dims.
    state : mapping of str to ndarray
        State before the call.
    operations : int
        What one evaluation costs.
    """
    env = dict(zip(program.dims, values, strict=True))
    if operations > BUDGET:
        return None
    try:
        draws = inputs_at(program, env)
        shapes = [tuple(evaluate(s, env) for s in b.shape) for b in program.inputs]
        arrays = {
            b.label: d.array().reshape(shape)
            for b, d, shape in zip(program.inputs, draws, shapes, strict=True)
        }
        exact, others = _evaluations(graph, arrays, state, env)
    except (ArithmeticError, GraphdlError, ValueError, IndexError):
        return None  # for example the maximum of nothing
    updated = {s.name: s.dtype for s in graph.updates}
    dtypes = {k: n.dtype for k, n in graph.outputs.items()}
    outputs, after = (
        {k: _golden(k, t, exact[at][k], [o[at][k] for o in others]) for k, t in kinds.items()}
        for at, kinds in ((0, dtypes), (1, updated))
    )
    return Case(values, draws, tuple(outputs[b.label] for b in program.outputs), after)


Evaluation = tuple[dict[str, np.ndarray], dict[str, np.ndarray]]


def _evaluations(
    graph: Graph,
    inputs: Mapping[str, np.ndarray],
    state: Mapping[str, np.ndarray],
    env: Mapping[str, int],
) -> tuple[Evaluation, list[Evaluation]]:
    """Return outputs and new state: exactly, and as rounding may change them."""
    known = {s.name: state[s.name] for s in graph.state}
    exact = interpret_step(graph, inputs, known, double=True, dims=env)
    others = [interpret_step(graph, inputs, known, dims=env)]
    for number in range(3):
        moved = [
            {k: _moved(v, seed_of("noise", number, k)) for k, v in arrays.items()}
            for arrays in (inputs, known)
        ]
        others.append(interpret_step(graph, *moved, double=True, dims=env))
    return exact, others


def _moved(array: np.ndarray, seed: int) -> np.ndarray:
    """Return floats in double precision, off by up to two roundings of their own precision."""
    if array.dtype.kind != "f":
        return array
    noise = np.random.default_rng(seed).uniform(-1.0, 1.0, array.shape)
    return array.astype(np.float64) * (1.0 + 2.0 * float(np.finfo(array.dtype).eps) * noise)


def _golden(label: str, dtype: DType, exact: np.ndarray, others: list[np.ndarray]) -> Golden:
    want = exact.ravel().astype(np.float64)
    with np.errstate(all="ignore"):
        moves = [np.abs(o.ravel().astype(np.float64) - want) for o in others]
    change = np.max([np.where(np.isnan(m), 0.0, m) for m in moves], axis=0) if moves else want * 0
    finite = np.isfinite(want)
    largest = float(np.max(np.abs(want[finite]), initial=0.0))
    eps = float(np.finfo(dtype.numpy).eps) if dtype.is_float else 0.0
    floor = FLOOR * eps * largest
    allowed = floor + (4.0 * change if dtype.is_float else np.where(change > 0, np.inf, 0.0))
    sound = np.flatnonzero(change <= 16 * floor)
    places = _spread(sound if sound.size else np.flatnonzero(np.isfinite(allowed)))
    tolerance = float(np.max(allowed[places], initial=floor))
    flips = not dtype.is_float and bool(np.any(change > 0))
    if bool(np.all(finite)) and not flips:
        total = float(np.sum(signs(want.size) * want))
        total_tolerance = 4.0 * float(np.sqrt(np.sum(allowed * allowed)))
    else:
        total, total_tolerance = 0.0, -1.0
    values = tuple(float(want[p]) for p in places)
    return Golden(label, dtype, want.size, tuple(places), values, tolerance, total, total_tolerance)


def _spread(candidates: np.ndarray) -> list[int]:
    """Return some of the candidates, first and last among them."""
    if candidates.size <= SAMPLES:
        return [int(c) for c in candidates]
    chosen = np.linspace(0, candidates.size - 1, SAMPLES).round().astype(int)
    return [int(candidates[c]) for c in chosen]
