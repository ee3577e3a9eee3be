"""Optimizers against their published formulas in NumPy, and against recorded PyTorch runs."""

import inspect
import json
import math
from pathlib import Path

import numpy as np
import pytest

import graphdl as gd
from graphdl import nn, optim
from graphdl.ir.errors import ArgumentError, ShapeError
from graphdl.ir.interpreter import interpret_step

RECORD = json.loads((Path(__file__).parent.parent / "fixtures" / "torch_training.json").read_text())
STEPS = 100


def gradients():
    return np.random.default_rng(3).normal(size=(STEPS, 4, 3))


def trajectory(optimizer, dtype="float64", start=0.5, **inputs):
    """Return the parameter after each step on given gradients."""
    w, g = gd.param("w", (4, 3), dtype, init=start), gd.input("g", (4, 3), dtype)
    step = gd.Graph({"g": g}, updates=optimizer.updates([w], [g]))
    state, seen = {}, []
    for k, gradient in enumerate(gradients()):
        given = {name: values[k] for name, values in inputs.items()}
        _, state = interpret_step(step, {"g": gradient, **given}, state)
        seen.append(state["w"])
    return np.array(seen)


def sgd(lr=lambda k: 0.1, momentum=0.0, nesterov=False):
    w, v, seen = np.full((4, 3), 0.5), np.zeros((4, 3)), []
    for k, g in enumerate(gradients()):
        v = momentum * v + g
        w = w - lr(k) * (g + momentum * v if nesterov else v)
        seen.append(w)
    return np.array(seen)


def adam(lr=0.01, b1=0.9, b2=0.999, eps=1e-8):
    w, m, v, seen = np.full((4, 3), 0.5), 0.0, 0.0, []
    for t, g in enumerate(gradients(), 1):
        m = b1 * m + (1 - b1) * g
        v = b2 * v + (1 - b2) * g * g
        w = w - lr * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + eps)
        seen.append(w)
    return np.array(seen)


CASES = {
    "sgd": (optim.SGD(0.1), sgd()),
    "momentum": (optim.SGD(0.1, momentum=0.9), sgd(momentum=0.9)),
    "nesterov": (optim.SGD(0.1, 0.9, nesterov=True), sgd(momentum=0.9, nesterov=True)),
    "adam": (optim.Adam(0.01), adam()),
    "adam, other decay": (optim.Adam(0.1, b1=0.5, b2=0.9, eps=0.1), adam(0.1, 0.5, 0.9, 0.1)),
    "adam, no momentum": (optim.Adam(0.1, b1=0.0), adam(0.1, 0.0)),
}


@pytest.mark.parametrize("case", CASES)
def test_published_formulas(case):
    optimizer, expected = CASES[case]
    np.testing.assert_allclose(trajectory(optimizer), expected, rtol=1e-11, atol=1e-13)
    narrow = trajectory(optimizer, "float32")
    assert narrow.dtype == np.float32
    np.testing.assert_allclose(narrow, expected, rtol=1e-4, atol=1e-4)


def test_bias_correction_is_accurate_in_float32():
    w, g = gd.param("w", ()), gd.input("g", ())
    step = gd.Graph({"g": g}, updates=optim.Adam(1.0, eps=0.0).updates([w], [g]))
    _, state = interpret_step(step, {"g": 1e-3})
    assert float(state["w"]) == pytest.approx(-1.0, rel=1e-6)
    late = {"optimizer/step": np.int64(10**7), "optimizer/w/v": 1.0, "optimizer/w/m": 1.0}
    _, state = interpret_step(step, {"g": 1.0}, late)
    assert float(state["w"]) == pytest.approx(-1.0, rel=1e-6)
    assert state["optimizer/step"] == 10**7 + 1


def test_hyperparameters_by_number_schedule_and_input():
    decay = [0.1 * 0.9**k for k in range(STEPS)]
    expected = sgd(lr=lambda k: decay[k], momentum=0.9)
    schedule = optim.SGD(optim.schedules.exponential(0.1, 0.9), momentum=0.9)
    np.testing.assert_allclose(trajectory(schedule), expected, rtol=1e-11, atol=1e-13)
    given = optim.SGD(gd.input("lr", ()), momentum=lambda step: 0.9 + 0.0 * step)
    got = trajectory(given, lr=np.float32(decay))
    np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-6)


