"""Random graphs in many builds agree with the interpreter; tests.codegen.fuzz runs longer."""

import pytest
from hypothesis import given, settings

from graphdl.ir.interpreter import interpret_step
from graphdl.ops import FUNCTIONS
from graphdl.passes.pipeline import run
from tests.codegen.agreement import (
    BUILDS,
    coarsest,
    compiled,
    difference,
    disagreements,
    references,
)
from tests.codegen.fuzz import check
from tests.codegen.random_graphs import cases, random_case

OTHERS = [b for b in BUILDS if b != "plain"]


@pytest.mark.usefixtures("needs_cc")
@pytest.mark.parametrize("batch", range(len(OTHERS)))
def test_builds_agree(batch):
    builds = [BUILDS["plain"], BUILDS[OTHERS[batch]]]
    assert check(range(batch * 25, batch * 25 + 25), builds) == []


# Each of these was a bug once.
SEEDS = [12, 20, 31, 102, 877, 1048, 1178, 2078]


@pytest.mark.usefixtures("needs_cc")
def test_seeds_that_once_failed():
    assert check(SEEDS, [BUILDS["plain"], BUILDS["portable"]]) == []


def test_the_generator_reaches_the_whole_catalogue():
    used = set().union(*(random_case(seed).used for seed in range(700)))
    assert used == set(FUNCTIONS)


def test_the_generator_is_deterministic():
    assert [str(random_case(7).graph) for _ in range(2)] == [str(random_case(7).graph)] * 2


@given(cases())
@settings(max_examples=40)
def test_passes_keep_the_meaning_of_drawn_graphs(case):
    optimised = run(case.graph)
    for reference in references(case, 3):
        out, after = interpret_step(
            optimised,
            reference.inputs,
            {k: v for k, v in reference.state.items() if k in {s.name for s in optimised.state}},
            dims=reference.env,
        )
        for name, value in {**out, **{f"state {k}": v for k, v in after.items()}}.items():
            single, double = reference.single[name], reference.double[name]
            wrong = difference(value, single, double, False, coarsest(case.graph))
            assert wrong is None, (name, wrong)


@pytest.mark.usefixtures("needs_cc")
@given(cases())
@settings(max_examples=12)
def test_drawn_graphs_in_c(case):
    maxima = {d: v for d, v in case.maxima.items() if d in case.graph.dims}
    module = compiled([case.graph], maxima, BUILDS["plain"])
    assert disagreements(module, case, references(case, 3)) == []
