"""Gradients at places where a branch that was not taken is infinite or undefined."""

import numpy as np
import pytest

import graphdl as gd
from tests.passes.random_masked import problems

AT = np.array([0.0, -1.0, 4.0])
TARGETS = ["interp", "numpy", "c"]


def where(condition, x):
    return gd.where(condition, x, 0.0)


BRANCHES = {
    "sqrt": (lambda x: where(x > 0, gd.sqrt(x)), [0, 0, 0.25]),
    "sqrt in the else branch": (lambda x: gd.where(x <= 0, 0.0, gd.sqrt(x)), [0, 0, 0.25]),
    "log": (lambda x: where(x > 0, gd.log(x)), [0, 0, 0.25]),
    "log, then more": (lambda x: where(x > 0, 3 * gd.log(x) + x), [0, 0, 1.75]),
    "quotient": (lambda x: where(x > 0, 1 / x), [0, 0, -1 / 16]),
    "power": (lambda x: where(x > 0, x**0.3), [0, 0, 0.3 * 4**-0.7]),
    "overflow": (lambda x: where(x < 1, gd.exp(1000 * x)), [1000, 0, 0]),
    "product of two": (lambda x: where(x > 0, gd.sqrt(x) * gd.log(x)),
                       [0, 0, np.log(4) / 4 + 0.5]),
    "another value of x": (lambda x: gd.where(x > 0, gd.sqrt(x), 2 * x), [2, 2, 0.25]),
    "two choices": (lambda x: where(x > 0, gd.sqrt(x)) + where(x > 1, 2 * gd.sqrt(x)),
                    [0, 0, 0.75]),
    "choice in a choice": (lambda x: where(x > 0, where(x > 1, gd.log(x - 1))), [0, 0, 1 / 3]),
    "a shared root": (lambda x: (lambda y: where(x > 0, y) + where(x > 1, y * y))(gd.sqrt(x)),
                      [0, 0, 1.25]),
    "reshaped": (lambda x: where(x.reshape(3, 1) > 0, gd.sqrt(x).reshape(3, 1)), [0, 0, 0.25]),
    "flipped": (lambda x: where(gd.flip(x) > 0, gd.flip(gd.sqrt(x))), [0, 0, 0.25]),
    "broadcast": (lambda x: where(gd.broadcast_to(x, (2, 3)) > 0, gd.sqrt(x)), [0, 0, 0.5]),
    "of a sum": (lambda x: where(gd.sum(x) > 100, gd.sum(gd.sqrt(x))), [0, 0, 0]),
    "maximum": (lambda x: gd.maximum(x, gd.where(x > 1, gd.sqrt(x), -2.0)), [1, 1, 1]),
    "largest": (lambda x: gd.max(where(x > 0, gd.sqrt(x))), [0, 0, 0.25]),
    "sliced": (lambda x: gd.sqrt(x)[2:], [0, 0, 0.25]),
    "padded, then sliced": (lambda x: gd.pad(gd.sqrt(x), 1)[3:], [0, 0, 0.25]),
    "joined, then sliced": (lambda x: gd.concat([gd.log(x), x])[2:], [1, 1, 1.25]),
    "gathered": (lambda x: gd.gather(gd.sqrt(x), np.array([2, 2])), [0, 0, 0.5]),
    "root of a square that is zero": (lambda x: gd.square(gd.sqrt(gd.maximum(x, 0.0))), [1, 0, 1]),
    "softplus of it": (lambda x: where(x > 0, gd.softplus(gd.log(x))), [0, 0, 0.2]),
    "a choice between two": (lambda x: where(x > 0, gd.logaddexp(gd.log(x), x)),
                             [0, 0, (1 + np.exp(4)) / (4 + np.exp(4))]),
    "rolled": (lambda x: where(gd.roll(x, 1) > 0, gd.roll(gd.log(x), 1)), [0, 0, 0.25]),
    "running sum": (lambda x: where(x > 0, gd.cumsum(gd.log(x), reverse=True)), [0, 0, 0.25]),
    "running product": (lambda x: where(x > 0, gd.cumprod(gd.log(x), reverse=True)),
                        [0, 0, 0.25]),
    "product": (lambda x: where(x[:, None] > 0, gd.prod(gd.stack([gd.log(x), x], 1), 1, True)),
                [0, 0, 1 + np.log(4)]),
    "matrix product": (lambda x: where(np.array([[False] * 2, [True] * 2]),
                                       gd.stack([gd.log(x), x])[:, 1:] @ np.ones((2, 2))),
                       [0, 2, 2]),
    "running sum, gathered": (lambda x: gd.cumsum(gd.flip(gd.log(x)))[:1], [0, 0, 0.25]),
    "scattered": (lambda x: gd.scatter_add(gd.sqrt(x), np.array([0, 0, 1]), 2)[1], [0, 0, 0.25]),
    "a factor that is no number": (
        lambda x: (gd.sin(gd.log(x)) * gd.log(x))[2:],
        [0, 0, (np.sin(np.log(4)) + np.log(4) * np.cos(np.log(4))) / 4],
    ),
    "gathered, then choosing": (
        lambda x: gd.take(where(x > -1, gd.log(x) * x), np.array([2, 2])),
        [0, 0, 2 + 2 * np.log(4)],
    ),
    "any": (lambda x: where(~gd.any(x[:, None] <= 0, 1), gd.tanh(gd.log(x)) * gd.log(x)),
            [0, 0, (1 - np.tanh(np.log(4)) ** 2) * np.log(4) / 4 + np.tanh(np.log(4)) / 4]),
    "overwritten": (lambda x: gd.scatter_set(np.zeros(2), np.array([0, 1]), base=gd.log(x)) ** 2,
                    [0, 0, np.log(4) / 2]),
    "finite, but not its slope": (
        lambda x: (x * gd.cbrt(x))[2:], [0, 0, 4 / 3 * np.cbrt(4)],
    ),
    "logsumexp of rows": (lambda x: where(x > 0, gd.logsumexp(gd.stack([gd.log(x), x], 1), 1)),
                          [0, 0, (1 + np.exp(4)) / (4 + np.exp(4))]),
}  # fmt: skip


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", BRANCHES)
def test_gradient_of_the_taken_branch(name, target):
    function, expected = BRANCHES[name]
    x = gd.input("x", (3,), "float64")
    graph = gd.Graph(gd.grad(gd.sum(function(x)), [x])[0], name="gradient")
    found = gd.compile(graph, target=target).gradient(x=AT)["out"]
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", sorted(BRANCHES))
def test_second_order_is_finite(name):
    function, _ = BRANCHES[name]
    x = gd.input("x", (3,), "float64")
    product = gd.hvp(gd.sum(function(x)), [x], [gd.constant(np.ones(3))])[0]
    graph = gd.Graph(product)
    assert np.isfinite(gd.interpret(graph, {i.name: AT for i in graph.inputs})["out"]).all()


