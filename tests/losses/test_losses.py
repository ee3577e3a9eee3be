"""Losses against straightforward NumPy in float64, at the extremes too."""

import numpy as np
import pytest

import graphdl as gd
from graphdl import losses
from graphdl.ir.errors import ArgumentError, DTypeError, IndexRangeError, ShapeError
from graphdl.ir.graph import Graph
from graphdl.ir.kinds import CompositeOp

RNG = np.random.default_rng(1)


def run(node, **inputs):
    graph = gd.Graph(node)
    return gd.interpret(graph, {i.name: inputs[i.name] for i in graph.inputs})["out"]


def cross_entropy(x, y, axis=-1):
    shifted = x - x.max(axis, keepdims=True)
    logs = shifted - np.log(np.exp(shifted).sum(axis, keepdims=True))
    return -np.take_along_axis(logs, np.expand_dims(y, axis), axis).squeeze(axis)


REDUCTIONS = {"mean": np.mean, "sum": np.sum, "none": lambda v: v}


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_reductions(reduction):
    a, b = RNG.normal(size=(2, 7, 3))
    t = RNG.integers(0, 3, 7)
    p, q = gd.input("p", ("N", 3), "float64"), gd.input("q", ("N", 3), "float64")
    labels = gd.input("t", ("N",), "int64")
    final = REDUCTIONS[reduction]
    made = losses.squared_error(p, q, reduction=reduction)
    np.testing.assert_allclose(run(made, p=a, q=b), final((a - b) ** 2), rtol=1e-13)
    made = losses.binary_cross_entropy_with_logits(p, q > 0, reduction=reduction)
    expected = np.logaddexp(0, a) - a * (b > 0)
    np.testing.assert_allclose(run(made, p=a, q=b), final(expected), rtol=1e-13)
    made = losses.softmax_cross_entropy(p, labels, reduction=reduction)
    np.testing.assert_allclose(run(made, p=a, t=t), final(cross_entropy(a, t)), rtol=1e-13)


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_any_axis_of_classes(axis):
    x = RNG.normal(size=(4, 5, 6))
    shape = np.delete(x.shape, axis)
    y = RNG.integers(0, x.shape[axis], shape)
    made = losses.softmax_cross_entropy(
        gd.input("x", x.shape, "float64"),
        gd.input("y", tuple(map(int, shape)), "int64"),
        axis=axis,
        reduction="none",
    )
    np.testing.assert_allclose(run(made, x=x, y=y), cross_entropy(x, y, axis), rtol=1e-13)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_extreme_logits(dtype):
    x = np.array([[1e4, -1e4], [-1e4, 1e4], [0, 0], [1e4, 1e4]])
    y = np.array([0, 0, 1, 1])
    made = losses.softmax_cross_entropy(
        gd.input("x", ("N", 2), dtype), gd.input("y", ("N",), "int32"), reduction="none"
    )
    expected = [0.0, 2e4, np.log(2), np.log(2)]
    np.testing.assert_allclose(run(made, x=x, y=y), expected, rtol=1e-6)
    flat = gd.input("x", ("N",), dtype)
    made = losses.binary_cross_entropy_with_logits(
        flat, gd.input("t", ("N",), "bool"), reduction="none"
    )
    x, t = np.array([1e4, 1e4, -1e4, -1e4, 0]), np.array([1, 0, 1, 0, 1])
    np.testing.assert_allclose(run(made, x=x, t=t), [0, 1e4, 1e4, 0, np.log(2)], rtol=1e-6)


def test_a_small_loss_at_large_logits_keeps_its_digits():
    x = np.array([[1e4, 1e4 - 8]], np.float32)
    made = losses.softmax_cross_entropy(gd.input("x", (1, 2)), gd.input("y", (1,), "int32"))
    assert float(run(made, x=x, y=[0])) == pytest.approx(np.log1p(np.exp(-8)), rel=1e-4)


@pytest.mark.parametrize("dtype", ["uint8", "int32", "int64"])
def test_labels_at_the_edges_and_beyond(dtype):
    x = RNG.normal(size=(2, 300))
    given, labels = gd.input("x", (2, 300), "float64"), gd.input("y", (2,), dtype)
    made = losses.softmax_cross_entropy(given, labels)
    last = 255 if dtype == "uint8" else 299
    y = np.array([0, last])
    assert float(run(made, x=x, y=y)) == pytest.approx(cross_entropy(x, y).mean())
    (slope,) = gd.grad(made, given)
    rows = run(slope, x=x, y=y)
    expected = np.exp(x - x.max(1, keepdims=True))
    expected /= expected.sum(1, keepdims=True)
    expected[[0, 1], y] -= 1
    np.testing.assert_allclose(rows, expected / 2, rtol=1e-12)
    if dtype != "uint8":
        for bad in (300, -1):
            with pytest.raises(IndexRangeError, match=str(bad)):
                run(made, x=x, y=[0, bad])


