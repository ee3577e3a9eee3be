"""Kernels that run along an axis or sort: what fuses, what programs mean, what reports say."""

import numpy as np
import pytest

import graphdl as gd
from graphdl.codegen.evaluate import evaluate_program
from graphdl.codegen.listing import listing
from graphdl.codegen.lower.lower import Module, lower
from graphdl.codegen.program import LoopKernel, OrderKernel
from graphdl.passes.pipeline import run


def lowered(*outputs, maximum=9):
    module = Module("m", {"N": maximum})
    graph = gd.Graph({f"out{k}": o for k, o in enumerate(outputs)}, name="f")
    return graph, lower(run(graph), module), module.arena


def x_of(*shape, dtype="float64"):
    return gd.input("x", shape, dtype)


CASES = {
    "sum": lambda x: gd.cumsum(gd.exp(x), 1) * 2.0,
    "reverse": lambda x: gd.cumsum(x, 0, reverse=True),
    "exclusive": lambda x: gd.cumprod(x, 0, exclusive=True),
    "extremum": lambda x: gd.cummax(x, 1) - gd.cummin(x, 1, reverse=True),
    "recurrence": lambda x: gd.linear_recurrence(gd.tanh(x), x, 0),
    "gradient": lambda x: gd.grad(gd.sum(gd.cumprod(x, 1) * x), [x])[0],
    "winner": lambda x: gd.grad(gd.sum(gd.cummax(x, 1, reverse=True) * x), [x])[0],
    "order": lambda x: gd.argsort(x * 2.0, 0, descending=True),
    "sort": lambda x: gd.sort(x, 1),
    "of integers": lambda x: gd.cumsum(gd.cast(x, "int32"), 0),
    "of bools": lambda x: gd.cummax(x > 0, 1),
}


@pytest.mark.parametrize("size", [0, 1, 6])
@pytest.mark.parametrize("name", CASES)
def test_programs_mean_what_graphs_mean(name, size):
    graph, program, arena = lowered(CASES[name](x_of("N", 5)))
    x = np.random.default_rng(0).normal(size=(size, 5))
    found = evaluate_program(program, [x], {}, {"N": size}, arena=arena)
    np.testing.assert_allclose(found["out0"], gd.interpret(graph, {"x": x})["out0"], rtol=1e-12)


def kernels(*outputs):
    return lowered(*outputs)[1].kernels


def test_what_stands_beside_a_running_sum_joins_it():
    x = x_of("N", 50)
    (kernel,) = kernels(gd.cumsum(gd.exp(x), 1) * 2.0, gd.cumprod(x, 1))
    assert isinstance(kernel, LoopKernel)
    assert len(kernel.stages) == 1


def test_directions_axes_and_reductions_do_not_mix():
    x = x_of("N", 50)
    assert len(kernels(gd.cumsum(x, 1), gd.cumsum(x, 1, reverse=True))) == 2
    assert len(kernels(gd.cumsum(x, 1), gd.cumsum(x, 0))) == 2
    assert len(kernels(gd.cumsum(x, 1), gd.sum(x, 1))) == 2


def test_dear_functions_keep_their_lanes_where_there_is_one_axis_only():
    assert len(kernels(gd.cumsum(gd.exp(x_of("N"))))) == 2
    assert len(kernels(gd.cumsum(x_of("N") * 2.0))) == 1


def test_an_order_is_a_kernel_of_its_own():
    _, program, _ = lowered(gd.argsort(x_of("N", 5), 0, descending=True))
    (kernel,) = program.kernels
    assert isinstance(kernel, OrderKernel)
    assert listing(program).splitlines()[1:] == [
        "  argsort [5; N]",
        "    places in descending order of x",
    ]


def test_reports_count_steps_once():
    x = x_of(10, 20)
    graphs = [gd.Graph(gd.linear_recurrence(x, x * x, 1), name="f"),
              gd.Graph(gd.argsort(x), name="g")]  # fmt: skip
    report = gd.compile(graphs, "numpy").report()
    assert [e.flops for e in report.entries] == [3 * 200, 0]
    assert [k.strategy for e in report.entries for k in e.kernels] == ["loop", "order"]


def test_winners_over_several_axes_are_found_in_large_arrays():
    x = x_of(2, 300, 200)
    graph = gd.Graph(gd.grad(gd.sum(gd.max(gd.tanh(x) * x, (0, 2))), [x])[0], name="f")
    values = np.random.default_rng(0).normal(size=(2, 300, 200))
    found = gd.compile(graph, "numpy").f(x=values)["out"]
    np.testing.assert_allclose(found, gd.interpret(graph, {"x": values})["out"], rtol=1e-12)