def test_adams_decay_may_be_given_at_run_time():
    optimizer = optim.Adam(0.01, b1=gd.input("b1", (), "float64"))
    got = trajectory(optimizer, b1=np.full(STEPS, 0.9))
    np.testing.assert_allclose(got, adam(), rtol=1e-11, atol=1e-13)


def test_state_only_where_it_is_needed():
    w, g = gd.param("w", (3,)), gd.input("g", (3,))

    def names(optimizer):
        return sorted(s.name for s in optimizer.updates([w], [g]))

    assert names(optim.SGD(0.1)) == ["w"]
    assert names(optim.SGD(optim.schedules.cosine(0.1, 10))) == ["optimizer/step", "w"]
    assert names(optim.SGD(0.1, 0.9, name="slow")) == ["slow/w/velocity", "w"]
    assert names(optim.Adam()) == ["optimizer/step", "optimizer/w/m", "optimizer/w/v", "w"]


def test_mixed_dtypes_share_one_counter():
    params = [gd.param("a", (3,)), gd.param("b", (3,), "float64")]
    grads = [gd.input("g", (3,)), gd.input("h", (3,), "float64")]
    graph = gd.Graph(grads, updates=optim.Adam().updates(params, grads))
    assert [s.name for s in graph.state].count("optimizer/step") == 1
    _, state = interpret_step(graph, {"g": [1, 2, 3], "h": [1, 2, 3]})
    np.testing.assert_allclose(state["a"], state["b"], rtol=1e-6)


@pytest.mark.parametrize("target", ["interp", "numpy", "c"])
@pytest.mark.parametrize("run", RECORD["runs"])
def test_five_steps_of_an_mlp_equal_pytorchs(run, target, needs_cc):
    optimizer = {
        "sgd": optim.SGD(0.1),
        "momentum": optim.SGD(0.1, momentum=0.9),
        "nesterov": optim.SGD(0.1, momentum=0.9, nesterov=True),
        "adam": optim.Adam(0.01),
    }[run]
    net = nn.Sequential(nn.Dense(6, 8, "tanh", dtype="float64"), nn.Dense(8, 3, dtype="float64"))
    x, y = gd.input("x", ("N", 6), "float64"), gd.input("y", ("N",), "int64")
    step = gd.train_step(gd.losses.softmax_cross_entropy(net(x), y), optimizer)
    module, expected = gd.compile(step, target=target, dims={"N": 64}), RECORD["runs"][run]
    for name, value in RECORD["start"].items():
        module.state[name] = np.array(value)
    for batch, labels, loss in zip(RECORD["x"], RECORD["y"], expected["losses"], strict=True):
        out = module.train(x=np.array(batch), y=np.array(labels))
        assert float(out["loss"]) == pytest.approx(loss, rel=1e-12)
    for name, value in expected["params"].items():
        np.testing.assert_allclose(module.state[name], value, rtol=1e-9)


EVERY = [v for v in vars(optim).values() if isinstance(v, type) and issubclass(v, optim.Optimizer)]
RULES = [v for v in EVERY if v not in (optim.Optimizer, optim.Groups, optim.Ema)]


@pytest.mark.parametrize("target", ["interp", "numpy", "c"])
@pytest.mark.parametrize("rule", RULES)
def test_every_hyperparameter_may_be_given_at_run_time_or_by_schedule(rule, target, needs_cc):
    """Both are constant here, and change nothing."""
    numbers = {"lr": 0.05, "weight_decay": 0.1, "momentum": 0.9, "dampening": 0.5, "lr_decay": 0.1,
               "b1": 0.8, "b2": 0.9, "rho": 0.8, "eps": 1e-3, "momentum_decay": 0.01}  # fmt: skip
    own = [k for k in inspect.signature(rule).parameters if k in numbers]
    options = {k: numbers[k] for k in {*own, "weight_decay"}}
    nodes = {k: gd.input(k, (), "float64") for k in options}
    ways = [
        rule(**options, name="numbers"),
        rule(**nodes, name="nodes"),
        rule(**{k: optim.schedules.constant(v) for k, v in options.items()}, name="schedules"),
    ]
    params = [gd.param(f"w{k}", (3,), "float64", init=0.5) for k in range(3)]
    g = gd.input("g", (3,), "float64")
    updates = {}
    for way, param in zip(ways, params, strict=True):
        updates.update(way.updates([param], [g]))
    module = gd.compile(gd.Graph({"g": g}, updates=updates, name="step"), target)
    for gradient in gradients()[:5, 0]:
        module.step(g=gradient, **{k: np.float64(v) for k, v in options.items()})
    for k in (1, 2):
        np.testing.assert_allclose(module.state[f"w{k}"], module.state["w0"], rtol=1e-12)


