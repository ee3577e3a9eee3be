"""Backward graphs written by hand: right ones are proved, every mutation is refuted."""

import numpy as np
import pytest

import graphdl as gd
from graphdl import losses, nn
from graphdl.ir.graph import Graph
from graphdl.ir.node import rebuild, topological
from graphdl.passes import pipeline
from graphdl.verification.sweep import proved_equal
from graphdl.verification.whole import proved_whole

X, T = gd.input("x", ("N", 3), "float64"), gd.input("t", ("N", 2), "float64")
W, B = gd.param("w", (3, 2), "float64"), gd.param("b", (2,), "float64", init=[0.1, -0.2])
H = gd.tanh(X @ W + B)
LOSS = gd.sum((H - T) ** 2)
C = 2.0 * (H - T)
Z = C * (1.0 - H * H)
RIGHT = {"grad_w": X.T @ Z, "grad_b": gd.sum(Z, axis=0)}

MUTATIONS = {
    "sign": {"grad_w": -(X.T @ Z)},
    "sign within": {"grad_w": X.T @ (C * (1.0 + H * H))},
    "a millionth": {"grad_b": gd.sum(Z, axis=0) * (1 + 1e-6)},
    "a millionth in one element": {"grad_b": gd.sum(Z, axis=0) * gd.constant([1.0, 1 + 1e-6])},
    "dropped sum": {"grad_b": Z[0]},
    "mean for sum": {"grad_b": gd.mean(Z, axis=0)},
    "missing sum over the broadcast axis": {"grad_b": Z},
    "summed, axis kept": {"grad_b": gd.sum(Z, axis=0, keepdims=True)},
    "wrong axis": {"grad_w": gd.sum(X, axis=0)[:, None] * gd.sum(Z, axis=0)},
    "swapped arguments": {"grad_w": X.T @ (2.0 * (T - H) * (1.0 - H * H))},
    "swapped outputs": {"grad_b": gd.sum(Z, axis=0)[::-1]},
    "forgotten factor": {"grad_w": X.T @ ((H - T) * (1.0 - H * H))},
    "forgotten activation": {"grad_w": X.T @ C},
    "primal for output": {"grad_w": X.T @ (C * (1.0 - (X @ W + B) ** 2))},
    "right at two rows only": {
        "grad_b": gd.sum(Z * gd.cast(gd.iota("N")[:, None] < 2, "float64"), axis=0)
    },
    "zeros": {"grad_w": gd.zeros((3, 2), "float64")},
    "not a number": {"grad_w": (X.T @ Z) / 0.0 * 0.0},
}  # fmt: skip


def by_hand(**changed):
    return Graph({"loss": LOSS, **RIGHT, **changed})


def test_a_gradient_written_by_hand_is_proved():
    result = gd.verify(by_hand())
    assert result.verdict == "proved", str(result)
    assert {v.name for v in result.variables} == {"w", "b"}


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_mutation_is_refuted(name):
    result = gd.verify(by_hand(**MUTATIONS[name]))
    assert result.verdict == "refuted", str(result)
    assert result.counterexample is not None
    assert result.counterexample.variable == next(iter(MUTATIONS[name]))[5:]


def test_a_counterexample_is_small_and_marked(tmp_path):
    result = gd.verify(by_hand(**MUTATIONS["sign within"]))
    example = result.counterexample
    assert example.dims == {"N": 1}
    values = np.concatenate([v.ravel() for v in (example.inputs | example.state).values()])
    assert np.count_nonzero(values) <= 4
    assert np.array_equal(2 * values, np.rint(2 * values))
    assert result.wrong.expected != result.wrong.got
    assert "expected" in result.draw().dot
    page = result.save(tmp_path / "deep" / "page.html").read_text("utf-8")
    assert "refuted" in page
    assert "first wrong" in page
    assert "http" not in page
    assert result.to_dict()["counterexample"]["values"]["x"]


INSIDE = "right at two rows only"
SHAPES = {"missing sum over the broadcast axis", "summed, axis kept"}


@pytest.mark.parametrize("name", sorted(MUTATIONS.keys() - SHAPES - {INSIDE}))
def test_the_first_wrong_step_is_told_at_the_counterexample(name):
    """Here it is the gradient itself: the same element, the same numbers."""
    result = gd.verify(by_hand(**MUTATIONS[name]))
    example, wrong = result.counterexample, result.wrong
    assert wrong.elsewhere is None
    assert wrong.index == example.index
    assert wrong.expected == pytest.approx(example.measured, rel=1e-12)
    assert wrong.got == pytest.approx(example.claimed, rel=1e-12, nan_ok=True)
    assert result.to_dict()["wrong"]["elsewhere"] is None


