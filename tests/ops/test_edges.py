"""Edges: zeros with signs, large values, infinities, NaN, ties, repeated and clipped indices."""

import mpmath
import numpy as np
import pytest

import graphdl as gd
from tests.ops.cases import REFERENCES

TARGETS = ["interp", "numpy", "c"]
EDGES = np.array([0.0, -0.0, 1.0, -1.0, 100.0, -100.0, np.inf, -np.inf, np.nan])
FINITE = np.array([0.0, -0.0, 1.0, -1.0, 20.0, -20.0, 100.0, -100.0])

pytestmark = [
    pytest.mark.parametrize("target", TARGETS),
    pytest.mark.filterwarnings("ignore::graphdl.passes.derivative.GradientWarning"),
]


def run(target, build, *arrays, dtype="float32"):
    """Return a function's value and the gradients of its sum, on arrays."""
    xs = [gd.input(f"x{k}", a.shape, dtype if a.dtype.kind == "f" else a.dtype)
          for k, a in enumerate(arrays)]  # fmt: skip
    y = build(*xs)
    outputs = {"value": y}
    if y.dtype.is_float:
        real = [x for x in xs if x.dtype.is_float]
        outputs |= {f"grad{k}": g for k, g in enumerate(gd.grad(gd.sum(y), real))}
    graph = gd.Graph(outputs, name="edge", inputs=xs)
    values = {x.name: a.astype(x.dtype.numpy) for x, a in zip(xs, arrays, strict=True)}
    if target == "interp":
        return gd.interpret(graph, values)
    return gd.compile([graph], target=target).edge(**values)


def same_with_sign(actual, expected, rtol=2e-6):
    np.testing.assert_allclose(actual, expected, rtol=rtol, atol=1e-37)
    zero = np.asarray(expected) == 0
    np.testing.assert_array_equal(np.signbit(actual[zero]), np.signbit(np.asarray(expected)[zero]))


UNARY = ["abs", "negative", "sign", "exp", "expm1", "log", "log1p", "sqrt", "tanh", "erf",
         "relu", "softplus"]  # fmt: skip


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", UNARY)
def test_values_at_edges_are_numpys(target, name, dtype):
    with np.errstate(all="ignore"):
        expected = np.asarray(REFERENCES[name](EDGES.astype(dtype))).astype(dtype)
    found = run(target, gd.ops.FUNCTIONS[name], EDGES, dtype=dtype)["value"]
    if name in ("relu", "softplus", "sign"):  # NumPy itself leaves the sign of a zero open here
        np.testing.assert_allclose(found, expected, rtol=2e-6)
    else:
        same_with_sign(found, expected)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_sigmoid_at_edges(target, dtype):
    found = run(target, gd.sigmoid, EDGES, dtype=dtype)["value"]
    exact = [0.5, 0.5, 0.7310585786300049, 0.2689414213699951, 1, 3.720075976020836e-44, 1, 0]
    np.testing.assert_allclose(found[:-1], exact, rtol=1e-6, atol=1.5e-45)
    assert np.isnan(found[-1])


@pytest.mark.parametrize("name", ["add", "subtract", "multiply", "divide", "minimum", "maximum",
                                  "less", "less_equal", "greater", "greater_equal", "equal",
                                  "not_equal", "real_power"])  # fmt: skip
def test_pairs_of_edges_are_numpys(target, name):
    a, b = (m.ravel().astype(np.float32) for m in np.meshgrid(EDGES, EDGES))
    with np.errstate(all="ignore"):
        expected = REFERENCES[name](a, b)
    found = run(target, gd.ops.FUNCTIONS[name], a, b)["value"]
    if name in ("minimum", "maximum"):  # of zeros with two signs either may come
        np.testing.assert_allclose(found, expected)
    else:
        same_with_sign(found, expected)


def _gelu(x):
    return x * mpmath.ncdf(x)


def _gelu_tanh(x):
    inner = mpmath.sqrt(2 / mpmath.pi) * (x + mpmath.mpf("0.044715") * x**3)
    return x * (1 + mpmath.tanh(inner)) / 2