def test_a_centred_variance_below_zero_counts_as_zero():
    """Of equal gradients the variance is 0, and rounding would make it negative."""
    w, g = gd.param("w", (64,)), gd.input("g", (64,))
    optimizer = optim.RMSProp(0.01, rho=0.3, centered=True)
    step, state = gd.Graph({"g": g}, updates=optimizer.updates([w], [g])), {}
    values, below = np.linspace(0.1, 3, 64, dtype="f4"), 0
    for _ in range(60):
        _, state = interpret_step(step, {"g": values}, state)
        below += np.sum(state["optimizer/w/v"] < state["optimizer/w/m"] ** 2)
        assert np.isfinite(state["w"]).all()
    assert below > 0


def test_an_optimizer_of_ones_own_has_the_common_options():
    class Sign(optim.Optimizer):
        def rule(self, param, grad):
            return {param: param - self.value(self.lr, param.dtype) * gd.sign(grad)}

    w, g = gd.param("w", (2,), init=[1.0, -2.0]), gd.input("g", (2,))
    optimizer = Sign(lr=0.5, weight_decay=0.1, decoupled=True, name="sign")
    new = gd.interpret(gd.Graph(optimizer.updates([w], [g])[w]), {"g": [3.0, 0.0]})["out"]
    np.testing.assert_allclose(new, [1 - 0.5 - 0.05, -2 + 0.1], rtol=1e-6)
    with pytest.raises(NotImplementedError, match="rule"):
        optim.Optimizer().updates([w], [g])


def test_coupled_decay_is_the_gradient_of_a_penalty():
    w, g = gd.param("w", (4, 3), "float64", init=0.5), gd.input("g", (4, 3), "float64")
    penalty = 0.5 * 0.3 * gd.sum(w * w)
    (grad,) = gd.grad(penalty + gd.sum(w * g), [w])
    by_hand = optim.Adam(name="by_hand").updates([w], [grad])[w]
    built_in = optim.Adam(weight_decay=0.3).updates([w], [g])[w]
    values = gd.interpret(gd.Graph([by_hand, built_in]), {"g": gradients()[0]})
    np.testing.assert_allclose(values["out0"], values["out1"], rtol=1e-14)


def test_errors():
    w = gd.param("w", (3,))
    for make in (
        lambda: optim.SGD(-0.1),
        lambda: optim.SGD(math.nan),
        lambda: optim.SGD(None),
        lambda: optim.SGD("fast"),
        lambda: optim.SGD(0.1, momentum=1.0),
        lambda: optim.SGD(0.1, nesterov=True),
        lambda: optim.SGD(0.1, 0.9, nesterov=True, dampening=0.1),
        lambda: optim.SGD(0.1, 0.9, dampening=1.0),
        lambda: optim.SGD(0.1, weight_decay=-0.1),
        lambda: optim.SGD(0.1, clip=1.0),
        lambda: optim.Adagrad(lr_decay=-1.0),
        lambda: optim.Adagrad(initial=-1.0),
        lambda: optim.Adagrad(initial=gd.input("initial", ())),
        lambda: optim.RMSProp(rho=1.0),
        lambda: optim.RMSProp(momentum=-0.1),
        lambda: optim.Adadelta(eps=-1e-6),
        lambda: optim.Adamax(b1=1.5),
        lambda: optim.NAdam(momentum_decay=-1.0),
        lambda: optim.Lion(b2=1.0),
        lambda: optim.AdamW(weight_decay=math.inf),
        lambda: optim.Adam(b2=1.0),
        lambda: optim.Adam(0.1).updates([w], []),
    ):
        with pytest.raises(ArgumentError):
            make()
    with pytest.raises(ShapeError, match="scalar"):
        optim.SGD(gd.input("lr", (3,))).updates([w], [w])
