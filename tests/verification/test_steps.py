"""Training steps: the updates are part of what is verified; tampered ones are never proved."""

import pytest

import graphdl as gd
from graphdl import losses, nn, optim
from graphdl.ir.graph import Graph

X, T = gd.input("x", ("N", 3)), gd.input("t", ("N", 2))
LOSS = losses.squared_error(nn.Dense(3, 2, name="dense")(X), T)
STEP = gd.train_step(LOSS, optim.Adam(1e-3))
W = next(s for s in STEP.updates if s.name == "dense/w")
M = next(s for s in STEP.updates if s.name.endswith("dense/w/m"))


def tampered(**changed):
    """Return the step with other updates; names end in w or m."""
    states = {"w": W, "m": M}
    return Graph(
        STEP.outputs, updates={**STEP.updates, **{states[k]: v for k, v in changed.items()}}
    )


TAMPERED = {
    "sign": tampered(w=W + (W - STEP.updates[W])),
    "rate": tampered(w=W + 1.01 * (STEP.updates[W] - W)),
    "moment": tampered(m=0.8 * M + (STEP.updates[M] - 0.9 * M)),
    "stale parameter": tampered(w=gd.state("stale", (3, 2), init=0.0) + (STEP.updates[W] - W)),
    "not updated": tampered(m=M * 1.0),
}


def test_the_updates_are_told():
    result = gd.verify(STEP)
    assert result.verdict == "proved", str(result)
    (update,) = [s for s in result.steps if s.role == "update of"]
    assert "as Adam builds it from the gradient" in str(update)


@pytest.mark.parametrize("name", TAMPERED)
def test_a_tampered_step_is_not_proved(name):
    result = gd.verify(TAMPERED[name], points=1)
    assert result.verdict == "checked"
    assert "no formula is known" in str(result)


@pytest.mark.parametrize("name", TAMPERED)
def test_a_tampered_step_is_refuted_where_the_optimizer_is_known(name):
    result = gd.verify(TAMPERED[name], optimizer=optim.Adam(1e-3), points=1)
    assert result.verdict == "refuted", str(result)
    assert "update of" in str(result.counterexample)


def test_another_hyperparameter_is_refuted():
    assert gd.verify(STEP, optimizer=optim.Adam(1e-3, b1=0.8), points=1).verdict == "refuted"
    assert gd.verify(STEP, optimizer=optim.SGD(0.1), points=1).verdict == "refuted"


def test_a_step_written_by_hand_is_proved_equal():
    w = gd.param("w", (3,), "float64", init=[1.0, 2.0, 3.0])
    loss = gd.sum(w * w)
    (gradient,) = gd.grad(loss, w)
    step = Graph({"loss": loss}, updates={w: w + gradient * -0.1})
    assert gd.verify(step).verdict == "checked"
    assert gd.verify(step, optimizer=optim.SGD(0.1)).verdict == "proved"


def test_running_statistics_and_constraints_are_part_of_the_step():
    w = gd.param("w", (3, 2), init=nn.init.he())
    mean = gd.state("mean", (2,))
    hidden = X @ w
    gd.update(mean, 0.9 * mean + 0.1 * gd.mean(hidden, axis=0))
    loss = losses.squared_error(hidden, T)
    step = gd.train_step(loss, optim.SGD(0.1), constraints={w: nn.constraints.non_negative})
    result = gd.verify(step, points=1)
    assert result.verdict == "proved", str(result)
    assert "update of w, mean: proved as SGD builds it" in str(result)