ACTIVATIONS = {
    "sigmoid": (gd.sigmoid, lambda x: 1 / (1 + mpmath.exp(-x))),
    "tanh": (gd.tanh, mpmath.tanh),
    "softplus": (gd.softplus, lambda x: mpmath.log1p(mpmath.exp(x))),
    "gelu": (gd.gelu, _gelu),
    "gelu tanh": (lambda x: gd.gelu(x, approximate="tanh"), _gelu_tanh),
    "erf": (gd.erf, mpmath.erf),
}


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_smooth_activations_are_finite_and_right_far_out(target, name):
    build, exact = ACTIVATIONS[name]
    found = run(target, build, FINITE)
    with mpmath.workdps(120):
        points = [mpmath.mpf(float(v)) for v in FINITE]
        values = [float(exact(p)) for p in points]
        slopes = [float(mpmath.diff(exact, p)) for p in points]
    np.testing.assert_allclose(found["value"], values, rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(found["grad0"], slopes, rtol=3e-6, atol=1e-7)


@pytest.mark.parametrize(
    ("build", "expected"),
    [
        (gd.relu, [0, 0, 1, 0, 1, 0, 1, 0]),
        (gd.leaky_relu, [0.01, 0.01, 1, 0.01, 1, 0.01, 1, 0.01]),
        (lambda x: gd.maximum(x, 0.0), [1, 1, 1, 0, 1, 0, 1, 0]),
        (lambda x: gd.minimum(x, 0.0), [1, 1, 0, 1, 0, 1, 0, 1]),
        (abs, [0, 0, 1, -1, 1, -1, 1, -1]),
        (gd.sign, [0] * 8),
        (lambda x: gd.clip(x, -1.0, 1.0), [1, 1, 1, 1, 0, 0, 0, 0]),
        (lambda x: gd.where(x > 0, gd.exp(x * 10.0), x), [1, 1, None, 1, None, 1, None, 1]),
    ],
)
def test_gradients_at_kinks(target, build, expected):
    found = run(target, build, FINITE)["grad0"]
    known = [k for k, v in enumerate(expected) if v is not None]
    np.testing.assert_allclose(found[known], [expected[k] for k in known], rtol=1e-6)


def test_where_keeps_nan_of_the_other_branch_out(target):
    x = np.array([-1.0, 0.0, 4.0])
    found = run(target, lambda x: gd.where(x > 0, gd.log(gd.where(x > 0, x, 1.0)), 0.0), x)
    np.testing.assert_allclose(found["value"], [0, 0, np.log(4)], rtol=1e-6)
    np.testing.assert_allclose(found["grad0"], [0, 0, 0.25], rtol=1e-6)


def test_ties_go_to_the_first(target):
    x = np.array([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0]])
    np.testing.assert_array_equal(
        run(target, lambda x: gd.max(x, 1), x)["grad0"], [[0, 1, 0], [1, 0, 0]]
    )
    np.testing.assert_array_equal(
        run(target, lambda x: gd.min(x, 1), x)["grad0"], [[1, 0, 0], [1, 0, 0]]
    )
    np.testing.assert_array_equal(run(target, gd.max, x)["grad0"], [[0, 1, 0], [0, 0, 0]])
    np.testing.assert_array_equal(run(target, lambda x: gd.argmax(x, 1), x)["value"], [1, 0])
    np.testing.assert_array_equal(run(target, lambda x: gd.argmin(x, 1), x)["value"], [0, 0])
    pair = run(target, gd.maximum, x, x)
    np.testing.assert_array_equal(pair["grad0"], np.ones((2, 3)))
    np.testing.assert_array_equal(pair["grad1"], np.zeros((2, 3)))


def test_nan_wins(target):
    x = np.array([[1.0, np.nan, 3.0], [np.nan, np.inf, np.nan]])
    for name in ("max", "min", "sum", "mean", "argmax", "argmin"):
        found = run(target, lambda x, name=name: gd.ops.FUNCTIONS[name](x, 1), x)["value"]
        np.testing.assert_array_equal(found, getattr(np, name)(x.astype(np.float32), 1))


@pytest.mark.parametrize("axis", [0, 1])
def test_extremes_of_infinities(target, axis):
    x = np.array([[-np.inf, -np.inf], [np.inf, -np.inf]])
    for name in ("max", "min", "argmax", "argmin", "sum"):
        with np.errstate(invalid="ignore"):
            expected = getattr(np, name)(x, axis)
        found = run(target, lambda x, name=name: gd.ops.FUNCTIONS[name](x, axis), x)["value"]
        np.testing.assert_array_equal(found, expected)


