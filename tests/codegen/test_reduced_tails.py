"""What is reduced is computed first: lanes beyond the last element count for nothing."""

import numpy as np
import pytest

import graphdl as gd

REDUCTIONS = {
    "sum of exp": lambda x: gd.sum(gd.exp(x), -1),
    "sum of ones": lambda x: gd.sum(x * 0.0 + 1.0, -1),
    "max below zero": lambda x: gd.max(-gd.abs(x) - 1.0, -1),
    "min above zero": lambda x: gd.min(gd.abs(x) + 1.0, -1),
    "prod": lambda x: gd.prod(gd.abs(x) * 0.1 + 1.5, -1),
    "all": lambda x: gd.all(x * x + 1.0 > 0.5, -1),
    "any": lambda x: gd.any(gd.exp(x) < 0.0, -1),
    "logsumexp": lambda x: gd.logsumexp(x, -1),
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_length(dtype, needs_cc):
    sizes = [*range(1, 20), 31, 33]
    x = gd.input("x", ("N", "K"), dtype)
    line = gd.input("line", ("K",), dtype)
    outputs = {name: make(x) for name, make in REDUCTIONS.items()}
    outputs |= {f"{name}, a line": make(line) for name, make in REDUCTIONS.items()}
    graph = gd.Graph(outputs, name="f")
    fixed = [
        gd.Graph({name: make(gd.input("x", (2, k), dtype)) for name, make in REDUCTIONS.items()},
                 name=f"f{k}")
        for k in (5, 13)
    ]  # fmt: skip
    module = gd.compile([graph, *fixed], "c", name=f"tails_{dtype}", dims={"N": 3, "K": 40})
    rng = np.random.default_rng(0)
    for size in sizes:
        given = {"x": rng.normal(size=(3, size)), "line": rng.normal(size=size)}
        given = {k: v.astype(dtype) for k, v in given.items()}
        compare(module.f(**given), gd.interpret(graph, given), size)
    for one in fixed:
        given = {"x": rng.normal(size=one.inputs[0].shape).astype(dtype)}
        compare(module.entries[one.name](**given), gd.interpret(one, given), one.name)


def compare(found, expected, what):
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, 3e-6, 1e-6, err_msg=f"{name} {what}")
