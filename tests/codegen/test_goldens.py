"""The goldens of standalone folders are those of double precision."""

import numpy as np

import graphdl as gd
from graphdl.codegen.c.standalone.golden import case
from graphdl.codegen.lower.lower import Module, lower
from graphdl.ir.interpreter import interpret_step
from graphdl.passes.expand import expand


def test_values_are_computed_in_double_precision():
    x, w = gd.input("x", ("N", 3)), gd.param("w", (3,))
    graph = gd.Graph({"y": gd.exp(x @ w) / 3.0}, updates={w: w * 0.1 + 1.0}, name="f")
    module = Module("m", {"N": 4})
    program = lower(expand(graph), module)
    state = {"w": np.array([0.1, 0.2, 0.3], np.float32)}
    found = case(graph, program, (4,), state, 1)
    (draw,) = found.inputs
    given = {"x": draw.array().reshape(4, 3)}
    outputs, updates = interpret_step(graph, given, state, double=True, dims={"N": 4})
    (golden,) = found.outputs
    np.testing.assert_array_equal(golden.values, outputs["y"].ravel()[list(golden.places)])
    golden = found.state["w"]
    np.testing.assert_array_equal(golden.values, updates["w"].ravel()[list(golden.places)])
    assert (golden.values != np.float32(golden.values)).any()
