"""Regularisers: values, gradients, and how a model collects them."""

import numpy as np
import pytest

import graphdl as gd
from graphdl import nn, optim
from graphdl.ir.errors import ShapeError
from graphdl.ir.interpreter import interpret_step
from graphdl.nn.regularizers import entropy, l1, l1_l2, l2

W = np.array([[-1.5, 0.0, 2.0], [0.25, -0.0, -3.0]])


def value_and_gradient(regularizer, w=W, target="interp", dtype="float64"):
    given = gd.input("w", np.shape(w), dtype)
    y = regularizer(given)
    assert y.shape == ()
    assert y.dtype.name == dtype
    graph = gd.Graph({"y": y, "slope": gd.grad(y, given)[0]}, name="penalty")
    values = {"w": np.asarray(w, dtype)}
    if target == "interp":
        found = gd.interpret(graph, values)
    else:
        found = gd.compile(graph, target=target).penalty(**values)
    return found["y"], found["slope"]


@pytest.mark.parametrize("target", ["interp", "numpy", "c"])
@pytest.mark.parametrize(
    ("regularizer", "value", "slope"),
    [
        (l1(0.1), 0.1 * np.abs(W).sum(), 0.1 * np.sign(W)),
        (l2(0.1), 0.1 * (W * W).sum(), 0.2 * W),
        (l1_l2(0.1, 0.3), 0.1 * np.abs(W).sum() + 0.3 * (W * W).sum(), 0.1 * np.sign(W) + 0.6 * W),
    ],
)
def test_values_and_gradients(target, regularizer, value, slope):
    found = value_and_gradient(regularizer, target=target)
    np.testing.assert_allclose(found[0], value, rtol=1e-14)
    np.testing.assert_allclose(found[1], slope, rtol=1e-14)


@pytest.mark.parametrize("target", ["interp", "numpy", "c"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_entropy(target, dtype):
    p = np.array([[0.2, 0.3, 0.5], [1.0, 0.0, 0.0], [1 / 3, 1 / 3, 1 / 3]])
    own = np.array([-sum(q * np.log(q) for q in row if q) for row in p])
    found, slope = value_and_gradient(entropy(0.5), p, target, dtype)
    np.testing.assert_allclose(found, 0.5 * own.mean(), rtol=1e-6)
    inside = p > 0
    np.testing.assert_allclose(slope[inside], -(np.log(p[inside]) + 1) / 6, rtol=1e-5)
    assert np.all(np.isfinite(slope))
    columns, _ = value_and_gradient(entropy(0.5, axis=0), p.T, target, dtype)
    np.testing.assert_allclose(columns, found, rtol=1e-6)


def test_entropy_of_a_saturated_softmax_has_a_gradient():
    z = gd.input("z", (3,))
    y = entropy(1.0)(gd.softmax(z))
    graph = gd.Graph({"y": y, "slope": gd.grad(y, z)[0]})
    found = gd.interpret(graph, {"z": [0.0, -200.0, 1.0]})
    p = 1 / (1 + np.exp(-1.0))
    np.testing.assert_allclose(found["y"], -(p * np.log(p) + (1 - p) * np.log(1 - p)), rtol=1e-6)
    assert np.all(np.isfinite(found["slope"]))


def net_with_penalties():
    return nn.Sequential(
        nn.Dense(4, 8, "relu", regularizer=l2(0.1)),
        nn.Residual(nn.Dense(8, 8, regularizer=l1(0.01))),
        nn.PReLU(8, regularizer=l1(1.0)),
        nn.Dense(8, 2),
    )


def test_a_model_sums_its_penalties():
    net = net_with_penalties()
    names = ["dense1/w", "residual1/dense1/w", "prelu1/slope"]
    assert [p.name for p in net.regularizers] == names
    rng = np.random.default_rng(0)
    state = {p.name: rng.normal(size=p.shape).astype(np.float32) for p in net.params}
    expected = (
        0.1 * np.square(state[names[0]]).sum()
        + 0.01 * np.abs(state[names[1]]).sum()
        + np.abs(state[names[2]]).sum()
    )
    found = gd.interpret(gd.Graph(net.penalty), {}, state)["out"]
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    assert net.penalty.origins[0].scope == "penalty"


def test_without_regularisers_the_penalty_is_zero():
    assert gd.interpret(gd.Graph(nn.Dense(3, 3).penalty), {})["out"] == 0


def test_a_shared_layer_counts_once():
    layer = nn.Dense(3, 3, regularizer=l2(1.0), init=2.0)
    net = nn.Sequential(layer, gd.relu, layer)
    assert gd.interpret(gd.Graph(net.penalty), {})["out"] == 36


def test_training_with_a_penalty_is_weight_decay():
    x = gd.input("x", ("N", 4))
    net = nn.Sequential(nn.Dense(4, 2, regularizer=l2(0.25), init=1.0))
    loss = 0.0 * gd.sum(net(x)) + net.penalty
    _, state = interpret_step(gd.train_step(loss, optim.SGD(0.1)), {"x": np.ones((1, 4))})
    np.testing.assert_allclose(state["dense1/w"], np.full((4, 2), 1 - 0.1 * 2 * 0.25), rtol=1e-6)


def test_of_activities():
    x = gd.input("x", ("N", 4))
    net = nn.Sequential(nn.Dense(4, 8, "relu", init=1.0), nn.Dense(8, 2))
    hidden = net[:1](x)
    loss = gd.sum(net[1:](hidden)) + l1(0.5)(hidden)
    graph = gd.Graph({"penalty": l1(0.5)(hidden), "loss": loss})
    assert gd.interpret(graph, {"x": np.ones((2, 4))})["penalty"] == 0.5 * 2 * 8 * 4


def test_a_penalty_is_a_scalar():
    with pytest.raises(ShapeError, match="regulariser of dense") as caught:
        _ = nn.Dense(3, 3, regularizer=abs).penalty
    assert "gd.sum" in caught.value.remedy
