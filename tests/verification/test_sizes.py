"""What depends on a size: no proof at small ones is one for it."""

import graphdl as gd
from graphdl.verification.sizes import larger, small


def _count(x):
    return gd.sum(gd.ones_like(x))


def test_a_gradient_that_is_wrong_at_larger_sizes_only_is_refuted():
    x, w = gd.input("x", ("N", 3)), gd.param("w", (3, 2), init=0.3)
    loss = gd.mean(gd.tanh(x @ w))
    gradient = gd.grad(loss, w)[0]
    wrong = gd.where(_count(x) > 20.0, 2.0 * gradient, gradient)
    found = gd.verify(gd.Graph({"loss": loss, "grad_w": wrong}))
    assert found.verdict == "refuted"
    assert found.counterexample is not None
    assert found.counterexample.dims == {"N": 7}
    assert "where" in str(found.wrong)


def test_sizes_that_are_given_stay():
    x, w = gd.input("x", ("N", 3)), gd.param("w", (3,), init=0.3)
    loss = gd.mean(gd.tanh(x @ w))
    gradient = gd.grad(loss, w)[0]
    wrong = gd.where(_count(x) > 20.0, 2.0 * gradient, gradient)
    graph = gd.Graph({"loss": loss, "grad_w": wrong})
    assert gd.verify(graph, dims={"N": 4})
    assert not gd.verify(graph, dims={"N": 8})
    assert gd.verify(graph, inputs={"x": [[1.0, 2.0, 3.0]]})


def test_graphs_that_differ_at_larger_sizes_only_are_told_apart():
    x = gd.input("x", ("N",))
    before = gd.Graph(gd.sum(x))
    after = gd.Graph(gd.where(_count(x) > 20.0, 2.0 * gd.sum(x), gd.sum(x)))
    found = gd.verify_pass(before, after)
    assert found.verdict == "refuted"
    assert found.dims == {"N": 35}


def test_graphs_that_are_equal_where_all_dims_are():
    x = gd.input("x", ("N", "M"))
    before, after = (gd.Graph(gd.sum(x) * _count(gd.max(x, axis=a))) for a in (0, 1))
    assert gd.verify_pass(before, after).verdict == "refuted"


def test_large_graphs_are_not_made_larger():
    x = gd.input("x", ("N", "M"))
    assert [e["N"] for e in larger([x], {"N": 5, "M": 4}, {"N", "M"})] == [10, 35]
    assert list(larger([x], {"N": 5, "M": 4}, ())) == []
    assert list(larger([x], {"N": 3000, "M": 4}, {"M"})) == [
        {"N": 3000, "M": 8}, {"N": 3000, "M": 28}
    ]  # fmt: skip
    assert list(larger([x], {"N": 3000, "M": 3000}, {"M"})) == []
    assert small([]) == [{}]
    assert small(["N"]) == [{"N": 1}, {"N": 2}]
