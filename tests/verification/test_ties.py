"""Where numbers are equal: proofs look at what is less or greater."""

import pytest

import graphdl as gd

X, Y = gd.input("x", ("N",), "float64"), gd.input("y", ("N",), "float64")
TWICE = 2.0 * X
OTHERS = {
    "a number": gd.where(gd.equal(X, 0.0), 5.0, TWICE),
    "another number": gd.where(abs(X - 1.5) <= 0.0, 5.0, TWICE),
    "two inputs": gd.where(gd.equal(X, Y), 5.0, TWICE),
    "less or equal": gd.where((X <= 3.0) & (X >= 3.0), TWICE + 1.0, TWICE),
    "what is computed": gd.where(gd.equal(gd.sin(X), 0.0), 5.0, TWICE),
}


@pytest.mark.parametrize("name", OTHERS)
def test_graphs_that_differ_at_a_tie_are_told_apart(name):
    before, after = (gd.Graph({"out": n, "y": Y}) for n in (TWICE, OTHERS[name]))
    found = gd.verify_pass(before, after)
    assert found.verdict == "refuted", str(found)
    assert " after (float64)" in str(found)


def test_what_has_no_value_at_a_tie_may_get_one():
    before, after = gd.Graph(X / X * Y), gd.Graph(Y + 0.0 * X)
    assert gd.verify_pass(before, after).verdict == "proved"
    assert gd.verify_pass(after, before).verdict == "refuted"


def test_other_words_for_the_same_choice_are_proved():
    before, after = gd.Graph(gd.maximum(X, 0.0)), gd.Graph(gd.where(X > 0.0, X, 0.0))
    assert gd.verify_pass(before, after).verdict == "proved"


def _verified(loss, w, gradient):
    return gd.verify(gd.Graph({"loss": loss, f"grad_{w.name}": gradient}))


@pytest.mark.parametrize("number", [0.0, 1.0, 0.7])
def test_a_gradient_that_is_wrong_at_a_tie_is_refuted(number):
    x, w = gd.input("x", ("N", 3), "float64"), gd.param("w", (3,), "float64", init=0.3)
    loss = gd.mean(gd.exp(gd.tanh(x) @ w))
    gradient = gd.grad(loss, w)[0]
    found = _verified(loss, w, gd.where(gd.equal(x[0, 0], number), 2.0 * gradient, gradient))
    if number == 0.0:  # where the gradient is 0, too
        assert found.verdict == "proved"
    else:
        assert found.verdict == "refuted", str(found)
        assert found.counterexample.inputs["x"][0, 0] == number
        assert "first wrong: <where" in str(found)


@pytest.mark.parametrize(
    ("function", "slope"),
    [
        (gd.relu, lambda x: gd.where(x >= 0.0, 1.0, 0.0)),
        (gd.relu, lambda x: gd.where(x > 0.0, 1.0, gd.where(x < 0.0, 0.0, 0.5))),
        (abs, lambda x: gd.where(x >= 0.0, 1.0, -1.0)),
        (gd.relu6, lambda x: gd.where((x >= 0.0) & (x <= 6.0), 1.0, 0.0)),
    ],
)
def test_on_a_kink_a_derivative_is_a_convention(function, slope):
    x = gd.input("x", ("N",), "float64")
    assert _verified(gd.sum(function(x)), x, slope(x)).verdict == "proved"


def test_a_gradient_without_a_value_where_the_loss_has_a_slope_is_refuted():
    x = gd.input("x", ("N",), "float64")
    found = _verified(gd.sum(x * x + x), x, 2.0 * x * x / x + 1.0)
    assert found.verdict == "refuted"
    assert not found.counterexample.inputs["x"].any()


def test_losses_that_are_rarely_finite_are_compared_where_they_are():
    x = gd.input("x", (2,), "float64")
    loss = gd.log(x[0] - x[1])
    for k in range(2, 16):
        loss = loss + float(k)
    gradient = gd.grad(loss, x)[0]
    graph = gd.Graph({"loss": loss, "grad_x": gradient + 0.0 * x})
    assert all(gd.verify(graph, points=1, seed=seed) for seed in range(3))
