"""Emitted C under the compilers' sanitizers: random graphs, and the models of the examples.

Every module is compiled as strict C99 with all warnings as errors, and run on arrays of exactly the
size they need, with scratch full of NaN. AddressSanitizer and UndefinedBehaviorSanitizer run with
vectors and without; MemorySanitizer (Clang) sees every read of what nobody wrote, of scratch too;
ThreadSanitizer watches eight threads, each with a context of its own, in one module.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import numpy as np

import graphdl as gd
from graphdl.codegen.c.module import emit
from graphdl.codegen.c.standalone import c_folder
from graphdl.codegen.c.standalone.golden import dim_values, inputs_at
from graphdl.codegen.c.standalone.selftest import state_arrays, state_draws
from graphdl.codegen.lower.lower import Module
from graphdl.ir.interpreter import initial_value
from graphdl.verification.random_graphs import random_case
from tests.codegen.agreement import BUILDS, lowered, maxima_of
from tests.codegen.native import compile_c, write_calls, write_files
from tests.codegen.reference import Reference, references
from tests.codegen.standalone_models import OPTIMIZERS, digits
from torture.examples import example_graphs
from torture.scratch import scratch
from torture.trial import Trial

GRAPHS = 25
"""Random graphs to a module."""
MODULES = 100
STRICT = ("-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror")
SECONDS = 600


@dataclass(frozen=True)
class Way:
    """How a module is compiled and run."""

    name: str
    compiler: str
    flags: tuple[str, ...]
    threads: int = 1


_UNDEFINED = "-fsanitize=address,undefined,float-cast-overflow"
_STOP = ("-g", "-fno-sanitize-recover=all", "-O1")
_PLAIN = ("-DGRAPHDL_PORTABLE",)
_VECTORS = ("-march=native",)
WAYS = {
    "gcc": (
        Way("gcc, vectors", "gcc", (_UNDEFINED, *_VECTORS)),
        Way("gcc, portable", "gcc", (_UNDEFINED, *_PLAIN)),
        Way("gcc, threads", "gcc", ("-fsanitize=thread", *_VECTORS), threads=8),
    ),
    "clang": (
        # Clang takes minutes to optimise what its sanitizer makes of this
        Way("clang, vectors", "clang", (_UNDEFINED, *_VECTORS, "-O0")),
        Way("clang, portable", "clang", (_UNDEFINED, *_PLAIN, "-O0")),
        Way("clang, memory", "clang", ("-fsanitize=memory", *_VECTORS)),
        Way("clang, memory, portable", "clang", ("-fsanitize=memory", *_PLAIN)),
        Way("clang, threads", "clang", ("-fsanitize=thread", *_VECTORS), threads=8),
    ),
}


def findings(module: Module, found: Sequence[Sequence[Reference]], way: Way) -> list[str]:
    """Compile a module one way and make some calls; return what was said."""
    emitted = emit(module)
    with scratch() as folder:
        write_files(folder, module, emitted)
        write_calls(folder / "calls", module, emitted, found)
        flags = (*_STOP, *way.flags, "-DGRAPHDL_BINDING")
        of_module = compile_c(folder, *STRICT, *flags, "-c", output="fuzz.o", compiler=way.compiler)
        if of_module:
            return [f"{way.name}: {of_module[:2000]}"]
        of_main = compile_c(
            folder, "-std=gnu99", *flags, sources=("main.c", "fuzz.o"), compiler=way.compiler
        )
        if of_main:
            return [f"{way.name}: the harness does not compile: {of_main[:2000]}"]
        said = _outcome(["./out", str(way.threads), "calls"], folder)
        return [f"{way.name}: {said}"] if said else []


def _outcome(command: Sequence[str], folder: Path) -> str:
    """Run a program; return nothing if it ended well, else what it said."""
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, check=False, timeout=SECONDS
        )
    except subprocess.TimeoutExpired:
        return f"ran for more than {SECONDS} s"
    if done.returncode == 0 and not done.stderr:
        return ""
    return f"ended with {done.returncode}: {(done.stderr or done.stdout)[:2000]}"


def random_module(unit: int, way: Way) -> list[str]:
    """Try a module of random graphs."""
    cases = [random_case(seed) for seed in range(unit * GRAPHS, (unit + 1) * GRAPHS)]
    module = lowered([c.graph for c in cases], maxima_of(cases), BUILDS["plain"])
    return findings(module, [references(case, unit) for case in cases], way)


def example(name: str, way: Way) -> list[str]:
    """Try the model of an example: its calls at every size, and its standalone folder."""
    graphs = _examples()[name]
    dims = {d: 9 for g in graphs for d in g.dims}
    module = lowered(graphs, dims, BUILDS["plain"])
    state = state_arrays(module, state_draws(module, _first_state(module)))
    found = []
    for graph, program in zip(graphs, module.programs, strict=True):
        calls = []
        for values in dim_values(program, module.maxima):
            env = dict(zip(program.dims, values, strict=True))
            given = {
                b.label: d.array()
                for b, d in zip(program.inputs, inputs_at(program, env), strict=True)
            }
            calls.append(Reference(graph, env, given, state))
        found.append(calls)
    return findings(module, found, way) + _folder(graphs, module, way)


def _first_state(module: Module) -> dict[str, np.ndarray]:
    return {k: initial_value(node, 0) for k, node in module.state_nodes.items()}


def _folder(graphs: Sequence[gd.Graph], module: Module, way: Way) -> list[str]:
    """Run ``make check`` in the standalone folder of a module."""
    with scratch() as folder:
        for file, data in c_folder(module, graphs, _first_state(module)).items():
            (folder / file).write_bytes(data)
        flags = " ".join((*STRICT, *_STOP, *way.flags))
        said = _outcome(["make", "-s", "check", f"CC={way.compiler}", f"CFLAGS={flags}"], folder)
        return [f"{way.name}, make check: {said}"] if said else []


@cache
def _examples() -> dict[str, list[gd.Graph]]:
    found = example_graphs()
    for optimizer in OPTIMIZERS:
        found[f"classifier with {optimizer}"] = list(digits(optimizer, target="interp").graphs)
    return found


def run(units: range, *, ways: Sequence[Way]) -> list[str]:
    """Try modules: first those of the examples, then random ones, each in all ways."""
    found = []
    for unit in units:
        number, at = divmod(unit, len(ways))
        names = list(_examples())
        if number < len(names):
            said = example(names[number], ways[at])
            label = names[number]
        else:
            seed = number - len(names)
            said = random_module(seed, ways[at])
            label = f"seeds {seed * GRAPHS} to {(seed + 1) * GRAPHS - 1}"
        found += [f"unit {unit}, {label}: {line}" for line in said]
    return found


def missing(*, compiler: str) -> str | None:
    """Say what cannot be found: the compiler, or its sanitizers."""
    if shutil.which(compiler) is None:
        return f"no {compiler} was found"
    if shutil.which("make") is None:
        return "no make was found"
    with scratch() as folder:
        (folder / "main.c").write_text("int main(void) { return 0; }\n")
        for flag in dict.fromkeys(way.flags[0] for way in WAYS[compiler]):
            said = compile_c(folder, flag, sources=("main.c",), compiler=compiler)
            said = said or _outcome(["./out"], folder)
            if said:
                return f"{compiler} {flag} does not work here: {said.splitlines()[0]}"
    return None


TRIALS = [
    Trial(
        name=f"sanitizers_{compiler}",
        promise=(
            f"Emitted C has no undefined behaviour and no warning: strict C99 under the sanitizers "
            f"of {compiler}, examples and random graphs"
        ),
        unit=f"modules of {GRAPHS} graphs",
        count=MODULES * len(ways),
        batch=1,
        run=partial(run, ways=ways),
        missing=partial(missing, compiler=compiler),
    )
    for compiler, ways in WAYS.items()
]
