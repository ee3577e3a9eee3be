"""Averages of parameters: the recurrence, the graph that reads them, and what goes with it."""

import numpy as np
import pytest

import graphdl as gd
from graphdl import nn, optim
from graphdl.ir.errors import ArgumentError
from graphdl.nn.constraints import max_norm

RNG = np.random.default_rng(12)
X = RNG.normal(size=(16, 4))
T = RNG.normal(size=(16, 2))


def regression(optimizer, target, **options):
    """Return a module that trains and predicts, with parameters and with averages."""
    net = nn.Sequential(
        nn.Dense(4, 3, "tanh", init=nn.init.he(), dtype="float64"), nn.Dense(3, 2, dtype="float64")
    )
    x, t = gd.input("x", ("N", 4), "float64"), gd.input("t", ("N", 2), "float64")
    y = net(x)
    train = gd.train_step(gd.mean(gd.square(y - t)), optimizer, **options)
    graphs = [
        train,
        gd.Graph({"y": y}, name="last"),
        gd.Graph({"y": optimizer.averaged(y)}, name="averaged"),
    ]
    return net, gd.compile(graphs, target, dims={"N": 16})


@pytest.mark.parametrize("target", ["interp", "numpy", "c"])
@pytest.mark.parametrize(
    "decay", [0.9, 0.0, lambda step: gd.minimum(0.9, (1 + step) / (10 + step))]
)
def test_the_recurrence(decay, target, needs_cc):
    net, module = regression(optim.Ema(optim.Adam(0.05), decay), target)
    expected = {}
    for step in range(12):
        module.train(x=X, t=T)
        d = decay if isinstance(decay, float) else min(0.9, (1 + step) / (10 + step))
        for p in net.params:
            now = np.array(module.state[p.name])
            expected[p.name] = d * expected[p.name] + (1 - d) * now if step else now
            np.testing.assert_allclose(
                module.state[f"ema/{p.name}"], expected[p.name], rtol=1e-12, atol=1e-14
            )
    averaged = module.averaged(x=X)["y"]
    assert np.array_equal(averaged, module.last(x=X)["y"]) == (decay == 0.0)
    for p in net.params:
        module.state[p.name] = expected[p.name]
    np.testing.assert_allclose(averaged, module.last(x=X)["y"], rtol=1e-12)


def test_the_optimizer_steps_as_without():
    net, with_averages = regression(optim.Ema(optim.Adam(0.05)), "numpy")
    plain = optim.Adam(0.05)
    plain.averaged = lambda y: y
    _, without = regression(plain, "numpy")
    for _ in range(5):
        with_averages.train(x=X, t=T)
        without.train(x=X, t=T)
    for p in net.params:
        assert np.array_equal(with_averages.state[p.name], without.state[p.name])


def test_resuming_equals_never_having_stopped(tmp_path):
    def module():
        return regression(optim.Ema(optim.Adam(0.05), 0.8), "numpy")[1]

    first, second = module(), module()
    for _ in range(3):
        first.train(x=X, t=T)
    first.save_state(tmp_path / "state.safetensors")
    second.load_state(tmp_path / "state.safetensors")
    for m in (first, second):
        m.train(x=X, t=T)
    for name, value in first.state.items():
        assert np.array_equal(value, second.state[name]), name


def test_averages_are_of_what_constraints_allow():
    w, x = gd.param("w", (3,), init=[1.0, 2.0, 2.0]), gd.input("x", (3,))
    optimizer = optim.Ema(optim.SGD(0.1), decay=0.5)
    step = gd.train_step(gd.sum(w * x), optimizer, constraints={w: max_norm(1.0)})
    module = gd.compile(step, "numpy")
    for _ in range(4):
        module.train(x=np.array([-1.0, -2.0, 0.5], "f4"))
        assert np.linalg.norm(module.state["w"]) <= 1 + 1e-6
        assert np.linalg.norm(module.state["ema/w"]) <= 1 + 1e-6


def test_only_what_is_trained_has_averages():
    v, w = gd.param("v", (2,), init=3.0), gd.param("w", (2,), init=1.0)
    optimizer = optim.Ema(optim.SGD(0.1), decay=0.5)
    train = gd.train_step(gd.sum(v * w), optimizer, params=[w])
    graphs = [train, gd.Graph(optimizer.averaged(v * w, params=[w]), name="averaged")]
    module = gd.compile(graphs, "interp")
    assert sorted(module.state) == ["ema/step", "ema/w", "v", "w"]
    module.train()
    np.testing.assert_allclose(module.averaged()["out"], [3 * 0.7] * 2, rtol=1e-6)


def test_around_groups_and_inside_of_them():
    params = [gd.param("w", (2,)), gd.param("b", ())]
    grads = [gd.input("g", (2,)), gd.input("h", ())]
    outside = optim.Ema(optim.Groups([(params[:1], optim.SGD(0.1))], optim.Adam()))
    names = {s.name for s in outside.updates(params, grads)}
    assert {"ema/w", "ema/b", "optimizer2/b/m"} < names
    inside = optim.Groups([(params[:1], optim.Ema(optim.SGD(0.1)))], optim.Adam())
    names = {s.name for s in inside.updates(params, grads)}
    assert {"ema/w", "w", "b"} < names
    assert "ema/b" not in names


def test_errors():
    for make in (
        lambda: optim.Ema(0.999),
        lambda: optim.Ema(optim.SGD),
        lambda: optim.Ema(optim.SGD(0.1), decay=1.0),
        lambda: optim.Ema(optim.SGD(0.1), decay="slow"),
    ):
        with pytest.raises(ArgumentError):
            make()
