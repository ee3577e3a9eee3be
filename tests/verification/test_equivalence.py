"""gd.verify_pass: graphs that mean the same, and such that do not."""

import pytest

import graphdl as gd
from graphdl.passes import pipeline
from graphdl.passes.expand import expand
from tests.verification.shared import f


def test_equal_structure_is_proved():
    x = gd.input("x", ("N",))
    result = gd.verify_pass(gd.Graph(gd.exp(x)), gd.Graph(gd.exp(x)))
    assert (result.verdict, result.method) == ("proved", "same structure")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (lambda x: gd.softmax(x), lambda x: gd.exp(x) / gd.sum(gd.exp(x), -1, keepdims=True)),
        (lambda x: gd.relu(x), lambda x: (x + gd.abs(x)) / 2.0),
        (lambda x: gd.log(gd.exp(x)), lambda x: x),
        (lambda x: gd.tanh(x), lambda x: 2.0 * gd.sigmoid(2.0 * x) - 1.0),
        (lambda x: (x + 1.0) ** 2, lambda x: x * x + 2.0 * x + 1.0),
        (lambda x: gd.max(x, 1), lambda x: -gd.min(-x, 1)),
    ],
)
def test_identities_are_proved_on_symbols(one, other):
    x = f("x", "N", 2)
    result = gd.verify_pass(gd.Graph(one(x)), gd.Graph(other(x)))
    assert result.verdict == "proved", str(result)
    assert bool(result)


def test_expansion_of_a_network_is_established():
    x, y = gd.input("x", ("N", 3)), gd.input("y", ("N",), "int32")
    graph = gd.Graph({"loss": gd.losses.softmax_cross_entropy(gd.nn.Dense(3, 2)(x), y)})
    result = gd.verify_pass(graph, expand(graph))
    assert (result.verdict, result.method) == ("proved", "by SymPy, piece by piece")


def test_a_difference_is_shown_with_its_place():
    x = f("x", 3)
    result = gd.verify_pass(gd.Graph({"y": x * 2.0}), gd.Graph({"y": x * 2.0001}))
    assert result.verdict == "refuted"
    assert str(result).startswith("refuted: y[")
    assert set(result.inputs) == {"x"}
    assert not result


def test_updates_are_compared_too():
    w = gd.param("w", (2,), init=[1.0, 2.0])
    first = gd.Graph({"loss": gd.sum(w)}, updates={w: w - 0.5})
    second = gd.Graph({"loss": gd.sum(w)}, updates={w: w - 0.25})
    assert "update of w" in str(gd.verify_pass(first, second))


def test_results_must_be_the_same_ones():
    x = f("x", 3)
    with pytest.raises(gd.GraphdlError, match="one graph only"):
        gd.verify_pass(gd.Graph({"a": x + 1.0}), gd.Graph({"b": x + 1.0}))
    with pytest.raises(gd.GraphdlError, match="shape"):
        gd.verify_pass(gd.Graph({"a": x + 1.0}), gd.Graph({"a": gd.sum(x)}))


def test_the_pipeline_keeps_the_meaning():
    graph = gd.backward_graph(gd.sum(gd.tanh(gd.param("w", (2, 2), "float64")) ** 2))
    assert gd.verify_pass(graph, pipeline.rewrite(graph))
