"""Groups: each parameter by the optimizer of its group."""

import numpy as np
import pytest

import graphdl as gd
from graphdl import nn, optim
from graphdl.ir.errors import ArgumentError, DuplicateNameError
from graphdl.ir.interpreter import interpret_step

W, B, C = gd.param("w", (2, 3)), gd.param("b", (3,)), gd.param("c", ())
PARAMS = [W, B, C]
GRADS = [gd.input(f"g_{p.name}", p.shape) for p in PARAMS]


def is_bias(param):
    return param.name == "b"


def run(optimizer, params=PARAMS, steps=4):
    """Return the state after some steps."""
    grads = [g for g, p in zip(GRADS, PARAMS, strict=True) if p in params]
    step, state = gd.Graph(grads, updates=optimizer.updates(params, grads)), {}
    rng = np.random.default_rng(4)
    for _ in range(steps):
        given = {g.name: rng.normal(size=g.shape) for g in GRADS}
        _, state = interpret_step(step, {g.name: given[g.name] for g in grads}, state)
    return state


def test_each_group_steps_as_its_optimizer_alone():
    groups = optim.Groups(
        [(is_bias, optim.SGD(0.5, momentum=0.9)), ([C], optim.Adam(0.1))],
        default=optim.NAdam(0.3, weight_decay=0.1),
    )
    state = run(groups)
    alone = [
        (optim.SGD(0.5, 0.9), B),
        (optim.Adam(0.1), C),
        (optim.NAdam(0.3, weight_decay=0.1), W),
    ]
    for optimizer, param in alone:
        assert np.array_equal(run(optimizer, [param])[param.name], state[param.name])


def test_states_of_equal_names_are_told_apart():
    groups = optim.Groups([([W], optim.NAdam(b1=0.5)), ([B], optim.NAdam())], optim.NAdam(0.1))
    names = set(run(groups))
    assert {f"{s}/{n}" for s in ("optimizer", "optimizer2", "optimizer3")
            for n in ("step", "mu_product")} < names  # fmt: skip
    one = optim.Adam()
    assert {"optimizer/w/m", "optimizer2/b/m", "optimizer3/c/m"} < set(
        run(optim.Groups([([W], one), ([B], one)], default=one))
    )
    assert one.name == "optimizer"
    named = optim.Groups([([W], optim.Adam(name="slow"))], optim.Adam(name="fast"))
    assert {"slow/w/m", "fast/b/m", "slow/step", "fast/step"} < set(run(named))


def test_a_global_norm_is_over_all_groups():
    clip = optim.clip_by_global_norm(0.7)
    groups = optim.Groups([(is_bias, optim.SGD(0.5))], optim.SGD(0.1), clip=clip)
    both, grads = groups.updates(PARAMS, GRADS), {}
    rng = np.random.default_rng(0)
    grads = {g.name: rng.normal(size=g.shape) for g in GRADS}
    new = gd.interpret(gd.Graph([both[p] for p in PARAMS]), grads)
    norm = np.sqrt(sum(np.sum(g**2) for g in grads.values()))
    for k, (g, lr) in enumerate(zip(grads.values(), (0.1, 0.5, 0.1), strict=True)):
        np.testing.assert_allclose(new[f"out{k}"], -lr * g * 0.7 / norm, rtol=1e-5)


def test_a_clip_of_a_group_sees_its_gradients_only():
    clip = optim.clip_by_global_norm(0.7)
    groups = optim.Groups([(is_bias, optim.SGD(0.5, clip=clip))], optim.SGD(0.1))
    assert np.array_equal(run(groups)["b"], run(optim.SGD(0.5, clip=clip), [B])["b"])
    assert np.array_equal(run(groups)["w"], run(optim.SGD(0.1), [W])["w"])


def test_a_scheduled_clip_has_a_counter_of_its_own():
    clip = optim.clip_by_global_norm(lambda step: 1.0 / (1.0 + step))
    state = run(optim.Groups([(is_bias, optim.SGD(0.5))], optim.Adam(), clip=clip), steps=3)
    assert state["groups/step"] == 3
    assert state["optimizer2/step"] == 3


def test_groups_of_a_networks_parameters_in_a_training_step():
    net = nn.Sequential(nn.Dense(4, 8, "relu", init=nn.init.he()), nn.Dense(8, 3))
    x, y = gd.input("x", ("N", 4)), gd.input("y", ("N",), "int32")
    loss = gd.losses.softmax_cross_entropy(net(x), y)
    groups = optim.Groups([(net.layers[0].params, optim.SGD(0.0))], optim.Groups(
        [(lambda p: p.name.endswith("/b"), optim.SGD(0.5))], optim.Adam(0.1)))  # fmt: skip
    module = gd.compile(gd.train_step(loss, groups), "numpy", dims={"N": 8})
    before = {k: np.array(v) for k, v in module.state.items()}
    rng = np.random.default_rng(0)
    module.train(x=rng.normal(size=(8, 4)).astype("f4"), y=rng.integers(0, 3, 8).astype("i4"))
    same = {p.name for p in net.params if np.array_equal(before[p.name], module.state[p.name])}
    assert same == {"dense1/w", "dense1/b"}


def test_errors():
    sgd, adam = optim.SGD(0.1), optim.Adam()
    for groups, default, words in (
        ([(is_bias, sgd)], None, "has no group"),
        ([(is_bias, sgd), ([B], adam)], sgd, r"groups \[0, 1\]"),
        ([(lambda p: p.name == "bias", sgd)], adam, "group 0 has no parameters"),
        ([], None, "has no group"),
    ):
        with pytest.raises(ArgumentError, match=words):
            optim.Groups(groups, default).updates(PARAMS, GRADS)
    with pytest.raises(ArgumentError, match=r"is no Sequence.*Optimizer"):
        optim.Groups([(is_bias, 0.1)], sgd)
    with pytest.raises(ArgumentError, match="3 parameters but 2 gradients"):
        optim.Groups([(is_bias, sgd)], sgd).updates(PARAMS, GRADS[:2])
    averaged = [(is_bias, optim.Ema(optim.Adam()))], optim.Ema(optim.Adam())
    with pytest.raises(DuplicateNameError, match="optimizer/step"):
        optim.Groups(*averaged).updates(PARAMS, GRADS)
