"""Constraints project, also in a training step, and visibly so."""

import numpy as np
import pytest

import graphdl as gd
from graphdl import nn, optim
from graphdl.ir.errors import ArgumentError, DTypeError, ShapeError
from graphdl.ir.interpreter import interpret_step
from graphdl.nn.constraints import max_norm, non_negative, unit_norm

RNG = np.random.default_rng(1)
W = RNG.normal(0, 2, (6, 5))
W[:, 0] = 0
W[:, 1] *= 0.01
NORM = np.linalg.norm(W, axis=0, keepdims=True)


def projected(constraint, w=W, target="interp"):
    graph = gd.Graph(constraint(gd.input("w", np.shape(w), "float64")), name="project")
    if target == "interp":
        return gd.interpret(graph, {"w": w})["out"]
    return gd.compile(graph, target=target).project(w=np.asarray(w))["out"]


@pytest.mark.parametrize("target", ["interp", "numpy", "c"])
def test_values(target):
    with np.errstate(all="ignore"):
        shortened = projected(max_norm(1.5), target=target)
        scaled = projected(unit_norm(), target=target)
    expected = W * np.minimum(1, 1.5 / np.maximum(NORM, 1e-300))
    np.testing.assert_allclose(shortened, expected, rtol=1e-14)
    np.testing.assert_array_equal(shortened[:, :2], W[:, :2])
    np.testing.assert_allclose(np.linalg.norm(scaled, axis=0), [0, 1, 1, 1, 1], rtol=1e-14)
    np.testing.assert_array_equal(projected(non_negative, target=target), np.maximum(W, 0))


def test_axes():
    rows = projected(max_norm(1.0, axis=1))
    assert np.all(np.linalg.norm(rows, axis=1) <= 1 + 1e-15)
    whole = projected(unit_norm(axis=(0, 1)))
    assert np.linalg.norm(whole) == pytest.approx(1, abs=1e-14)


@pytest.mark.parametrize("constraint", [max_norm(1.5), unit_norm(), non_negative])
def test_projecting_twice_is_projecting_once(constraint):
    once = projected(constraint)
    np.testing.assert_allclose(projected(constraint, once), once, rtol=1e-15)


def test_nan_is_not_hidden():
    w = np.array([[np.nan, 1.0], [1.0, 1.0]])
    for constraint in (max_norm(1.0), unit_norm(), non_negative):
        assert np.isnan(projected(constraint, w)[0, 0])


def test_bad_limit():
    with pytest.raises(ArgumentError, match="max_norm"):
        max_norm(0.0)


def model(first=None, second=None):
    x, y = gd.input("x", ("N", 4)), gd.input("y", ("N", 3))
    net = nn.Sequential(nn.Dense(4, 8, "tanh", constraint=first), nn.Dense(8, 3, constraint=second))
    return net, gd.losses.squared_error(net(x), y)


def batch():
    rng = np.random.default_rng(0)
    return {"x": rng.normal(size=(8, 4)).astype("float32"),
            "y": rng.normal(size=(8, 3)).astype("float32")}  # fmt: skip


def test_layers_show_their_constraints():
    net, _ = model(non_negative, max_norm(0.5))
    assert [p.name for p in net.constraints] == ["dense1/w", "dense2/w"]
    assert net.constraints[net["dense1"]["w"]] is non_negative
    assert model()[0].constraints == {}


@pytest.mark.parametrize("target", ["interp", "numpy", "c"])
def test_a_step_projects_after_the_update(target):
    net, loss = model(non_negative, max_norm(0.5))
    step = gd.train_step(loss, optim.Adam(0.1), constraints=net.constraints)
    free = gd.train_step(loss, optim.Adam(0.1))
    m, plain = (gd.compile(s, target=target, dims={"N": 8}) for s in (step, free))
    plain.train(**batch())
    m.train(**batch())
    np.testing.assert_allclose(
        m.state["dense1/w"], np.maximum(plain.state["dense1/w"], 0), rtol=1e-6
    )
    np.testing.assert_allclose(m.state["dense1/b"], plain.state["dense1/b"], rtol=1e-6)
    for _ in range(5):
        m.train(**batch())
        assert np.all(m.state["dense1/w"] >= 0)
        assert np.all(np.linalg.norm(m.state["dense2/w"], axis=0) <= 0.5 * (1 + 1e-6))


def test_the_projection_has_its_scope():
    net, loss = model(non_negative)
    step = gd.train_step(loss, optim.SGD(0.1), constraints=net.constraints)
    scopes = {s.name: {o.scope for o in v.origins} for s, v in step.updates.items()}
    assert scopes["dense1/w"] == {"constraint"}
    assert scopes["dense1/b"] == {"optimizer"}
    assert "constraint" in gd.draw(step).dot


def test_any_function_and_any_parameter():
    x, w, v = gd.input("x", ("N",)), gd.param("w", (), init=1.0), gd.param("v", (), init=1.0)
    loss = gd.sum(x * w * v)
    constraints = {w: lambda w: gd.clip(w, 0.5, 2.0), v: non_negative}
    step = gd.train_step(loss, optim.SGD(1.0), params=[w], constraints=constraints)
    assert [s.name for s in step.updates] == ["w"]
    _, state = interpret_step(step, {"x": [5.0]})
    assert state["w"] == 0.5


def test_errors():
    x, w = gd.input("x", ("N",)), gd.param("w", (3,))
    loss = gd.sum(x) * gd.sum(w)
    with pytest.raises(ArgumentError, match="constrained"):
        gd.train_step(loss, optim.SGD(0.1), constraints={x: non_negative})
    with pytest.raises(ShapeError, match="'w'"):
        gd.train_step(loss, optim.SGD(0.1), constraints={w: gd.sum})
    with pytest.raises(DTypeError, match="'w'"):
        gd.train_step(loss, optim.SGD(0.1), constraints={w: lambda w: w.astype("float64")})
