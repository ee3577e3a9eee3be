"""gd.train_step and gd.update: what a step returns and changes."""

import gc
import weakref

import numpy as np
import pytest

import graphdl as gd
from graphdl import losses, nn, optim
from graphdl.ir.errors import (
    ArgumentError,
    DTypeError,
    DuplicateNameError,
    GradientError,
    ShapeError,
)
from graphdl.ir.interpreter import interpret_step

RNG = np.random.default_rng(5)


def classifier():
    x, y = gd.input("x", ("N", 4)), gd.input("y", ("N",), "int32")
    net = nn.Sequential(nn.Dense(4, 8, "relu", init=nn.init.he()), nn.Dense(8, 3))
    logits = net(x)
    return net, logits, losses.softmax_cross_entropy(logits, y), y


def batch(size=32):
    x = RNG.normal(size=(size, 4))
    return {"x": x, "y": x[:, :3].argmax(1)}


def test_a_step_learns_and_reports():
    _, logits, loss, y = classifier()
    right = gd.mean(gd.equal(gd.argmax(logits, 1), y))
    step = gd.train_step(loss, optim.Adam(0.05), metrics={"accuracy": right}, name="fit")
    assert step.name == "fit"
    assert list(step.outputs) == ["loss", "accuracy"]
    data, state, seen = batch(), {}, []
    for _ in range(60):
        out, state = interpret_step(step, data, state)
        seen.append(float(out["loss"]))
    assert seen[-1] < 0.2 * seen[0]
    assert out["accuracy"] == 1.0
    assert state["optimizer/step"] == 60


def test_the_loss_is_that_of_before_the_step():
    _, _, loss, _ = classifier()
    data = batch()
    out, _ = interpret_step(gd.train_step(loss, optim.SGD(10.0)), data)
    assert out["loss"] == gd.interpret(gd.Graph(loss), data)["out"]


@pytest.mark.parametrize(
    "optimizer", [optim.SGD(0.1, 0.9), optim.Adam(optim.schedules.cosine(0.1, 20))]
)
def test_resuming_equals_never_having_stopped(optimizer):
    step = gd.train_step(classifier()[2], optimizer)
    again = gd.train_step(classifier()[2], optimizer)
    batches = [batch() for _ in range(6)]
    through = {}
    for data in batches:
        _, through = interpret_step(step, data, through)
    halfway = {}
    for data in batches[:3]:
        _, halfway = interpret_step(step, data, halfway)
    saved = {k: v.tobytes() for k, v in halfway.items()}
    resumed = {k: np.frombuffer(saved[k], v.dtype).reshape(v.shape) for k, v in halfway.items()}
    for data in batches[3:]:
        _, resumed = interpret_step(again, data, resumed)
    assert through.keys() == resumed.keys()
    for name, value in through.items():
        assert np.array_equal(value, resumed[name]), name


def test_only_some_parameters():
    net, _, loss, _ = classifier()
    step = gd.train_step(loss, optim.SGD(0.1), params=net.params[2:])
    assert [s.name for s in step.updates] == ["dense2/w", "dense2/b"]


def test_optimizer_nodes_have_their_scope():
    step = gd.train_step(classifier()[2], optim.Adam())
    scopes = {o.scope for v in step.updates.values() for o in v.origins}
    assert scopes == {"optimizer"}


def test_updates_on_the_way_are_collected():
    x = gd.input("x", ("N", 2))
    w = gd.param("w", (2,), init=1.0)
    centre = gd.mean(x, 0)
    seen, calls = gd.state("mean", (2,)), gd.state("calls", (), "int64")
    gd.update(seen, 0.5 * seen + 0.5 * centre)
    unrelated = gd.state("unrelated", ())
    gd.update(unrelated, unrelated + 1.0)
    scale = gd.update(calls, calls + 1).astype("float32")
    loss = gd.sum((x - centre) * w * scale)
    step = gd.train_step(loss, optim.SGD(0.1))
    assert sorted(s.name for s in step.updates) == ["calls", "mean", "w"]
    _, state = interpret_step(step, {"x": [[1.0, 2.0], [3.0, 6.0]]})
    assert state["mean"].tolist() == [1.0, 2.0]
    _, state = interpret_step(step, {"x": [[1.0, 2.0], [3.0, 6.0]]}, state)
    assert state["mean"].tolist() == [1.5, 3.0]
    assert state["calls"] == 2


def test_an_update_of_another_model_is_not_collected():
    def build(momentum):
        hidden = gd.input("x", ("N",)) * 2.0
        mean = gd.state("mean", ())
        gd.update(mean, momentum * gd.mean(hidden))
        return gd.sum(hidden * gd.param("w", ()))

    first, second = build(0.5), build(0.25)
    for loss, expected in ((first, 1.0), (second, 0.5)):
        step = gd.train_step(loss, optim.SGD(1.0))
        assert [s.name for s in step.updates] == ["w", "mean"]
        assert interpret_step(step, {"x": [1.0]})[1]["mean"] == expected


def test_updates_leave_with_their_state():
    state = gd.state("temporary", ())
    gd.update(state, state + 1.0)
    gone = weakref.ref(state)
    del state
    gc.collect()
    assert gone() is None


def test_two_updates_of_one_state():
    x, w, s = gd.input("x", ()), gd.param("w", ()), gd.state("s", ())
    gd.update(s, s + 1.0)
    gd.update(s, s + 2.0)
    with pytest.raises(DuplicateNameError, match="updated twice"):
        gd.train_step(x * w * s, optim.SGD(0.1))


def test_a_trained_parameter_with_an_update():
    x, w = gd.input("x", ()), gd.param("w", ())
    gd.update(w, w * 0.5)
    with pytest.raises(DuplicateNameError, match="optimizer"):
        gd.train_step(x * w, optim.SGD(0.1))


def test_update_refuses_what_does_not_fit():
    state, x = gd.state("s", (3,)), gd.input("x", (3,))
    assert gd.update(state, np.ones(3)).dtype is state.dtype
    with pytest.raises(ArgumentError, match="only state"):
        gd.update(x, x)
    with pytest.raises(ArgumentError, match="only state"):
        gd.update(1.0, x)
    with pytest.raises(ShapeError):
        gd.update(state, gd.input("y", (4,)))
    with pytest.raises(DTypeError, match="float64"):
        gd.update(state, gd.input("y", (3,), "float64"))


def test_errors():
    x, w = gd.input("x", ("N",)), gd.param("w", ())
    with pytest.raises(GradientError, match="scalar") as caught:
        gd.train_step(x * w, optim.SGD(0.1))
    assert "gd.mean" in caught.value.remedy
    with pytest.raises(GradientError, match="no parameter"):
        gd.train_step(gd.sum(x), optim.SGD(0.1))
    with pytest.raises(DuplicateNameError, match="loss"):
        gd.train_step(gd.sum(x * w), optim.SGD(0.1), metrics={"loss": x})
    with pytest.raises(ArgumentError, match="optimizer"):
        gd.train_step(gd.sum(x * w), 0.1)
    with pytest.raises(ArgumentError, match="parameters"):
        gd.train_step(gd.sum(x * w), optim.SGD(0.1), params=[x])
