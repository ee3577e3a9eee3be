"""Builds graphs in many ways and says where a build disagrees with the interpreter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any
from unittest import mock

import numpy as np

import graphdl as gd
from graphdl.codegen.c import executable, gemm_model, gemm_packed, gemm_print, loops
from graphdl.codegen.c.executable import CExecutable
from graphdl.codegen.lower.lower import Module, lower
from graphdl.codegen.toolchain.cache import load
from graphdl.ir.dtypes import float32
from graphdl.ir.graph import Graph
from graphdl.ir.interpreter import interpret_step
from graphdl.passes.expand import expand
from graphdl.passes.pipeline import run
from tests.codegen.random_builder import Case


@dataclass(frozen=True)
class Build:
    """One way from a graph to a library.

    ``eager`` takes every chance for threads, chunks and panels, whatever the sizes.
    """

    name: str
    threads: int = 1
    fuse: bool = True
    optimise: bool = True
    eager: bool = False
    defines: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()


BUILDS = {
    b.name: b
    for b in (
        Build("plain"),
        Build("team", threads=2, eager=True),
        Build("unfused", fuse=False),
        Build("unoptimised", optimise=False),
        Build("portable", defines=("GRAPHDL_PORTABLE",)),
        Build("bytes32", defines=("GRAPHDL_VECTOR_BYTES=32",)),
        Build("bytes16", defines=("GRAPHDL_VECTOR_BYTES=16",)),
    )
}


@contextmanager
def _eager(wanted: bool) -> Iterator[None]:
    with ExitStack() as stack:
        if wanted:
            stack.enter_context(mock.patch.object(loops, "PARALLEL_CYCLES", 1))
            stack.enter_context(mock.patch.object(loops, "CHUNKED_STEPS", 40))
            stack.enter_context(mock.patch.object(loops, "WIDE", 1))
            for module, name, value in (
                (gemm_packed, "PARALLEL_FLOPS", 1),
                (gemm_print, "PARALLEL_FLOPS", 1),
                (gemm_model, "SMALL_BYTES", 0),
                (gemm_model, "NEAR_ROW_BYTES", 0),
            ):
                if hasattr(module, name):
                    stack.enter_context(mock.patch.object(module, name, value))
        yield


def lowered(graphs: Sequence[gd.Graph], maxima: Mapping[str, int], build: Build) -> Module:
    """Return the graphs as programs of one module."""
    module = Module("fuzz", dict(maxima))
    for graph in graphs:
        ready = run(graph) if build.optimise else expand(graph)
        lower(ready, module, fuse=build.fuse)
    return module


def compiled(graphs: Sequence[gd.Graph], maxima: Mapping[str, int], build: Build) -> CExecutable:
    """Compile graphs into one C file, the way the build says."""
    with _eager(build.eager):
        module = lowered(graphs, maxima, build)
        loader = partial(load, extra_flags=(*(f"-D{d}" for d in build.defines), *build.flags))
        with mock.patch.object(executable, "load", loader):
            return CExecutable(module, build.threads, "native")


def poison(executable: CExecutable) -> None:
    """Fill everything behind the state with NaN (and with -1 for integers)."""
    memory = np.frombuffer(executable.memory, np.uint8, executable.emitted.context_bytes)
    used = executable.emitted.state_offsets
    end = max(
        (used[k] + b.dtype.itemsize * int(b.size) for k, b in executable.module.state.items()),
        default=0,
    )
    memory[end:] = 255


@dataclass(frozen=True)
class Reference:
    """What the interpreter says, in single and in double precision."""

    env: Mapping[str, int]
    inputs: Mapping[str, np.ndarray]
    state: Mapping[str, np.ndarray]
    single: Mapping[str, np.ndarray]
    double: Mapping[str, np.ndarray]


def references(case: Case, seed: int) -> list[Reference]:
    """Evaluate a case at all its dims."""
    found = []
    for env in case.dims(seed):
        inputs, state = case.inputs(env, seed), case.state(seed)
        merged = []
        for double in (False, True):
            out, after = interpret_step(case.graph, inputs, state, dims=env, double=double)
            merged.append({**out, **{f"state {k}": v for k, v in after.items()}})
        found.append(Reference(env, inputs, state, *merged))
    return found


def disagreements(executable: CExecutable, case: Case, found: Sequence[Reference]) -> list[str]:
    """Run a case's entry point and compare with the interpreter."""
    wrong = []
    unit = coarsest(case.graph)
    for reference in found:
        got = call(executable, case.graph, reference)
        for name, value in got.items():
            single, double = reference.single[name], reference.double[name]
            problem = difference(value, single, double, name in case.exact, unit)
            if problem:
                wrong.append(f"{case.graph.name} {name} at {dict(reference.env)}: {problem}")
    return wrong