def test_an_altered_step_within_is_told_at_the_counterexample():
    result = gd.verify(by_hand(**MUTATIONS[INSIDE]))
    assert result.wrong.altered
    assert result.wrong.elsewhere is None
    assert result.wrong.index[0] < len(result.counterexample.inputs["x"])


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("sign", "refuted at the only point tried, smallest counterexample: d loss / d w at ["),
        ("a millionth", "refuted at 1 of 3 points, smallest counterexample: d loss / d b at ["),
        ("missing sum over the broadcast axis", "refuted: the gradient by b is float64(N, 2)"),
    ],
)
def test_a_refutation_says_how_many_points_were_tried(name, start):
    assert str(gd.verify(by_hand(**MUTATIONS[name]))).startswith(start)


def test_variables_may_be_chosen():
    wrong = by_hand(**MUTATIONS["zeros"])
    assert gd.verify(wrong, B).verdict == "proved"
    assert gd.verify(wrong, [W, B]).verdict == "refuted"
    with pytest.raises(gd.GraphdlError, match="has no output grad_x"):
        gd.verify(wrong, X)


def test_small_gradients_of_another_form_are_proved_as_a_whole():
    w = gd.param("w", (2,), "float64", init=[0.5, 1.5])
    loss = gd.sum(gd.log(gd.cosh(w)) * w)
    hand = gd.log(gd.cosh(w)) + w * (1.0 - 2.0 / (gd.exp(2.0 * w) + 1.0))
    result = gd.verify(Graph({"loss": loss, "grad_w": hand}))
    assert result.verdict == "proved", str(result)
    found = proved_whole(gd.sum(X * X), [X], [3.0 * X])
    assert found.verdict == "refuted"
    assert proved_whole(gd.sum(X * X), [X], [X + X]).how == "on symbols, N = 1 and 2"


def test_integers_take_all_their_values():
    z, y = gd.input("z", ("N", 2), "float64"), gd.input("y", ("N",), "int32")
    loss = gd.sum(gd.take_along_axis(z * z, y[:, None], 1))
    onehot = gd.cast(gd.equal(gd.iota(2), y[:, None]), "float64")
    assert proved_whole(loss, [z], [2.0 * z * onehot]).verdict == "proved"
    assert proved_whole(loss, [z], [2.0 * z]).verdict == "refuted"
    assert proved_whole(gd.sum(z * y[:, None]), [z], [z]).verdict == "open"


@pytest.mark.parametrize("activation", ["relu", "gelu", "silu"])
def test_an_optimised_gradient_is_proved_equal(activation):
    x, y = gd.input("x", ("N", 6)), gd.input("y", ("N",), "int32")
    net = nn.Sequential(nn.Dense(6, 5, activation=activation), nn.Dense(5, 4))
    graph = gd.backward_graph(losses.softmax_cross_entropy(net(x), y))
    result = gd.verify_pass(graph, pipeline.run(graph))
    assert result.verdict == "proved", str(result)


def optimised(loss):
    return pipeline.run(gd.backward_graph(loss))


def classifier(activation="tanh", classes=4):
    x, y = gd.input("x", ("N", 6)), gd.input("y", ("N",), "int32")
    net = nn.Sequential(nn.Dense(6, 5, activation=activation), nn.Dense(5, classes))
    return net(x), y


CLASSIFICATION = {
    "softmax_cross_entropy": losses.softmax_cross_entropy,
    "label smoothing": lambda z, y: losses.softmax_cross_entropy(z, y, label_smoothing=0.1),
    "soft labels": lambda z, y: (
        -gd.mean(gd.sum(gd.input("t", ("N", 4)) * gd.log_softmax(z), axis=1))
    ),
    "logsumexp": lambda z, y: gd.mean(gd.logsumexp(z, axis=1)),
    "squared error of softmax": lambda z, y: gd.mean((gd.softmax(z) - 0.25) ** 2),
}


