"""Axes that every access walks through as one become one loop of all their elements."""

import numpy as np
import pytest

import graphdl as gd

SHAPES = [(3, 5, 7), (2, 9), (9, 2), ("N", 5), (5, "N"), (2, "N", 3), (1, 4, 1, 6), (4, 4)]


@pytest.mark.parametrize("target", ["numpy", "c"])
def test_values(target, request):
    if target == "c":
        request.getfixturevalue("needs_cc")
    xs = [gd.input(f"x{k}", shape) for k, shape in enumerate(SHAPES)]
    outputs = {}
    for k, x in enumerate(xs):
        outputs[f"plain {k}"] = gd.tanh(x) * 2.0 + x
        outputs[f"sum {k}"] = gd.sum(gd.exp(x))
        outputs[f"last {k}"] = gd.sum(gd.exp(x), -1)
        outputs[f"turned {k}"] = gd.transpose(gd.tanh(x)) * gd.transpose(x)
        outputs[f"row {k}"] = gd.exp(x) * gd.sum(x, 0)
    graph = gd.Graph(outputs, name="f")
    rng = np.random.default_rng(0)
    module = gd.compile(graph, target, name=f"merged_{target}", dims={"N": 40})
    for size in (1, 6, 40):
        shapes = [tuple(size if s == "N" else s for s in shape) for shape in SHAPES]
        given = {f"x{k}": rng.normal(size=s).astype("f4") for k, s in enumerate(shapes)}
        found = module.f(**given)
        for name, value in gd.interpret(graph, given).items():
            np.testing.assert_allclose(found[name], value, 1e-5, 1e-5, err_msg=f"{name} {size}")