def call(executable: CExecutable, graph: gd.Graph, reference: Reference) -> dict[str, np.ndarray]:
    """Call an entry point with poisoned scratch; return outputs and state."""
    poison(executable)
    kept = {
        k: v for k, v in reference.state.items() if k in executable.state
    }  # else simplified away
    for name, value in kept.items():
        executable.state[name][...] = value
    got: dict[str, Any] = dict(executable.entries[graph.name](**reference.inputs))
    after = {f"state {k}": executable.state[k].copy() for k in kept}
    return {**{k: np.asarray(v) for k, v in got.items()}, **after}


def coarsest(graph: Graph) -> float:
    """Return the unit roundoff of the narrowest floats on the way to a graph's results."""
    narrow = any(n.dtype is float32 for n in graph.nodes)
    return float(np.finfo(np.float32 if narrow else np.float64).eps)


def difference(
    value: np.ndarray, single: np.ndarray, double: np.ndarray, exact: bool, unit: float
) -> str | None:
    """Say what is wrong with a result, if anything.

    Rounding may do to it what it did to the interpreter's own single-precision result, and a
    little of the largest element, or of 1/100: numbers of about 1 may have cancelled.
    """
    if value.shape != single.shape or value.dtype != single.dtype:
        return f"{value.dtype}{value.shape} instead of {single.dtype}{single.shape}"
    if exact or value.dtype.kind != "f":
        return None if np.array_equal(value, single, equal_nan=True) else _shown(value, single)
    usual = np.isfinite(single) & np.isfinite(double)
    if not np.isfinite(value[usual]).all():
        return f"not finite: {_shown(value, single)}"
    if not usual.any():
        return None
    wanted, got = double[usual].astype(np.float64), value[usual].astype(np.float64)
    scale = max(float(np.abs(wanted).max()), 1e-2)
    spread = float(np.abs(single[usual].astype(np.float64) - wanted).max())
    worst = float(np.abs(got - wanted).max())
    if worst > 256 * unit * scale + 16 * spread:
        return f"off by {worst:.3g} of {scale:.3g}: {_shown(value, single)}"
    return None


def _shown(value: np.ndarray, wanted: np.ndarray) -> str:
    places = np.flatnonzero(~((value == wanted) | ((value != value) & (wanted != wanted))).ravel())
    first = places[:4]
    return f"{value.ravel()[first]} instead of {wanted.ravel()[first]} at {first} ({len(places)})"


def check_builds(
    graph: gd.Graph,
    builds: Sequence[str] = ("plain", "portable"),
    *,
    dims: Mapping[str, int] | None = None,
    exact: bool = True,
    inputs: Mapping[str, np.ndarray],
    state: Mapping[str, np.ndarray] | None = None,
) -> None:
    """Assert that these builds of one graph agree with the interpreter on these arrays."""
    merged = []
    for double in (False, True):
        out, after = interpret_step(graph, inputs, state, double=double)
        merged.append({**out, **{f"state {k}": v for k, v in after.items()}})
    env: dict[str, int] = {}
    reference = Reference(env, inputs, state or {}, *merged)
    wrong = []
    for name in builds:
        module = compiled([graph], dims or {}, BUILDS[name])
        for key, value in call(module, graph, reference).items():
            problem = difference(value, merged[0][key], merged[1][key], exact, coarsest(graph))
            wrong += [f"{name} {key}: {problem}"] if problem else []
    assert not wrong, "\n".join(wrong)
