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
from graphdl.codegen.c import executable, gemm_model, gemm_print, loops
from graphdl.codegen.c.executable import CExecutable
from graphdl.codegen.lower.lower import Module, lower
from graphdl.codegen.numpy.executable import NumpyExecutable
from graphdl.codegen.toolchain.cache import load
from graphdl.passes.expand import expand
from graphdl.passes.pipeline import run
from graphdl.verification.random_graphs import Case, random_case
from tests.codegen.reference import Reference, difference, references

Executable = CExecutable | NumpyExecutable


@dataclass(frozen=True)
class Build:
    """One way from a graph to something that can be called.

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
                (gemm_print, "PARALLEL_FLOPS", 1),
                (gemm_model, "SMALL_BYTES", 0),
                (gemm_model, "NEAR_ROW_BYTES", 0),
            ):
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
        return opened(lowered(graphs, maxima, build), build)


def opened(module: Module, build: Build) -> CExecutable:
    """Compile a module as C with the flags of a build."""
    loader = partial(load, extra_flags=(*(f"-D{d}" for d in build.defines), *build.flags))
    with mock.patch.object(executable, "load", loader):
        return CExecutable(module, build.threads, "native")


def maxima_of(cases: Sequence[Case]) -> dict[str, int]:
    """Return maxima that suffice for all cases of a module."""
    found: dict[str, int] = {}
    for case in cases:
        for dim in case.graph.dims:
            found[dim] = max(found.get(dim, 0), case.most(dim))
    return found


def poison(executable: Executable) -> None:
    """Fill scratch with NaN (and with -1 for integers); in C all that lies behind the state."""
    if isinstance(executable, NumpyExecutable):
        executable._memory[:] = 255
        return
    memory = np.frombuffer(executable.memory, np.uint8, executable.emitted.context_bytes)
    used = executable.emitted.state_offsets
    end = max(
        (used[k] + b.dtype.itemsize * int(b.size) for k, b in executable.module.state.items()),
        default=0,
    )
    memory[end:] = 255


def disagreements(executable: Executable, case: Case, found: Sequence[Reference]) -> list[str]:
    """Run a case's entry point and compare with the interpreter."""
    wrong = []
    for reference in found:
        for name, value in call(executable, case.graph, reference).items():
            problem = difference(value, reference, name, exact=name in case.exact)
            if problem:
                wrong.append(f"{case.graph.name} {name} at {dict(reference.env)}: {problem}")
    return wrong


def call(executable: Executable, graph: gd.Graph, reference: Reference) -> dict[str, np.ndarray]:
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


def check(seeds: Sequence[int], builds: Sequence[Build]) -> list[str]:
    """Build random graphs as one module, each way, and return what is wrong."""
    cases = [random_case(seed) for seed in seeds]
    found = [references(case, seed) for case, seed in zip(cases, seeds, strict=True)]
    wrong: list[str] = []
    for build in builds:
        module = compiled([case.graph for case in cases], maxima_of(cases), build)
        for case, group in zip(cases, found, strict=True):
            wrong += [f"{build.name}: {w}" for w in disagreements(module, case, group)]
    return wrong


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
    reference = Reference(graph, {}, inputs, state or {})
    wrong = []
    for name in builds:
        module = compiled([graph], dims or {}, BUILDS[name])
        for key, value in call(module, graph, reference).items():
            problem = difference(value, reference, key, exact=exact)
            wrong += [f"{name} {key}: {problem}"] if problem else []
    assert not wrong, "\n".join(wrong)