@pytest.mark.parametrize("name", CLASSIFICATION)
def test_an_optimised_gradient_of_an_opened_loss_is_proved(name):
    """The chain rule goes through the maximum that is subtracted: its adjoint is proved to be 0."""
    graph = optimised(CLASSIFICATION[name](*classifier()))
    assert not any(n.op.name.startswith(("softmax", "log_softmax", "logsum")) for n in graph.nodes)
    result = gd.verify(graph)
    assert (result.verdict, result.method) == ("proved", "proof by the chain rule"), str(result)
    assert "equal to what the chain rule builds: proved by SymPy" in str(result)


@pytest.mark.parametrize(("activation", "classes"), [("relu", 2), ("gelu", 10), ("silu", 26)])
def test_it_is_for_more_classes_and_other_activations(activation, classes):
    graph = optimised(losses.softmax_cross_entropy(*classifier(activation, classes)))
    assert gd.verify(graph, points=1).verdict == "proved"


def test_too_many_classes_are_checked():
    graph = optimised(losses.softmax_cross_entropy(*classifier(classes=150)))
    assert gd.verify(graph, points=1).verdict == "checked"


WRONG = {
    "a millionth": lambda g: g * (1 + 1e-6),
    "sign": lambda g: -g,
    "one more": lambda g: g + 1e-4,
}


@pytest.mark.parametrize(("dtype", "factor"), [("float32", 1 + 3e-7), ("float64", 1 + 2e-9)])
def test_what_only_the_chain_rule_tells_is_shrunk_and_located(dtype, factor):
    x, w = gd.input("x", ("N", 3), dtype), gd.param("w", (3, 2), dtype, init=0.3)
    loss = gd.mean(gd.tanh(x @ w))
    graph = gd.Graph({"loss": loss, "grad_w": gd.grad(loss, w)[0] * factor})
    result = gd.verify(graph)
    assert result.method == result.measured == "the chain rule's gradient in float64"
    example = result.counterexample
    assert np.count_nonzero(example.inputs["x"]) == 1
    assert not np.any(example.state["w"])
    assert "first wrong: <multiply" in str(result)


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("place", ["where", "divide", "exp", "subtract"])
def test_mutations_of_an_optimised_gradient_are_refuted(name, place):
    """The last node of each kind is in the gradient of the logits."""
    graph = optimised(losses.softmax_cross_entropy(*classifier()))
    loss = set(topological([graph.outputs["loss"]]))
    among = [n for n in graph.nodes if n.op.name == place]
    node = next((n for n in reversed(among) if n not in loss), among[-1])
    changed = replaced(graph, node, WRONG[name](node), loss)
    result = gd.verify(changed)
    assert result.verdict == "refuted", str(result)


def replaced(graph, node, by, kept):
    """Return a graph with a node replaced for all but what is to be kept."""
    made = {node: by}
    for n in graph.nodes:
        if n not in made and n not in kept and any(made.get(i, i) is not i for i in n.inputs):
            made[n] = rebuild(n, [made.get(i, i) for i in n.inputs])
    outputs = {k: v if k == "loss" else made.get(v, v) for k, v in graph.outputs.items()}
    return Graph(outputs)


def test_what_only_looks_equal_is_not_proved():
    h = gd.tanh(X @ W)
    assert proved_equal([h * 2.0], [h + h])
    assert not proved_equal([h], [h * (1 + 1e-12)])
    tiny = gd.sin(h * 1e-9)
    assert not proved_equal([tiny], [h * 1e-9])
    assert not proved_equal([h + gd.sum(h) * 1e-14], [h])
    assert not proved_equal([h + 1e-14], [h])
    assert not proved_equal([gd.where(X @ W > -50.0, X @ W, 0.0)], [X @ W])
    assert proved_equal([gd.where(gd.abs(h) < np.inf, X @ W, 0.0)], [X @ W])


def test_shared_parts_and_long_chains_end():
    w = gd.param("w", (2,), "float64", init=[0.3, 0.4])
    h = w
    for _ in range(60):
        h = gd.sin(h) * gd.cos(h) + h * 0.5
    loss = gd.sum(h)
    (gradient,) = gd.grad(loss, w)
    right = gd.verify(Graph({"loss": loss, "grad_w": gradient * 2.0 * 0.5}), points=1)
    assert right.verdict == "proved", str(right)
    for _ in range(3000):
        h = h * 1.0001 + 0.1
    assert gd.verify(gd.sum(h), points=1).verdict == "proved"