def test_softmax_does_not_overflow(target):
    x = np.array([[1e4, 1e4, -1e4], [-3e38, -3e38, -3e38], [0.0, -np.inf, 0.0]])
    found = run(target, lambda x: gd.softmax(x, 1), x)
    half, third = [0.5, 0.5, 0.0], [1 / 3] * 3
    np.testing.assert_allclose(found["value"], [half, third, [0.5, 0, 0.5]], rtol=1e-6)
    assert np.all(np.isfinite(found["grad0"]))
    logs = run(target, lambda x: gd.log_softmax(x, 1), x[:2])
    expected = [-np.log(2), -np.log(2), -2e4 - np.log(2)]
    np.testing.assert_allclose(logs["value"][0], expected, rtol=1e-6)
    assert np.all(np.isfinite(logs["grad0"]))


def test_logsumexp_at_the_ends(target):
    x = np.array([[1e4, 1e4], [-1e4, -1e4], [-np.inf, -np.inf], [np.inf, 0.0], [np.nan, 0.0]])
    found = run(target, lambda x: gd.logsumexp(x, 1), x)["value"]
    expected = [1e4 + np.log(2), -1e4 + np.log(2), -np.inf, np.inf, np.nan]
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_repeated_indices_accumulate(target):
    x, k = np.arange(3.0), np.array([2, 0, 2, 2], np.int32)
    found = run(target, lambda x, k: gd.gather(x, k) * np.float32([1, 2, 3, 4]), x, k)
    np.testing.assert_array_equal(found["grad0"], [2, 0, 8])
    along = run(target, lambda x, k: gd.take_along_axis(x, k, 0), x, k)
    np.testing.assert_array_equal(along["grad0"], [1, 0, 3])
    added = run(target, lambda x, k: gd.scatter_add(x, k, 3), np.array([1.0, 2, 4, 8]), k)
    np.testing.assert_array_equal(added["value"], [2, 0, 13])
    np.testing.assert_array_equal(added["grad0"], np.ones(4))


def test_computed_indices_are_clipped(target):
    x, k = np.arange(3.0), np.array([-7, 1, 7], np.int32)
    found = run(target, lambda x, k: gd.gather(x, k + 0), x, k)
    np.testing.assert_array_equal(found["value"], [0, 1, 2])
    np.testing.assert_array_equal(found["grad0"], [1, 1, 1])


def test_reductions_of_nothing(target):
    x = np.zeros((0, 2))
    np.testing.assert_array_equal(run(target, lambda x: gd.sum(x, 0), x)["value"], [0, 0])
    assert np.all(np.isnan(run(target, lambda x: gd.mean(x, 0), x)["value"]))
    product = run(target, lambda x: x.T @ x, x)
    np.testing.assert_array_equal(product["value"], np.zeros((2, 2)))
    assert product["grad0"].shape == (0, 2)


def test_integers_wrap_as_numpys(target):
    x = np.array([2**31 - 1, -(2**31), 5], np.int32)
    found = run(target, lambda x: x + 1, x)["value"]
    np.testing.assert_array_equal(found, x + np.int32(1))
    bytes_ = np.array([0, 255, 7], np.uint8)
    np.testing.assert_array_equal(run(target, lambda x: x * x, bytes_)["value"], bytes_ * bytes_)
    np.testing.assert_array_equal(run(target, lambda x: -x, bytes_)["value"], -bytes_)


@pytest.mark.parametrize("dtype", ["int32", "int64", "uint8", "bool", "float64"])
def test_casts_are_numpys(target, dtype):
    x = np.array([0.0, -0.0, 0.99, 1.5, 2.0, 100.7])
    found = run(target, lambda x: x.astype(dtype), x)["value"]
    np.testing.assert_array_equal(found, x.astype(np.float32).astype(dtype), strict=True)


def test_power_edges(target):
    x = np.array([0.0, -0.0, -2.0, 3.0, np.inf, np.nan])
    for n in (0, 1, 2, 3, -1, -2):
        with np.errstate(all="ignore"):
            expected = np.float32(x) ** np.float32(n)
        np.testing.assert_allclose(
            run(target, lambda x, n=n: x**n, x)["value"], expected, rtol=1e-6
        )
    np.testing.assert_array_equal(run(target, lambda x: x**2, x)["grad0"], 2 * np.float32(x))
    np.testing.assert_array_equal(run(target, lambda x: x**1, x)["grad0"], np.ones(6))
