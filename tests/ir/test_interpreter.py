"""The oracle itself, against plain NumPy (every op is compared in tests/ops)."""

import numpy as np
import pytest

import graphdl as gd
from graphdl.ir.interpreter import initial_value, interpret_step

RNG = np.random.default_rng(1)


def test_a_step_reads_the_state_of_before():
    a, b = gd.state("a", (), init=1.0), gd.state("b", (), init=2.0)
    g = gd.Graph({"sum": a + b}, updates={a: b, b: a})
    outputs, after = interpret_step(g)
    assert outputs["sum"] == 3
    assert (after["a"], after["b"]) == (2, 1)
    assert interpret_step(g, state=after)[1] == {"a": 1, "b": 2}


def test_double_computes_floats_in_float64():
    x = gd.input("x", (3,))
    g = gd.Graph(gd.exp(x) / 3.0)
    values = np.array([0.1, 0.2, 0.3])
    out = gd.interpret(g, {"x": values}, double=True)["out"]
    np.testing.assert_allclose(out, np.exp(values) / 3, rtol=1e-15)
    assert gd.interpret(g, {"x": values})["out"].dtype == np.float32


def test_dims_that_no_input_fixes():
    g = gd.Graph(gd.zeros(("N", 2)))
    assert gd.interpret(g, dims={"N": 3})["out"].shape == (3, 2)


@pytest.mark.parametrize("n", [0, 1, 7])
def test_symbolic_sizes(n):
    x = gd.input("x", ("N", 3))
    data = RNG.standard_normal((n, 3))
    with np.errstate(all="ignore"):
        expected = data - (data.sum(0) / np.float64(n))
    out = gd.interpret(gd.Graph(x - gd.mean(x, 0)), {"x": data}, double=True)["out"]
    np.testing.assert_allclose(out, expected, rtol=1e-12)
    back = gd.interpret(gd.Graph(x[::-2].reshape(-1)), {"x": data}, double=True)["out"]
    np.testing.assert_array_equal(back, data[::-2].reshape(-1))


def test_initial_values_depend_on_name_and_seed_only():
    def values(name, seed=0):
        return initial_value(gd.param(name, (4, 5), init=gd.nn.init.he()), seed)

    np.testing.assert_array_equal(values("w"), values("w"))
    assert np.any(values("w") != values("v"))
    assert np.any(values("w") != values("w", 1))


def test_two_layers_against_numpy():
    w1, w2 = RNG.standard_normal((3, 5)), RNG.standard_normal((5, 2))
    x, target = gd.input("x", ("N", 3), "float64"), gd.input("t", ("N",), "int32")
    a, b = gd.param("a", init=w1, dtype="float64"), gd.param("b", init=w2, dtype="float64")
    log_p = gd.log_softmax(gd.tanh(x @ a) @ b)
    loss = -gd.mean(gd.take_along_axis(log_p, target[:, None], 1))
    data, labels = RNG.standard_normal((6, 3)), np.array([0, 1, 1, 0, 1, 0])
    logits = np.tanh(data @ w1) @ w2
    p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    expected = -np.log(p[np.arange(6), labels]).mean()
    out = gd.interpret(gd.backward_graph(loss), {"x": data, "t": labels})
    assert out["loss"] == pytest.approx(expected, rel=1e-12)
    delta = (p - np.eye(2)[labels]) / 6
    np.testing.assert_allclose(out["grad_b"], np.tanh(data @ w1).T @ delta, rtol=1e-10)