def masked_rows(z, w, b, labels):
    """Return a loss over the rows that are not all zero; the others cannot be normalised."""
    length = gd.sum(z * z, axis=1, keepdims=True)
    scaled = z / gd.sqrt(length)
    loss = gd.losses.softmax_cross_entropy(scaled @ w + b, labels, reduction="none")
    return gd.sum(gd.where(gd.squeeze(length, 1) > 0, loss, 0.0))


def test_rows_that_a_mask_leaves_out_have_no_part_in_any_gradient():
    w = gd.input("w", (2, 3), "float64")
    b = gd.input("b", (3,), "float64")
    z = gd.input("z", ("N", 2), "float64")
    labels = gd.input("labels", ("N",), "int32")
    names = ["w", "b", "z"]
    gradients = gd.grad(masked_rows(z, w, b, labels), [w, b, z])
    graph = gd.Graph(dict(zip(names, gradients, strict=True)))
    rng = np.random.default_rng(0)
    given = {"w": rng.normal(size=(2, 3)), "b": rng.normal(size=3)}
    rows = rng.normal(size=(4, 2))
    alone = gd.interpret(graph, {**given, "z": rows, "labels": [0, 1, 2, 0]})
    padded = np.insert(rows, 2, 0.0, axis=0)
    beside = gd.interpret(graph, {**given, "z": padded, "labels": [0, 1, 1, 2, 0]})
    np.testing.assert_allclose(beside["w"], alone["w"], rtol=1e-13)
    np.testing.assert_allclose(beside["b"], alone["b"], rtol=1e-13)
    np.testing.assert_array_equal(beside["z"][2], 0.0)


def test_no_guard_where_nothing_is_chosen():
    x = gd.input("x", (3, 4))
    graph = gd.Graph(gd.grad(gd.sum(gd.sqrt(gd.exp(x) / gd.sum(x, 1, keepdims=True))), [x])[0])
    assert all(n.op.name != "where" for n in graph.nodes)


def test_rows_of_missing_data_have_no_part_in_the_gradient_of_weights():
    x, w = gd.input("x", ("N", 2), "float64"), gd.input("w", (2,), "float64")
    kept = gd.input("kept", ("N",), "bool")
    graph = gd.Graph(gd.grad(gd.sum(gd.where(kept, (x @ w) ** 2, 0.0)), [w])[0])
    given = {"x": [[1.0, 2.0], [np.nan, 5.0]], "w": [1.0, 1.0], "kept": [True, False]}
    np.testing.assert_array_equal(gd.interpret(graph, given)["out"], [6, 12])


@pytest.mark.parametrize("seed", range(30))
def test_random_masked_programs(seed):
    assert problems(seed) == []


def ordinary_networks():
    x, w = gd.input("x", ("N", 4, 6)), gd.param("w", (6, 12))
    y = gd.input("y", ("N", 1), "int32")
    pre = x @ w
    i, g, o = pre[..., :4], pre[..., 4:8], pre[..., 8:]
    centred = x - gd.mean(x, -1, keepdims=True)
    scaled = centred / gd.sqrt(gd.var(x, -1, keepdims=True) + 1e-5)
    scores = gd.where(np.tril(np.ones((4, 4), bool)), pre @ gd.transpose(pre, (0, 2, 1)), -np.inf)
    return {
        "gates": gd.sigmoid(o) * gd.tanh(gd.sigmoid(i) * gd.tanh(g)),
        "one row of a normalised sequence": gd.gelu(scaled @ w)[:, 0] * 2.0,
        "one class of a softmax": gd.take_along_axis(gd.log_softmax(pre[:, 0]), y, 1),
        "attention": gd.softmax(x @ gd.transpose(x, (0, 2, 1)))[:, :1] @ (x @ w),
        "masked attention": gd.softmax(scores) @ scaled @ w,
        "activations": gd.softplus(gd.gelu(gd.sigmoid(pre)))[:, 1:3],
    }


@pytest.mark.parametrize("name", ordinary_networks())
def test_ordinary_networks_have_no_guard(name):
    graph = gd.backward_graph(gd.sum(ordinary_networks()[name]))
    own = {"one class of a softmax": 2, "masked attention": 2}  # the index; the mask
    assert [n.op.name for n in graph.nodes].count("where") == own.get(name, 0)
