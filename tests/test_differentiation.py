"""The front doors of differentiation: grad, vjp, jvp, hvp, hessian, and what they refuse."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import graphdl as gd
from graphdl.ir.errors import GradientError
from graphdl.passes.derivative import GradientWarning

RNG = np.random.default_rng(0)
H = 1e-6


def mlp(x, w, v):
    return gd.log_softmax(gd.tanh(x @ w) @ v, axis=1)


@pytest.fixture
def network():
    x = gd.input("x", (4, 3), "float64")
    w, v = gd.input("w", (3, 5), "float64"), gd.input("v", (5, 2), "float64")
    values = {n.name: RNG.normal(size=n.shape) for n in (x, w, v)}
    return x, w, v, mlp(x, w, v), values


def run(node, values):
    graph = gd.Graph(node)
    return gd.interpret(graph, {i.name: values[i.name] for i in graph.inputs})["out"]


def moved(values, **steps):
    return {**values, **{k: values[k] + s for k, s in steps.items()}}


def test_pullback_and_pushforward_are_transposes(network):
    _x, w, v, out, values = network
    u, c = gd.input("u", w.shape, "float64"), gd.input("c", out.shape, "float64")
    t = gd.input("t", v.shape, "float64")
    values |= {n.name: RNG.normal(size=n.shape) for n in (u, c, t)}
    (pushed,) = gd.jvp(out, [w, v], [u, t])
    pulled_w, pulled_v = gd.vjp(out, [w, v], c)
    left = np.sum(values["c"] * run(pushed, values))
    right = np.sum(run(pulled_w, values) * values["u"]) + np.sum(
        run(pulled_v, values) * values["t"]
    )
    assert left == pytest.approx(right, rel=1e-12)


def test_pushforward_is_the_directional_derivative(network):
    _x, w, _v, out, values = network
    u = gd.input("u", w.shape, "float64")
    values["u"] = RNG.normal(size=w.shape)
    (pushed,) = gd.jvp(out, w, u)
    step = H * values["u"]
    quotient = (run(out, moved(values, w=step)) - run(out, moved(values, w=-step))) / (2 * H)
    np.testing.assert_allclose(run(pushed, values), quotient, rtol=1e-7, atol=1e-9)


def test_pushforward_needs_no_forward_of_the_cotangent(network):
    _x, w, _v, out, _values = network
    u = gd.input("u", w.shape, "float64")
    (pushed,) = gd.jvp(out, w, u)
    assert {n.name for n in gd.Graph(pushed).inputs} == {"x", "w", "v", "u"}


def test_hessian_and_its_products_agree(network):
    _x, w, _v, out, values = network
    loss = gd.sum(out * out)
    u = gd.input("u", w.shape, "float64")
    values["u"] = RNG.normal(size=w.shape)
    ((block,),) = gd.hessian(loss, w)
    (product,) = gd.hvp(loss, w, u)
    matrix = run(block, values).reshape(15, 15)
    np.testing.assert_allclose(matrix, matrix.T, atol=1e-12)
    direct = (matrix @ values["u"].ravel()).reshape(w.shape)
    np.testing.assert_allclose(run(product, values), direct, rtol=1e-11, atol=1e-12)
    (gradient,) = gd.grad(loss, w)
    step = H * values["u"]
    quotient = (run(gradient, moved(values, w=step)) - run(gradient, moved(values, w=-step))) / (
        2 * H
    )
    np.testing.assert_allclose(direct, quotient, rtol=1e-6, atol=1e-7)


def test_hessian_has_a_block_a_pair_of_variables():
    a, b = gd.input("a", (2,), "float64"), gd.input("b", (), "float64")
    blocks = gd.hessian(gd.sum(a * a) * b, [a, b])
    values = {"a": np.array([1.0, 2.0]), "b": 3.0}
    assert [[block.shape for block in row] for row in blocks] == [[(2, 2), (2,)], [(2,), ()]]
    np.testing.assert_array_equal(run(blocks[0][0], values), 6 * np.eye(2))
    np.testing.assert_array_equal(run(blocks[1][0], values), [2, 4])


def test_third_order():
    x = gd.input("x", (), "float64")
    y = x**4
    for _ in range(3):
        (y,) = gd.grad(y, x)
    assert run(y, {"x": 2.0}) == 48


def test_intermediate_values_are_variables_too():
    x = gd.input("x", (3,), "float64")
    h = gd.exp(x)
    (g,) = gd.grad(gd.sum(h * h), h)
    np.testing.assert_allclose(run(g, {"x": np.zeros(3)}), 2)


def test_equal_structure_is_one_variable():
    x = gd.input("x", (3,), "float64")
    loss = gd.sum(gd.exp(x) * gd.exp(x))  # built twice, differentiated by a third
    (g,) = gd.grad(loss, gd.exp(x))
    np.testing.assert_allclose(run(g, {"x": np.zeros(3)}), 2)


def test_naive_formulas_have_stable_gradients():
    x = gd.input("x", (2, 3))
    for naive in (gd.log(gd.softmax(x, axis=1)), gd.log(gd.exp(x) / gd.sum(gd.exp(x), 1, True))):
        (g,) = gd.grad(gd.sum(naive[:, 0]), x)
        value = run(g, {"x": np.array([[1000.0, 0, -1000], [-1000, 0, 1000]])})
        np.testing.assert_allclose(value, [[0, 0, 0], [1, 0, -1]], atol=1e-6)


@pytest.mark.parametrize(
    ("cut", "where"),
    [
        (lambda x: gd.stop_gradient(x), "stop_gradient"),
        (lambda x: gd.cast(gd.argmax(x, 0), "float32"), "argmax"),
        (lambda x: gd.cast(x, "int32").astype("float32"), "cast"),
    ],
)
def test_a_cut_path_gives_zeros_and_says_where(cut, where):
    x = gd.input("x", (3,))
    with pytest.warns(GradientWarning, match=where) as caught:
        (g,) = gd.grad(gd.sum(cut(x) * 2.0), x)
    assert caught[0].filename == __file__
    np.testing.assert_array_equal(run(g, {"x": np.ones(3)}), np.zeros(3))


def test_a_variable_that_is_not_used_gives_zeros():
    x, z = gd.input("x", (3,)), gd.input("z", ("N", 2))
    with pytest.warns(GradientWarning, match="does not depend"):
        (g,) = gd.grad(gd.sum(x), z)
    assert gd.interpret(gd.Graph(g, inputs=[z]), {"z": np.ones((5, 2))})["out"].shape == (5, 2)


def test_no_warning_where_there_is_a_path():
    x = gd.input("x", (3,))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        gd.grad(gd.sum(gd.stop_gradient(x) * x), x)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda x, k: gd.grad(x * 2.0, x), r"gd\.mean"),
        (lambda x, k: gd.grad(gd.sum(k), x), "int64"),
        (lambda x, k: gd.grad(gd.sum(x), k), "int32"),
        (lambda x, k: gd.vjp(x * 2.0, x, gd.sum(x)), "cotangent"),
        (lambda x, k: gd.backward_graph(gd.sum(x)), r"gd\.param"),
    ],
)
def test_what_has_no_derivative_is_refused(call, words):
    x, k = gd.input("x", (3,)), gd.input("k", (3,), "int32")
    with pytest.raises(GradientError, match=words) as caught:
        call(x, k)
    assert "test_differentiation.py" in str(caught.value)


def test_deep_and_wide_graphs_are_linear_and_need_no_recursion():
    x = gd.input("x", ())
    h = x
    for _ in range(20_000):
        h = h + h * 0.5
    (g,) = gd.grad(h, x)
    assert len(gd.Graph(g).nodes) < 100_000
    total = x
    for k in range(20_000):
        total = total + x * float(k)
    (g,) = gd.grad(total, x)
    assert run(g, {"x": 1.0}) == pytest.approx(1 + 20_000 * 19_999 / 2, rel=1e-4)


def test_shared_paths_do_not_multiply():
    x = gd.input("x", (), "float64")
    h = x
    for _ in range(60):
        h = h + h  # 2⁶⁰ paths
    (g,) = gd.grad(h, x)
    assert run(g, {"x": 1.0}) == 2.0**60
