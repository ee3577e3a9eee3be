"""Activations: against recorded PyTorch, at extremes, at kinks, and their refusals."""

import doctest
import json
from pathlib import Path

import numpy as np
import pytest

import graphdl as gd
from graphdl.ir.errors import ArgumentError, ShapeError
from graphdl.ir.kinds import ElementwiseOp
from graphdl.ops import FUNCTIONS

RECORD = json.loads(
    (Path(__file__).parent.parent / "fixtures" / "torch_activations.json").read_text()
)
TARGETS = ["interp", "numpy", "c"]
INF, NAN = np.inf, np.nan

each_target = pytest.mark.parametrize("target", TARGETS)


def built(label):
    """Return the call that a label such as ``elu alpha=0.4`` stands for."""
    name, *attrs = label.split()
    pairs = dict(a.split("=") for a in attrs)
    options = {k: v if k == "approximate" else float(v) for k, v in pairs.items()}
    return lambda *x: FUNCTIONS[name](*x, **options)


def outputs(label, *xs):
    y = built(label)(*xs)
    gradients = gd.grad(gd.sum(y), list(xs))
    return {"value": y, **{f"grad{k}": g for k, g in enumerate(gradients)}}


def run(target, graphs, values):
    """Return all graphs' outputs, from one module."""
    if target == "interp":
        return {g.name: gd.interpret(g, {i.name: values[i.name] for i in g.inputs}) for g in graphs}
    module = gd.compile(graphs, target=target, name="activations")
    return {g.name: module.entries[g.name](**{i.name: values[i.name] for i in g.inputs})
            for g in graphs}  # fmt: skip


def identifier(label):
    return "g_" + "".join(c if c.isalnum() else "_" for c in label)


SINGLE = {"hard_sigmoid", "hard_swish"}
"""PyTorch's constant 1/6 is of float32 in float64 too."""


@each_target
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_pytorch_gives_the_same(target, dtype):
    x = gd.input("x", (len(RECORD["points"]),), dtype)
    labels = RECORD["elementwise"]
    graphs = [gd.Graph(outputs(label, x), name=identifier(label)) for label in labels]
    found = run(target, graphs, {"x": np.array(RECORD["points"], dtype)})
    for label, expected in labels.items():
        given = found[identifier(label)]
        exact = dtype == "float64" and label not in SINGLE
        tolerance = 1e-14 if exact else 2e-6
        close = {"rtol": tolerance, "atol": tolerance, "err_msg": label}
        np.testing.assert_allclose(given["value"], expected["value"], **close)
        np.testing.assert_allclose(given["grad0"], expected["gradients"][0], **close)


@each_target
def test_pytorch_gives_the_same_for_several_inputs(target):
    x = gd.input("x", (2, 6), "float64")
    slope = gd.input("slope", (6,), "float64")
    graphs = [gd.Graph(outputs(name, x), name=name) for name in ("glu", "swiglu", "geglu")]
    graphs.append(gd.Graph(outputs("prelu", x, slope), name="prelu"))
    found = run(target, graphs, {"x": np.array(RECORD["pairs"]), "slope": RECORD["slopes"]})
    for name, given in found.items():
        np.testing.assert_allclose(given["value"], RECORD[name]["value"], rtol=1e-14, atol=1e-14)
        for k, gradient in enumerate(RECORD[name]["gradients"]):
            np.testing.assert_allclose(given[f"grad{k}"], gradient, rtol=1e-13, atol=1e-13)


EXTREMES = np.array([-INF, -3e38, -1e20, -1e4, -0.0, 0.0, 1e4, 1e20, 3e38, INF, NAN])
IDENTITY = EXTREMES[6:10]
ZEROS, ONES = [0.0] * 4, [1.0] * 4
# Value and gradient: the limits far below, at -0 and 0, far above; the gradient at NaN is left open
FAR = {
    "relu": (ZEROS, 0, IDENTITY, ZEROS, 0, ONES),
    "leaky_relu slope=0.5": (0.5 * EXTREMES[:4], 0, IDENTITY, [0.5] * 4, 0.5, ONES),
    "relu6": (ZEROS, 0, [6.0] * 4, ZEROS, 0, ZEROS),
    "elu": ([-1.0] * 4, 0, IDENTITY, ZEROS, 1, ONES),
    "elu alpha=2": ([-2.0] * 4, 0, IDENTITY, ZEROS, 2, ONES),
    "celu alpha=0.5": ([-0.5] * 4, 0, IDENTITY, ZEROS, 1, ONES),
    "gelu": (ZEROS, 0, IDENTITY, ZEROS, 0.5, ONES),
    "gelu approximate=tanh": (ZEROS, 0, IDENTITY, ZEROS, 0.5, ONES),
    "silu": (ZEROS, 0, IDENTITY, ZEROS, 0.5, ONES),
    "mish": (ZEROS, 0, IDENTITY, ZEROS, 0.6, ONES),
    "softplus": (ZEROS, np.log(2), IDENTITY, ZEROS, 0.5, ONES),
    "log_sigmoid": (EXTREMES[:4], -np.log(2), ZEROS, ONES, 0.5, ZEROS),
    "softsign": ([-1.0] * 4, 0, ONES, ZEROS, 1, ZEROS),
    "tanh": ([-1.0] * 4, 0, ONES, ZEROS, 1, ZEROS),
    "sigmoid": (ZEROS, 0.5, ONES, ZEROS, 0.25, ZEROS),
    "hard_sigmoid": (ZEROS, 0.5, ONES, ZEROS, 1 / 6, ZEROS),
    "hard_tanh": ([-1.0] * 4, 0, ONES, ZEROS, 1, ZEROS),
    "hard_swish": (ZEROS, 0, IDENTITY, ZEROS, 0.5, ONES),
    "step": (ZEROS, 1, ONES, ZEROS, 0, ZEROS),
    "step at_zero=0.5": (ZEROS, 0.5, ONES, ZEROS, 0, ZEROS),
}


