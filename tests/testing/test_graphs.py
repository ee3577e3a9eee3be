"""assert_same: equal meaning passes, whatever the form; any difference is found and named."""

import numpy as np
import pytest

import graphdl as gd
from graphdl import testing
from graphdl.passes.pipeline import run


def step(rate=1e-3, units=3):
    x, y = gd.input("x", ("N", 4)), gd.input("y", ("N",), "int32")
    net = gd.nn.Sequential(gd.nn.Dense(4, units, activation="relu"), gd.nn.Dense(units, 2))
    return gd.train_step(gd.losses.softmax_cross_entropy(net(x), y), gd.optim.Adam(rate))


def refusal(a, b, **options):
    with pytest.raises(testing.Disagreement) as caught:
        testing.assert_same(a, b, **options)
    return caught.value


def test_a_training_step_and_what_the_passes_make_of_it():
    result = testing.assert_same(step(), run(step()))
    assert result.verdict == "same"
    assert result.digits > 10
    assert result.values == 14
    assert str(result).startswith("same to 1")


def test_another_rate_is_found_in_the_state():
    error = refusal(step(1e-3), step(1.0001e-3))
    assert all(f.name.startswith("state dense") for f in error.findings)
    assert "state loss" not in str(error)


def test_an_update_that_is_missing_is_found():
    count = gd.state("count", (), "int32")
    x = gd.input("x", ("N",))
    counting = gd.Graph({"y": x * 2}, updates={count: count + 1})
    error = refusal(counting, gd.Graph({"y": x + x}))
    assert [(f.name, f.expected, f.got) for f in error.findings] == [("state count", 1, 0)]


x, y = gd.input("x", ("N", 3)), gd.input("y", ("N", 3))
k = gd.input("k", ("N",), "int32")
table = gd.constant(np.arange(4.0, dtype=np.float32))

DIFFERENT = {
    "only at zero": (gd.where(gd.equal(x, 0.0), 1.0, x), x, "zeros"),
    "only at ties": (gd.argmax(x, axis=1), 2 - gd.argmax(x[:, ::-1], axis=1), "zeros"),
    "only at NaN": (gd.where(gd.isnan(x), 0.0, x), x, "one nan"),
    "only at infinity": (gd.where(x > 1e30, 0.0, x), x, "one inf"),
    "only far out": (gd.minimum(x, 50.0), x, "special numbers"),
    "only of one row": (gd.mean(x, 0), gd.sum(x, 0) / (gd.sum(gd.ones_like(x), 0) + 0), None),
    "in the seventh digit": (gd.tanh(x) * 1.000001, gd.tanh(x), "random point"),
    "in the index": (gd.take(table, k % 4), gd.take(table, (k + 1) % 4), "random point"),
}


@pytest.mark.parametrize("name", DIFFERENT)
def test_differences(name):
    a, b, where = DIFFERENT[name]
    if where is None:
        testing.assert_same(a, b)
    else:
        assert f"at:     {where}" in str(refusal(a, b))


def test_interfaces_must_agree():
    assert "no such output" in str(refusal(gd.Graph({"a": x}), gd.Graph({"b": x})))
    assert "float32(N, 3)" in str(refusal(x, gd.sum(x, axis=1)))
    other = gd.input("x", ("N", 3), "float64")
    assert "float64(N, 3)" in str(refusal(gd.sum(x), gd.sum(other).astype("float32")))
    one, two = (gd.param("w", (2,), init=value) for value in ([1.0, 2.0], [1.0, 3.0]))
    assert "another initialiser" in str(refusal(one * 2, two * 2))


def test_an_input_that_makes_no_difference_may_be_missing():
    testing.assert_same(x + gd.zeros_like(y) * 2, x, dims={"N": 4})


def test_a_refused_size_must_be_refused_by_both():
    first = x[0]
    other = gd.sum(gd.where(gd.cumsum(gd.ones_like(x), 0) < 1.5, x, 0.0), 0)  # takes no rows, too
    testing.assert_same(first, other, dims={"N": [3, 1]}, edges=False)
    testing.assert_same(first, gd.exp(gd.log(first)), edges=False, inputs={"x": np.ones((2, 3))})
    assert "call at other sizes" in str(refusal(first, other, dims={"N": [3, 0]}))


def test_sizes_can_be_chosen():
    small = gd.where(gd.sum(gd.ones_like(x)) > 20.0, 1.0, 0.0)
    testing.assert_same(small, gd.zeros_like(small), dims={"N": [1, 6]})
    assert "N=7" in str(refusal(small, gd.zeros_like(small), dims={"N": [1, 7]}))
    assert "N=7" in str(refusal(small, gd.zeros_like(small)))
    with pytest.raises(gd.GraphdlError, match="no dim"):
        testing.assert_same(x, x, dims={"M": 3})


def test_nothing_compared_is_no_success():
    with pytest.raises(gd.GraphdlError, match="finite at none"):
        testing.assert_same(gd.log(-gd.square(x) - 1.0), gd.log(-gd.square(x) - 2.0))
    with pytest.raises(gd.GraphdlError, match="no input"):
        testing.assert_same(x, x, inputs={"z": 1.0})


def test_the_same_seed_finds_the_same():
    errors = {str(refusal(gd.tanh(x), gd.sigmoid(x), seed=seed)) for seed in (3, 3, 4)}
    assert len(errors) == 2
