"""Random graphs in many builds agree with the interpreter; torture/trials/backends runs longer."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

import graphdl as gd
from graphdl.ir.interpreter import interpret_step
from graphdl.ir.text import parse
from graphdl.passes.pipeline import run
from graphdl.testing.strategies import cases
from graphdl.verification.random_graphs import Case
from tests.codegen.agreement import BUILDS, check, compiled, disagreements, maxima_of
from tests.codegen.reference import Reference, difference, references, units

OTHERS = [b for b in BUILDS if b != "plain"]
ONCE_WRONG = sorted((Path(__file__).parents[1] / "fixtures" / "random_graphs").glob("*.txt"))


@pytest.mark.usefixtures("needs_cc")
@pytest.mark.parametrize("batch", range(len(OTHERS)))
def test_builds_agree(batch):
    builds = [BUILDS["plain"], BUILDS[OTHERS[batch]]]
    assert check(range(batch * 20, batch * 20 + 20), builds) == []


@pytest.mark.usefixtures("needs_cc")
def test_graphs_that_were_wrong_once():
    found = [Case(parse(path.read_text())) for path in ONCE_WRONG]
    for name in ("plain", "portable"):
        module = compiled([c.graph for c in found], maxima_of(found), BUILDS[name])
        for case in found:
            assert disagreements(module, case, references(case, 0)) == []


@given(cases())
@settings(max_examples=40)
def test_passes_keep_the_meaning_of_drawn_graphs(case):
    optimised = run(case.graph)
    for reference in references(case, 3):
        kept = {s.name for s in optimised.state}
        state = {k: v for k, v in reference.state.items() if k in kept}
        out, after = interpret_step(optimised, reference.inputs, state, dims=reference.env)
        for name, value in {**out, **{f"state {k}": v for k, v in after.items()}}.items():
            wrong = difference(value, reference, name, exact=False)
            assert wrong is None, (name, wrong)


@pytest.mark.usefixtures("needs_cc")
@given(cases())
@settings(max_examples=12)
def test_drawn_graphs_in_c(case):
    module = compiled([case.graph], maxima_of([case]), BUILDS["plain"])
    assert disagreements(module, case, references(case, 3)) == []


def test_a_result_is_judged_by_the_floats_on_its_own_way():
    x, y = gd.input("x", (3,), "float32"), gd.input("y", (3,), "float64")
    graph = gd.Graph({"a": gd.exp(x), "b": gd.exp(y), "c": gd.exp(x).astype("float64") + y, "d": y})
    single, double = float(np.finfo(np.float32).eps), float(np.finfo(np.float64).eps)
    assert units(graph) == {"a": single, "b": double, "c": single, "d": 0.0}


def _wrong(value: gd.ir.node.Node, by: float, **inputs: list[float]) -> str | None:
    reference = Reference(gd.Graph(value), {}, {k: np.float32(v) for k, v in inputs.items()}, {})
    return difference(np.float32(reference.double["out"] + by), reference, "out", exact=False)


def test_small_results_are_judged_by_their_size_unless_they_cancelled():
    x = gd.input("x", (4,))
    points = [0.3, 0.7, 1.1, 1.9]
    small = gd.sum(gd.tanh(x)) * 1e-6
    assert _wrong(small, 1e-10, x=points) is not None
    assert _wrong(small, 1e-13, x=points) is None
    cancelled = gd.sum(gd.tanh(x)) - gd.sum(gd.tanh(x + 1e-6))
    assert _wrong(cancelled, 1e-7, x=points) is None
    assert _wrong(cancelled, 1e-5, x=points) is not None


def test_partial_sums_round_even_where_the_sum_is_small():
    x = gd.input("x", (2000,))
    points = np.tanh(np.random.default_rng(0).normal(size=2000)).astype(np.float32)
    points[-1] -= points.sum(dtype=np.float64) - 1e-3  # the others cancel
    assert _wrong(gd.sum(x), 5e-4, x=points) is None
    assert _wrong(gd.sum(x), 1e-2, x=points) is not None
