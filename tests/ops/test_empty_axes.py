"""Axes without elements: refused before anything is stored, or of the value that NumPy gives."""

import re

import numpy as np
import pytest

import graphdl as gd
from graphdl.ir import errors

INF, NAN = np.inf, np.nan
pytestmark = pytest.mark.parametrize("target", ["interp", "numpy", "c"])


def run(target, outputs, **values):
    graph = outputs if isinstance(outputs, gd.Graph) else gd.Graph(outputs, name="entry")
    if target == "interp":
        return gd.interpret(graph, values)
    return gd.compile([graph], target=target, dims=dict.fromkeys(graph.dims, 8)).entries["entry"](
        **values
    )


def rows(count):
    return np.arange(3.0 * count).reshape(count, 3).astype(np.float32)


REFUSED = {
    "max": gd.max, "min": gd.min, "argmax": gd.argmax, "argmin": gd.argmin, "ptp": gd.ptp,
    "smallest size": lambda x, axis: gd.norm(x, -INF, axis=axis),
    "largest sum": lambda x, axis: gd.norm(x, INF if axis == 0 else 1, axis=(0, 1)),
    "slope": lambda x, axis: gd.vjp(gd.max(x, axis), x, gd.ones((3,)))[0],
    "curvature": lambda x, axis: gd.hvp(gd.sum(gd.min(x, axis) ** 3), [x], [x])[0],
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.filterwarnings("ignore::graphdl.passes.derivative.GradientWarning")
def test_refused(target, name):
    x = gd.input("x", ("N", 3))
    graph = gd.Graph(REFUSED[name](x, 0), name="entry")
    with pytest.raises(errors.IndexRangeError) as caught:
        run(target, graph, x=rows(0))
    text = str(caught.value)
    assert re.search(r"(arg)?(max|min) of an empty axis: \(N", text), text
    assert all(t in text for t in ("where N = 0", "initial", "state is unchanged", __file__))
    run(target, graph, x=rows(2))  # other sizes work, also after an error


def test_refused_along_several_axes_and_all(target):
    x = gd.input("x", ("N", "M"))
    for y in (gd.max(x), gd.argmin(x), gd.max(x, (0, 1))):
        for shape in ((0, 2), (2, 0), (0, 0)):
            with pytest.raises(errors.IndexRangeError, match="of an empty axis"):
                run(target, y, x=np.zeros(shape, np.float32))


@pytest.mark.parametrize("function", [gd.max, gd.min, gd.argmax, gd.argmin])
def test_nothing_to_give_needs_nothing(target, function):
    x = gd.input("x", ("N", "M"))
    found = run(target, function(x, 1), x=np.zeros((0, 0), np.float32))["out"]
    assert found.shape == (0,)
    known = run(target, function(gd.zeros((0, 0)), 1))["out"]
    assert known.shape == (0,)
    with pytest.raises(errors.IndexRangeError):
        run(target, function(x, 1), x=np.zeros((2, 0), np.float32))


def test_views_are_refused_alike(target):
    x = gd.input("x", ("N", 3))
    for y in (x[0], x[2:], gd.take(x, [1], 0)):
        with pytest.raises(errors.IndexRangeError, match=f"(?s)where N = 0.*{__name__[-8:]}"):
            run(target, y, x=rows(0))


def test_state_is_unchanged(target):
    w = gd.param("w", (3,), init=np.ones(3))
    x = gd.input("x", ("N", 3))
    loss = gd.sum(gd.max(x, 0) * w)
    step = gd.train_step(loss, gd.optim.SGD(0.5), name="step")
    module = gd.compile(step, target=target, dims={"N": 4})
    with pytest.raises(errors.IndexRangeError, match="max of an empty axis"):
        module.entries["step"](x=rows(0))
    np.testing.assert_array_equal(module.state["w"], np.ones(3))
    module.entries["step"](x=rows(1))
    np.testing.assert_array_equal(module.state["w"], 1 - 0.5 * rows(1)[0])


@pytest.mark.parametrize("dtype", ["float32", "float64", "int32", "uint8"])
@pytest.mark.parametrize("count", [0, 1, 3])
def test_initial_is_one_more_element(target, dtype, count):
    x = gd.input("x", ("N", 3), dtype)
    given = np.array([[4, 1, 9], [2, 7, 5], [8, 3, 6]], dtype)[:count]
    outputs = {
        "max": gd.max(x, 0, initial=5), "min": gd.min(x, 0, initial=5),
        "kept": gd.max(x, (0, 1), keepdims=True, initial=7), "static": gd.max(x, 1, initial=6),
    }  # fmt: skip
    found = run(target, outputs, x=given)
    expected = {
        "max": given.max(0, initial=5), "min": given.min(0, initial=5),
        "kept": given.max(keepdims=True, initial=7), "static": given.max(1, initial=6),
    }  # fmt: skip
    for key, value in expected.items():
        np.testing.assert_array_equal(found[key], value)
        assert found[key].dtype == value.dtype


def test_initial_of_nothing_at_all(target):
    """Static sizes of 0, lists, infinities, bools and one number that is computed."""
    x, n = gd.input("x", (0, 3)), gd.input("n", ())
    flags = gd.input("flags", ("N",), "bool")
    outputs = {
        "least": gd.max(x, 0, initial=-INF), "most": gd.min(x, 0, initial=INF),
        "empty": gd.max(gd.zeros((0,)), initial=2.0), "computed": gd.max(x, 0, initial=n * 2.0),
        "no": gd.max(flags, initial=False), "yes": gd.min(flags, initial=True),
    }  # fmt: skip
    values = {"x": rows(0), "n": 4.0, "flags": np.zeros(0, bool)}
    found = run(target, gd.Graph(outputs, name="entry"), **values)
    np.testing.assert_array_equal(found["least"], [-INF] * 3)
    np.testing.assert_array_equal(found["most"], [INF] * 3)
    assert (found["empty"], found["no"], found["yes"]) == (2.0, False, True)
    np.testing.assert_array_equal(found["computed"], [8.0] * 3)


@pytest.mark.parametrize("count", [0, 2])
def test_gradient_with_an_initial_element(target, count):
    x, start = gd.input("x", ("N", 3)), gd.input("start", ())
    y = gd.max(x, 0, initial=start)
    by_x, by_start = gd.vjp(y, [x, start], gd.ones((3,)))
    graph = gd.Graph({"by_x": by_x, "by_start": by_start}, name="entry", inputs=[x, start])
    found = run(target, graph, x=rows(count), start=3.5)
    expected = np.zeros((count, 3))
    expected[1:, 1:] = 1.0
    np.testing.assert_array_equal(found["by_x"], expected)
    assert found["by_start"] == (3.0 if count == 0 else 1.0)


def test_initial_is_one_number(target):
    with pytest.raises(errors.ShapeError, match="initial has axes"):
        gd.max(gd.input("x", ("N", 3)), 0, initial=np.zeros(3))


VALUES = {
    "mean": (gd.mean, NAN), "var": (gd.var, NAN), "std": (gd.std, NAN), "median": (gd.median, NAN),
    "logsumexp": (gd.logsumexp, -INF), "sum": (gd.sum, 0.0), "prod": (gd.prod, 1.0),
    "norm": (lambda x, axis: gd.norm(x, axis=axis), 0.0),
    "norm 1": (lambda x, axis: gd.norm(x, 1, axis=axis), 0.0),
    "norm 3": (lambda x, axis: gd.norm(x, 3, axis=axis), 0.0),
    "norm inf": (lambda x, axis: gd.norm(x, INF, axis=axis), 0.0),
    "norm -1": (lambda x, axis: gd.norm(x, -1, axis=axis), INF),
    "log Σ exp": (lambda x, axis: gd.log(gd.sum(gd.exp(x), axis)), -INF),
}  # fmt: skip


@pytest.mark.parametrize("size", ["N", 0])
@pytest.mark.parametrize("name", VALUES)
def test_values_of_nothing(target, name, size):
    function, expected = VALUES[name]
    x = gd.input("x", (size, 3))
    y = function(x, 0)
    outputs = {"value": y, "slope": gd.vjp(y, x, gd.ones((3,)))[0]}
    found = run(target, gd.Graph(outputs, name="entry"), x=rows(0))
    np.testing.assert_array_equal(found["value"], [expected] * 3)
    assert found["slope"].shape == (0, 3)


@pytest.mark.parametrize("name", ["mean", "var", "std", "median"])
def test_values_of_nothing_are_numpys(target, name):
    with np.errstate(all="ignore"), pytest.warns(RuntimeWarning):
        expected = getattr(np, name)(rows(0), 0)
    np.testing.assert_array_equal(run(target, getattr(gd, name)(gd.input("x", ("N", 3)), 0),
                                      x=rows(0))["out"], expected)  # fmt: skip


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_median_of_a_symbolic_axis(target, count):
    x = gd.input("x", ("N", 3))
    y = gd.median(x, 0)
    outputs = {"value": y, "slope": gd.vjp(y, x, gd.ones((3,)))[0]}
    given = rows(count)[::-1].copy()
    found = run(target, gd.Graph(outputs, name="entry"), x=given)
    np.testing.assert_array_equal(found["value"], np.median(given, 0))
    np.testing.assert_array_equal(found["slope"].sum(0), np.ones(3))


@pytest.mark.parametrize("size", ["N", 0])
@pytest.mark.parametrize("function", [gd.softmax, gd.log_softmax, gd.sort, gd.argsort, gd.cummax])
def test_maps_of_nothing(target, function, size):
    y = function(gd.input("x", (size, 3)), axis=0)
    y = y[0] if isinstance(y, tuple) else y
    assert run(target, y, x=rows(0))["out"].shape == (0, 3)


@pytest.mark.parametrize("size", ["N", 0])
def test_losses_of_nothing(target, size):
    logits, shares = gd.input("x", (3, size)), gd.input("y", (3, size))
    outputs = {
        "dense": gd.losses.softmax_cross_entropy(logits, shares, reduction="none"),
        "cosine": gd.losses.cosine_similarity(logits, shares, axis=1, reduction="none"),
    }
    found = run(target, gd.Graph(outputs, name="entry"), x=rows(0).T, y=rows(0).T)
    np.testing.assert_array_equal(found["dense"], np.zeros(3))
    np.testing.assert_array_equal(found["cosine"], np.zeros(3))
