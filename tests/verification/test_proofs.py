"""Whole gradients: backward graphs and training steps are proved by composition."""

import time

import numpy as np
import pytest

import graphdl as gd
from graphdl import losses, nn, optim
from graphdl.ir.graph import Graph
from graphdl.verification import locate
from graphdl.verification.rules import established
from tests.verification.shared import f

ACTIVATIONS = [
    "celu", "elu", "gelu", "hard_sigmoid", "hard_swish", "hard_tanh", "leaky_relu", "log_sigmoid",
    "mish", "relu", "relu6", "selu", "sigmoid", "silu", "softplus", "softsign", "tanh",
]  # fmt: skip
OPTIMIZERS = [
    optim.SGD(0.1), optim.SGD(0.1, momentum=0.9), optim.Adam(1e-3), optim.AdamW(1e-3),
    optim.RMSProp(1e-3), optim.Adagrad(1e-3), optim.Lion(1e-4),
]  # fmt: skip
REGRESSION = ["squared_error", "absolute_error", "huber", "log_cosh", "poisson_nll"]


def network(activation="relu", outputs=4):
    x = gd.input("x", ("N", 6))
    return nn.Sequential(nn.Dense(6, 5, activation=activation), nn.Dense(5, outputs))(x)


def classified(activation="relu"):
    y = gd.input("y", ("N",), "int32")
    return losses.softmax_cross_entropy(network(activation), y)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_network_with_any_activation_is_proved(activation):
    result = gd.verify(classified(activation))
    assert result.verdict == "proved", str(result)
    assert activation in {s.op for s in result.steps}
    assert "proved by the chain rule from" in str(result)
    assert result.digits > 6


@pytest.mark.parametrize("loss", REGRESSION)
def test_a_network_with_any_loss_is_proved(loss):
    target = gd.input("t", ("N", 4))
    result = gd.verify(getattr(losses, loss)(network(), target))
    assert result.verdict == "proved", str(result)


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda o: type(o).__name__)
def test_a_training_step_is_proved(optimizer):
    started = time.perf_counter()
    result = gd.verify(gd.train_step(classified(), optimizer))
    assert result.verdict == "proved", str(result)
    assert time.perf_counter() - started < 60


def test_a_backward_graph_is_proved_node_for_node():
    graph = gd.backward_graph(classified())
    assert gd.verify(graph).verdict == "proved"


def test_an_altered_backward_graph_is_refuted_where_it_was_altered():
    graph = gd.backward_graph(classified())
    name = "grad_dense2/w"
    altered = Graph({**graph.outputs, name: graph.outputs[name] * 1.001})
    result = gd.verify(altered)
    assert result.verdict == "refuted"
    assert result.wrong.node.op.name == "multiply"
    assert result.wrong.got == pytest.approx(1.001 * result.wrong.expected)


def test_a_backward_graph_of_another_form_is_proved_equal():
    graph = gd.backward_graph(classified())
    name = "grad_dense2/w"
    other = Graph({**graph.outputs, name: graph.outputs[name] * 2.0 * 0.5})
    result = gd.verify(other)
    assert (result.verdict, result.method) == ("proved", "proof by the chain rule")
    assert "equal to what the chain rule builds" in str(result)


def test_a_step_without_its_gradient_is_an_error():
    w = gd.param("w", (3,), init=[1.0, 2.0, 3.0])
    step = Graph({"loss": gd.sum(w * w)}, updates={w: w - 0.1 * w})
    with pytest.raises(gd.GraphdlError, match="does not use the gradient"):
        gd.verify(step)
    with pytest.raises(gd.GraphdlError, match="holds no gradient"):
        gd.verify(Graph({"loss": gd.sum(w * w)}))


def test_the_first_wrong_step_is_named():
    wrong = gd.define_op(
        "proofs_wrong", lambda x: x * x, grads=lambda x, y: (3.0 * x,), replace=True
    )
    w = gd.param("w", (4, 3), "float64", init=np.linspace(0.1, 1, 12).reshape(4, 3))
    result = gd.verify(gd.sum(gd.tanh(wrong(gd.exp(w)))))
    assert result.verdict == "refuted"
    assert result.wrong.op == "proofs_wrong"
    assert result.wrong.node.op.name == "exp"
    assert result.wrong.got == pytest.approx(1.5 * result.wrong.expected)
    assert "first wrong" in str(result)
    assert result.to_dict()["wrong"]["op"] == "proofs_wrong"


def wrong_in_a_network(slope):
    op = gd.define_op(
        "proofs_within", lambda x: x * x, grads=lambda x, y: (slope * x,), replace=True
    )
    x, w = gd.input("x", ("N", 3), "float64"), gd.param("w", (3, 2), "float64")
    return gd.sum(gd.relu(gd.max(op(x @ w), axis=1)) * 4.0)