def expanded(loss):
    """Return a loss with its composites opened, so that the derivative of those is taken."""
    values = {}
    for node in Graph(loss).nodes:
        new = node
        if node.inputs:
            new = type(node)(
                node.op, tuple(values[i] for i in node.inputs), node.attrs, node.shape, node.dtype,
                node.origins,
            )  # fmt: skip
        if isinstance(node.op, CompositeOp):
            new = node.op.expanded(new)
        values[node] = new
    return values[Graph(loss).outputs["out"]]


@pytest.mark.parametrize("extreme", [False, True])
def test_the_declared_derivative_is_the_expansions(extreme):
    x, y = gd.input("x", ("N", 5), "float64"), gd.input("y", ("N",), "int32")
    data = {"x": RNG.normal(size=(6, 5)), "y": [0, 4, 2, 2, 1, 3]}
    if extreme:
        data["x"] *= 1e4
    loss = losses.softmax_cross_entropy(x, y)
    for scalar in (loss, gd.sum(losses.softmax_cross_entropy(x, y, reduction="none") * 2.0)):
        declared, derived = gd.grad(scalar, x) + gd.grad(expanded(scalar), x)
        got, expected = run(declared, **data), run(derived, **data)
        assert np.isfinite(got).all()
        np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-16)


@pytest.mark.parametrize("name", ["squared_error", "binary_cross_entropy_with_logits"])
def test_elementwise_gradients(name):
    x, t = gd.input("x", (9,), "float64"), gd.input("t", (9,), "float64")
    a = np.array([-1e4, -100, -1, -1e-3, 0, 1e-3, 1, 100, 1e4])
    b = np.array([0, 1, 0.3, 1, 0.5, 0, 1, 0, 1])
    dx, dt = gd.grad(getattr(losses, name)(x, t, reduction="sum"), [x, t])
    if name == "squared_error":
        expected = 2 * (a - b), 2 * (b - a)
    else:
        expected = 0.5 * (1 + np.tanh(a / 2)) - b, -a
    for node, value in zip((dx, dt), expected, strict=True):
        np.testing.assert_allclose(run(node, x=a, t=b), value, rtol=1e-12, atol=1e-15)


def test_nothing_gives_nan_as_in_numpy():
    x, y = gd.input("x", ("N", 3)), gd.input("y", ("N",), "int32")
    assert np.isnan(run(losses.softmax_cross_entropy(x, y), x=np.zeros((0, 3)), y=[]))
    total = losses.softmax_cross_entropy(x, y, reduction="sum")
    assert run(total, x=np.zeros((0, 3)), y=[]) == 0


def test_losses_stay_closed():
    x, y = gd.input("x", ("N", 3)), gd.input("y", ("N",), "int32")
    ops = [n.op.name for n in Graph(losses.softmax_cross_entropy(x, y)).nodes]
    assert "softmax_cross_entropy" in ops
    assert "exp" not in ops


def test_errors():
    x, column = gd.input("x", ("N", 3)), gd.input("c", ("N", 1))
    y = gd.input("y", ("N",), "int32")
    with pytest.raises(DTypeError, match="integers"):
        losses.softmax_cross_entropy(x, gd.input("f", ("N",)))
    with pytest.raises(DTypeError, match="integers"):
        losses.softmax_cross_entropy(x, gd.input("f", ("N",), "bool"))
    with pytest.raises(ShapeError, match="labels"):
        losses.softmax_cross_entropy(x, gd.input("y", ("N", 1), "int32"))
    with pytest.raises(ShapeError, match="squared_error") as caught:
        losses.squared_error(column, gd.input("t", ("N",)))
    assert "test_losses.py" in caught.value.site
    with pytest.raises(ShapeError):
        losses.binary_cross_entropy_with_logits(column, gd.input("t", ("N",)))
    with pytest.raises(ArgumentError, match="reduction"):
        losses.softmax_cross_entropy(x, y, reduction="average")
