"""Backends agree: random graphs in the interpreter, in NumPy and in C, at several levels.

A batch is one module: lowered once, printed as NumPy and as C, opened, and called at two sizes of
each graph's dims with scratch full of NaN. Batches take turns at what is too dear all at once: C at
-O0, -O2 or -O3, optimised or not.
"""

from __future__ import annotations

import os
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from graphdl.codegen.numpy.executable import NumpyExecutable
from graphdl.codegen.toolchain.compiler import has_compiler
from graphdl.ir.graph import Graph
from graphdl.verification.random_graphs import Case, random_case, shrink
from tests.codegen.agreement import (
    Build,
    Executable,
    disagreements,
    lowered,
    maxima_of,
    opened,
)
from tests.codegen.reference import references
from torture.scratch import scratch
from torture.trial import Trial

BATCH = 50
_SIZES = 2
"""Sizes of the dims at which a graph is called."""
_TRIES = {"numpy": 3000, "c": 200}
"""Graphs that a failure may be shrunk by; each takes a run of the compiler in C."""

BUILDS = tuple(
    Build(
        f"{level} {'optimised' if optimise else 'unoptimised'}", optimise=optimise, flags=(level,)
    )
    for level in ("-O0", "-O2", "-O3")
    for optimise in (True, False)
)
"""The ways to C, in turn; NumPy runs the same programs."""

Open = Callable[[Sequence[Graph], dict[str, int]], Executable]


def run(units: range) -> list[str]:
    """Try the graphs of some seeds, a module at a time."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        batches = [range(k, min(k + BATCH, units.stop)) for k in units[::BATCH]]
        return [line for batch in batches for line in _batch(batch)]


def _batch(seeds: range) -> list[str]:
    build = BUILDS[seeds.start // BATCH % len(BUILDS)]
    cases = [random_case(seed) for seed in seeds]
    with compile_cache():
        try:
            module = lowered([c.graph for c in cases], maxima_of(cases), build)
            ways: dict[str, Executable] = {"numpy": NumpyExecutable(module)}
            ways["c"] = opened(module, build)
        except Exception:
            alone = [line for seed in seeds for t in _TRIES for line in _finding(seed, t, build)]
            return alone or [f"seeds {seeds}, {build.name}: {traceback.format_exc(limit=-3)}"]
        bad = [
            (seed, target)
            for seed, case in zip(seeds, cases, strict=True)
            for target in _differing(ways, case, seed)
        ]
        return [
            line
            for seed, target in bad
            for line in _finding(seed, target, build)
            or [f"seed {seed}, {target} {build.name}: fails only beside its neighbours"]
        ]


def _differing(ways: dict[str, Executable], case: Case, seed: int) -> Iterator[str]:
    found = references(case, seed, _SIZES)
    for target, executable in ways.items():
        try:
            wrong = disagreements(executable, case, found)
        except Exception:
            wrong = [traceback.format_exc(limit=-1)]
        if wrong:
            yield target


def _finding(seed: int, target: str, build: Build) -> list[str]:
    """Try a graph on its own; if it fails, return a description of the smallest part that does."""

    def wrong(case: Case) -> list[str]:
        try:
            module = lowered([case.graph], maxima_of([case]), build)
            way = NumpyExecutable(module) if target == "numpy" else opened(module, build)
            return disagreements(way, case, references(case, seed, _SIZES))
        except Exception:
            return [traceback.format_exc(limit=-3)]

    case = random_case(seed)
    first = wrong(case)
    if not first:
        return []
    kind = first[0].startswith("Traceback")

    def fails(graph: Graph) -> bool:
        found = wrong(Case(graph))
        return bool(found) and found[0].startswith("Traceback") == kind

    shown = case.graph
    if fails(shown):
        shown = shrink(shown, fails, tries=_TRIES[target])
    return [f"seed {seed}, {target} {build.name}: {first[0]}\n{shown}"]


@contextmanager
def compile_cache() -> Iterator[None]:
    """Compile into a folder that is gone afterwards: nobody will ask for these libraries again."""
    kept = os.environ.get("GRAPHDL_CACHE_DIR")
    with scratch() as folder:
        os.environ["GRAPHDL_CACHE_DIR"] = str(folder)
        try:
            yield
        finally:
            os.environ.pop("GRAPHDL_CACHE_DIR")
            if kept is not None:
                os.environ["GRAPHDL_CACHE_DIR"] = kept


def missing() -> str | None:
    """Return why this cannot be tried."""
    return None if has_compiler() else "no C compiler is found"


TRIAL = Trial(
    name="backends",
    promise="Interpreter, NumPy and C agree, optimised or not, forward and gradient",
    unit="graphs",
    count=100_000,
    batch=BATCH,
    run=run,
    missing=missing,
)