def test_the_first_wrong_adjoint_is_told_at_the_counterexample():
    """Seen from the loss it is the product's: the point, its adjoint, the derivative."""
    result = gd.verify(wrong_in_a_network(3.0))
    example, wrong = result.counterexample, result.wrong
    assert (wrong.op, wrong.node.op.name) == ("proofs_within", "contract")
    h = example.inputs["x"] @ example.state["w"]
    assert wrong.elsewhere is None
    assert wrong.expected == pytest.approx(8.0 * h[wrong.index])
    assert wrong.got == pytest.approx(12.0 * h[wrong.index])
    row, column = wrong.index
    assert column == example.index[1]
    factor = example.inputs["x"][row, example.index[0]]
    assert example.measured == pytest.approx(factor * wrong.expected)
    assert example.claimed == pytest.approx(factor * wrong.got)


def test_kinks_at_the_counterexample_are_no_wrong_adjoints():
    """With ties, max and abs have a convention there; the wrong rule is named, not these."""
    op = gd.define_op("proofs_tied", lambda x: x * x, grads=lambda x, y: (3.0 * x,), replace=True)
    w, v = (gd.param(n, (2,), "float64") for n in "wv")
    result = gd.verify(gd.sum(op(w)) + gd.max(v) + gd.sum(gd.abs(v)))
    assert not result.counterexample.state["v"].any()
    assert (result.wrong.op, result.wrong.node.name) == ("proofs_tied", "w")
    assert result.wrong.index == result.counterexample.index
    assert result.wrong.got == result.counterexample.claimed


def test_where_it_cannot_be_told_there_the_other_point_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(locate, "sharpened", lambda *args: None)
    result = gd.verify(wrong_in_a_network(3.0), inputs={"x": [[0.5, 1.0, 2.0]]})
    wrong = result.wrong
    h = wrong.elsewhere["x"] @ wrong.elsewhere["w"]
    assert wrong.index is None or wrong.got == pytest.approx(12.0 * h[wrong.index])
    assert not np.array_equal(wrong.elsewhere["w"], result.counterexample.state["w"])
    text = "told at another point than the smallest counterexample, where x = [[0.5, 1.0, 2.0]]"
    assert text in str(result)
    assert ", at another point" in wrong.finding.name
    assert result.to_dict()["wrong"]["elsewhere"]["w"] == wrong.elsewhere["w"].tolist()
    page = result.save(tmp_path / "page.html").read_text("utf-8")
    assert "<dt>first wrong at</dt>" in page
    assert page.count(repr(float(wrong.elsewhere["w"][0, 0]))) >= 2  # in the report and as a fact


def test_a_rule_that_is_wrong_elsewhere_is_refuted():
    """No random point comes there, the proof does."""
    rule = gd.define_op(
        "proofs_far",
        lambda x: x * x,
        grads=lambda x, y: (gd.ir.scalar.select(x > 50.0, 3.0 * x, 2.0 * x),),
        replace=True,
    )
    result = gd.verify(gd.sum(rule(gd.param("w", (3,), "float64"))))
    assert result.verdict == "refuted"
    assert "proofs_far is wrong" in str(result)


def test_what_is_not_proved_is_checked_with_50_digits():
    w = gd.param("w", (3,), "float64", init=[0.3, 1.7, 2.4])
    result = gd.verify(gd.sum(gd.fmod(w * w, w + 5.0)))
    assert (result.verdict, result.method) == ("checked", "mpmath with 50 digits")
    assert result.digits == 50
    assert "prove" not in str(result).splitlines()[0]


def test_deep_networks_rest_on_few_rules():
    h = gd.input("x", ("N", 4))
    for depth in range(40):
        h = nn.Dense(4, 4, activation="tanh", name=f"layer{depth}")(h)
    started = time.perf_counter()
    result = gd.verify(gd.sum(h), points=1)
    assert result.verdict == "proved"
    assert len(result.steps) < 6
    assert time.perf_counter() - started < 60


def test_shared_operands_and_masks():
    x = gd.param("w", (3,), "float64", init=[0.5, -1.0, 2.0])
    loss = gd.sum(gd.where(x > 0.0, gd.sqrt(gd.maximum(x, 0.25)) * x, x * x * x))
    assert gd.verify(loss).verdict == "proved"
    assert established(f("a", 3) * f("b", 3)).verdict == "proved"
    a = f("a", 3)
    assert established(a * a).verdict == "proved"


def test_a_wrong_op_inside_a_composite_is_named():
    wrong = gd.define_op("wrong_inside", lambda x: x * x, grads=lambda x, y: (3.0 * x,))
    around = gd.define_op("around_wrong", expand=lambda x: wrong(x) * 2.0)
    w = gd.param("w", (4, 2), "float64")
    result = gd.verify(gd.sum(around(gd.input("x", ("N", 4), "float64") @ w)))
    assert result.verdict == "refuted"
    assert result.wrong is not None
    assert result.wrong.op == "wrong_inside"
