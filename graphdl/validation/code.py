"""Code generation, checked like a pass: programs evaluated plainly, and emitted code called."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from graphdl.codegen.evaluate import evaluate_program
from graphdl.codegen.lower.lower import Module, lower
from graphdl.codegen.program import Program
from graphdl.ir.errors import GraphdlError, PassError
from graphdl.ir.graph import Graph
from graphdl.ir.node import Node
from graphdl.validation.compare import CODE, Problem, problem
from graphdl.validation.points import Point, Results, results

_MOST_NODES = 400
"""Nodes of a graph up to which the first wrong one is looked for."""


def check_program(graph: Graph, program: Program, module: Module, points: list[Point]) -> None:
    """Compare a program with the graph that it was lowered from.

    Raises
    ------
    PassError
        If they differ; it tells whether planned memory, fusion or the kernels are to blame, and
        names the first node that is wrong when it is compiled alone.
    """
    for point in points:
        found = _program_problem(graph, program, point, module.arena)
        if found is None:
            continue
        part, node = _to_blame(graph, program, module, found.point)
        lines = [
            f"the program of {graph.name!r} differs from its graph: {found.text} ({point})",
            f"  part: {part}",
            *([] if node is None else [f"  node: {node!r}"]),
        ]
        raise PassError(
            "\n".join(lines),
            site=(next(iter(graph.roots)) if node is None else node).site,
            remedy="this is a mistake in graphdl.codegen.lower: please report it with the graph",
        )


def _program_problem(graph: Graph, program: Program, point: Point, arena: int) -> Problem | None:
    def run() -> Results:
        inputs = [_as(point.arrays[b.label], b.dtype.numpy) for b in program.inputs]
        state = {b.label: _as(point.arrays[b.label], b.dtype.numpy) for b in program.state}
        outputs = evaluate_program(program, inputs, state, point.dims, arena=arena)
        return outputs | {f"new {name}": value for name, value in state.items()}

    return _code_problem(graph, point, run)


def _as(array: np.ndarray, dtype: Any) -> np.ndarray:
    with np.errstate(all="ignore"):
        return np.array(array, dtype)  # a copy: state is written


def _code_problem(graph: Graph, point: Point, run: Callable[[], Results]) -> Problem | None:
    """Run code, and compare it with the interpreter."""
    both = [results(graph, point, double=double) for double in (False, True)]
    single, double = both
    if isinstance(single, str) or isinstance(double, str):
        return None
    try:
        got: Results | str = run()
    except (GraphdlError, ValueError, LookupError, TypeError) as error:
        got = f"{type(error).__name__}: {error}"
    return problem(point, single, got, double, CODE)


def _to_blame(
    graph: Graph, program: Program, module: Module, point: Point
) -> tuple[str, Node | None]:
    if _program_problem(graph, program, point, arena=0) is None:
        return "the plan of memory: with memory of its own for each buffer it is right", None
    fused = _alone(graph, module.maxima, point, fuse=False) is None
    if fused:
        return "fusion: unfused it is right", _first_wrong(graph, module.maxima, point, fuse=True)
    return "a kernel", _first_wrong(graph, module.maxima, point, fuse=False)


def _alone(graph: Graph, maxima: Mapping[str, int], point: Point, *, fuse: bool) -> Problem | None:
    module = Module("alone", maxima)
    program = lower(graph, module, fuse=fuse)
    return _program_problem(graph, program, point, module.arena)


def _first_wrong(
    graph: Graph, maxima: Mapping[str, int], point: Point, *, fuse: bool
) -> Node | None:
    """Return the first node that is wrong if nothing but it is asked for."""
    for node in graph.nodes[:_MOST_NODES]:
        if node.inputs:
            alone = Graph(node, inputs=graph.inputs)
            if _alone(alone, maxima, point, fuse=fuse) is not None:
                return node
    return None


def check_entry(
    graph: Graph,
    call: Callable[..., Mapping[str, Any]],
    state: Mapping[str, np.ndarray],
    target: str,
    points: list[Point],
) -> None:
    """Call emitted code, and compare it with the graph as it was built; state is overwritten.

    Raises
    ------
    PassError
        If they differ.
    """
    for point in points:

        def run(point: Point = point) -> Results:
            for node in graph.state:
                state[node.name][...] = _as(point.arrays[node.name], node.dtype.numpy)
            inputs = {n.name: _as(point.arrays[n.name], n.dtype.numpy) for n in graph.inputs}
            outputs = {k: np.asarray(v) for k, v in call(**inputs).items()}
            return outputs | {f"new {s.name}": np.array(state[s.name]) for s in graph.updates}

        found = _code_problem(graph, point, run)
        if found is not None:
            raise PassError(
                f"the code of {graph.name!r} for target {target!r} differs from the interpreter: "
                f"{found.text} ({found.point})",
                site=next(iter(graph.roots)).site,
                remedy="this is a mistake in graphdl.codegen: please report it with the graph",
            )