@each_target
@pytest.mark.filterwarnings("ignore::graphdl.passes.derivative.GradientWarning")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_limits_far_out(target, dtype):
    x = gd.input("x", EXTREMES.shape, dtype)
    graphs = [gd.Graph(outputs(label, x), name=identifier(label), inputs=[x]) for label in FAR]
    with np.errstate(all="ignore"):
        found = run(target, graphs, {"x": EXTREMES.astype(dtype)})
    # 1 / (1 + 1e4) and its square are not yet 0
    close = {"rtol": 1e-3, "atol": 2e-4}
    for label, (below, zero, above, slope_below, slope_zero, slope_above) in FAR.items():
        given = found[identifier(label)]
        values, slopes = [*below, zero, zero, *above], [*slope_below, *[slope_zero] * 2]
        np.testing.assert_allclose(given["value"][:-1], values, **close, err_msg=label)
        np.testing.assert_allclose(
            given["grad0"][:-1], [*slopes, *slope_above], **close, err_msg=label
        )
        assert np.isnan(given["value"][-1]), label


@each_target
def test_second_derivatives_are_finite_far_out(target):
    points = np.array([-1e20, -1e4, -100.0, 100.0, 1e4, 1e20])
    x = gd.input("x", points.shape)
    labels = [label for label in FAR if not label.startswith("step")]
    graphs = []
    for label in labels:
        curve = gd.hvp(gd.sum(built(label)(x)), x, gd.ones(x.shape))[0]
        graphs.append(gd.Graph(curve, name=identifier(label), inputs=[x]))
    with np.errstate(all="ignore"):
        found = run(target, graphs, {"x": points.astype(np.float32)})
    for label in labels:
        np.testing.assert_allclose(
            found[identifier(label)]["out"], np.zeros(6), atol=2e-6, err_msg=label
        )


SMALL = {
    "silu": lambda x: x * np.exp(x),
    "mish": lambda x: x * np.exp(x),
    "softplus": np.exp,
    "sigmoid": np.exp,
}


@each_target
def test_tails_keep_their_digits(target):
    points = np.array([-80.0, -50.0, -30.0])
    x = gd.input("x", points.shape)
    graphs = [gd.Graph(outputs(label, x), name=label) for label in SMALL]
    found = run(target, graphs, {"x": points.astype(np.float32)})
    for label, tail in SMALL.items():
        np.testing.assert_allclose(found[label]["value"], tail(points), rtol=1e-5, err_msg=label)
        slope = tail(points) + (np.exp(points) if label in ("silu", "mish") else 0)
        np.testing.assert_allclose(found[label]["grad0"], slope, rtol=1e-5, err_msg=label)


@each_target
def test_maxout_at_ties_and_nan(target):
    x = gd.input("x", (2, 4))
    values = np.array([[1, 1, 2, 3], [NAN, 0, 5, 5]], np.float32)
    y = gd.maxout(x, 2)
    graph = gd.Graph({"value": y, "slope": gd.grad(gd.sum(y), x)[0]}, name="maxout")
    found = run(target, [graph], {"x": values})["maxout"]
    np.testing.assert_array_equal(found["value"], [[1, 3], [NAN, 5]])
    np.testing.assert_array_equal(found["slope"], [[1, 0, 0, 1], [1, 0, 1, 0]])


def test_integers_become_float32():
    for name in ("glu", "swiglu", "geglu"):
        assert FUNCTIONS[name](gd.input("x", (4,), "int32")).dtype.name == "float32"
    assert gd.silu(gd.input("x", (4,), "int32")).dtype.name == "float32"


def test_a_gated_unit_is_one_box():
    dot = gd.draw(gd.Graph(gd.swiglu(gd.input("x", ("N", 4))))).dot
    assert "swiglu" in dot
    assert "silu" not in dot.replace("swiglu", "")


def test_refusals():
    x = gd.input("x", ("N", 5))
    for name in ("glu", "swiglu", "geglu"):
        with pytest.raises(ShapeError, match=f"{name}: axis -1") as caught:
            FUNCTIONS[name](x)
        assert "even" in caught.value.remedy
        assert "test_activations.py" in caught.value.site
        with pytest.raises(ShapeError, match="two halves"):
            FUNCTIONS[name](x, 0)
        with pytest.raises(ShapeError):
            FUNCTIONS[name](x, 2)
    for pieces in (2, 0, -5):
        with pytest.raises(ShapeError, match="maxout"):
            gd.maxout(x, pieces)
    with pytest.raises(ArgumentError, match="maxout"):
        gd.maxout(x, 1.0)
    with pytest.raises(ShapeError, match="maxout"):
        gd.maxout(x, 5, axis=0)
    for call in (
        lambda: gd.hard_tanh(x, low=1.0),
        lambda: gd.celu(x, alpha=0.0),
        lambda: gd.softplus(x, beta=-1.0),
        lambda: gd.gelu(x, approximate="sigmoid"),
        lambda: gd.elu(x, slope=1.0),
    ):
        with pytest.raises(ArgumentError):
            call()


@pytest.mark.parametrize(
    "name", [n for n, f in FUNCTIONS.items() if isinstance(f, ElementwiseOp) and ">>>" in f.__doc__]
)
def test_examples_of_elementwise_ops(name):
    """Doctest itself looks at functions and classes only."""
    options = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    (case,) = doctest.DocTestFinder().find(
        type(name, (), {"__doc__": FUNCTIONS[name].__doc__}), name, module=False
    )
    assert doctest.DocTestRunner(optionflags=options, verbose=False).run(case).failed == 0
