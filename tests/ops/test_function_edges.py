"""Edges of elementwise functions: ends of domains, poles, zeros with signs, extreme numbers.

Values and gradients are compared on all targets and in both dtypes.
"""

import math
from functools import cache

import numpy as np
import pytest

import graphdl as gd
from graphdl.ir.instructions import INSTRUCTIONS
from tests.ops.cases import REFERENCES

INF, NAN = np.inf, np.nan
COMMON = (0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 2.5, -2.5, 7.0, 100.0, -100.0, INF, -INF, NAN)

pytestmark = [
    pytest.mark.parametrize("target", ["interp", "numpy", "c"]),
    pytest.mark.parametrize("dtype", ["float32", "float64"]),
    pytest.mark.filterwarnings("ignore::graphdl.passes.derivative.GradientWarning"),
]


def edges(dtype):
    """Return common points and the ends of the dtype's range, of both signs."""
    info = np.finfo(dtype)
    own = [info.max, info.tiny, info.smallest_subnormal, 1 + info.eps, 1 - info.epsneg, info.eps]
    own += [math.sqrt(info.max) * 4, 1 / info.eps, info.max / 8]
    return np.array([*COMMON, *own, *(-v for v in own)], dtype)


def of_oracle(name):
    return INSTRUCTIONS[name].evaluate


SLOPES = {
    "exp2": lambda x: np.log(2) * np.exp2(x),
    "log2": lambda x: 1 / np.log(2) / x,
    "log10": lambda x: 1 / np.log(10) / x,
    "rsqrt": lambda x: -0.5 / np.sqrt(x) / x,
    "reciprocal": lambda x: -1 / x / x,
    "cbrt": lambda x: 1 / (3 * np.cbrt(x) ** 2),
    "sin": np.cos,
    "cos": lambda x: -np.sin(x),
    "tan": lambda x: 1 / np.cos(x) ** 2,
    "asin": lambda x: 1 / np.sqrt(1 - x) / np.sqrt(1 + x),
    "acos": lambda x: -1 / np.sqrt(1 - x) / np.sqrt(1 + x),
    "atan": lambda x: 1 / (1 + x * x),
    "sinh": np.cosh,
    "cosh": np.sinh,
    "asinh": lambda x: 1 / np.hypot(1, x),
    "acosh": lambda x: 1 / np.sqrt(x - 1) / np.sqrt(x + 1),
    "atanh": lambda x: 1 / (1 - x) / (1 + x),
    "erfc": lambda x: -2 / np.sqrt(np.pi) * np.exp(-x * x),
    "lgamma": of_oracle("digamma"),
    "digamma": lambda x: of_oracle("polygamma")(1.0, x),
    "rint": np.zeros_like, "floor": np.zeros_like, "ceil": np.zeros_like,
    "trunc": np.zeros_like, "round": np.zeros_like,
}  # fmt: skip
VALUES = {
    **{n: REFERENCES[n] for n in SLOPES if n in REFERENCES},
    "floor": np.floor, "ceil": np.ceil, "trunc": np.trunc, "round": np.round,
    "lgamma": of_oracle("lgamma"), "digamma": of_oracle("digamma"),
}  # fmt: skip


def run(target, graph, values):
    if target == "interp":
        return gd.interpret(graph, values)
    return gd.compile([graph], target=target).entries[graph.name](**values)


@cache
def unary(target, dtype):
    """Compute all functions and their gradients at all edges at once."""
    points = edges(dtype)
    x = gd.input("x", points.shape, dtype)
    outputs = {}
    for name in SLOPES:
        y = gd.ops.FUNCTIONS[name](x)
        (slope,) = gd.vjp(y, x, gd.ones(x.shape, dtype))
        outputs |= {f"{name}_value": y, f"{name}_slope": slope}
    return run(target, gd.Graph(outputs, name="edges"), {"x": points})


def close(found, expected, dtype, where=True):
    """Compare values rounded to the dtype, NaN, infinities and signs of zeros included."""
    with np.errstate(all="ignore"):
        expected = np.asarray(expected, np.float64).astype(dtype)
    info = np.finfo(dtype)
    kept = np.broadcast_to(where, found.shape)
    found, expected = found[kept], expected[kept]
    np.testing.assert_allclose(found, expected, rtol=20 * info.eps, atol=4 * info.tiny)
    zero = (expected == 0) & (found == 0)
    np.testing.assert_array_equal(np.signbit(found[zero]), np.signbit(expected[zero]))


@pytest.mark.parametrize("name", SLOPES)
def test_values(target, dtype, name):
    points = edges(dtype)
    with np.errstate(all="ignore"):
        expected = VALUES[name](points.astype(np.float64))
    close(unary(target, dtype)[f"{name}_value"], expected, dtype)


@pytest.mark.parametrize("name", SLOPES)
def test_gradients_equal_the_derivative(target, dtype, name):
    """Wherever the value is a number and the derivative neither over- nor underflows."""
    points = edges(dtype)
    with np.errstate(all="ignore"):
        value = VALUES[name](points.astype(np.float64))
        expected = SLOPES[name](points.astype(np.float64))
    found = unary(target, dtype)[f"{name}_slope"]
    kept = ~np.isnan(value) & ~np.isnan(expected) & (np.abs(points) < np.inf)
    if name == "tan" and dtype == "float32":
        kept &= np.abs(points) < 1e6  # NumPy's own float32 loses digits there
    close(np.abs(found), np.abs(expected), dtype, kept)
    signs = kept & (expected != 0) & (found != 0)
    np.testing.assert_array_equal(np.sign(found[signs]), np.sign(expected[signs]))


POLES = {
    "log2": [(0.0, -INF), (-0.0, -INF), (-1.0, NAN), (INF, INF)],
    "log10": [(0.0, -INF), (-0.0, -INF), (-1.0, NAN), (INF, INF)],
    "asin": [(1.0, math.pi / 2), (1.0000001192092896, NAN), (-0.0, -0.0), (INF, NAN)],
    "acos": [(1.0, 0.0), (-1.0000001192092896, NAN), (INF, NAN)],
    "acosh": [(1.0, 0.0), (0.5, NAN), (INF, INF), (-INF, NAN)],
    "atanh": [(1.0, INF), (-1.0, -INF), (1.5, NAN), (-0.0, -0.0)],
    "rsqrt": [(0.0, INF), (-1.0, NAN), (INF, 0.0)],
    "reciprocal": [(0.0, INF), (-0.0, -INF), (-INF, -0.0)],
    "cbrt": [(-8.0, -2.0), (-0.0, -0.0), (-INF, -INF)],
    "sin": [(INF, NAN), (-0.0, -0.0)], "cos": [(-INF, NAN)], "tan": [(INF, NAN), (-0.0, -0.0)],
    "erfc": [(INF, 0.0), (-INF, 2.0), (0.0, 1.0), (-0.0, 1.0)],
    "lgamma": [(0.0, INF), (-0.0, INF), (-1.0, INF), (-30.0, INF), (INF, INF), (-INF, INF),
               (1.0, 0.0), (2.0, 0.0)],
    "digamma": [(0.0, -INF), (-0.0, INF), (-1.0, NAN), (-30.0, NAN), (INF, INF), (-INF, NAN)],
    "exp2": [(-INF, 0.0), (INF, INF), (10.0, 1024.0)],
    "rint": [(0.5, 0.0), (1.5, 2.0), (2.5, 2.0), (-0.5, -0.0), (-INF, -INF)],
    "ceil": [(-0.5, -0.0)], "trunc": [(-0.5, -0.0)], "floor": [(-0.0, -0.0)],
}  # fmt: skip


@pytest.mark.parametrize("name", POLES)
def test_poles_and_ends_of_domains(target, dtype, name):
    x, expected = (np.array(c, dtype) for c in zip(*[*POLES[name], (NAN, NAN)], strict=True))
    graph = gd.Graph(gd.ops.FUNCTIONS[name](gd.input("x", x.shape, dtype)), name="poles")
    close(run(target, graph, {"x": x})["out"], expected, dtype)


def both(target, dtype, function, x, y):
    """Return value and gradients of a function of two operands at pairs of points."""
    a, b = (np.array(v, dtype) for v in (x, y))
    nodes = gd.input("a", a.shape, dtype), gd.input("b", b.shape, dtype)
    z = function(*nodes)
    slopes = gd.vjp(z, list(nodes), gd.ones(z.shape, dtype))
    graph = gd.Graph({"value": z, "by_a": slopes[0], "by_b": slopes[1]}, name="pairs", inputs=nodes)
    found = run(target, graph, {"a": a, "b": b})
    return found["value"], found["by_a"], found["by_b"]


def expect(found, *expected):
    for one, wanted in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, np.asarray(wanted).astype(one.dtype), rtol=1e-6)


def test_powers_of_zero(target, dtype):
    found = both(target, dtype, gd.real_power,
                 [0.0, 0.0, 0.0, 0.0, 0.0, 3.0, -2.0, -2.0, 2.0],
                 [0.0, 1.0, 2.0, 0.5, -1.0, 0.0, 3.0, 0.5, 0.0])  # fmt: skip
    expect(found, [1, 0, 0, 0, INF, 1, -8, NAN, 1], [0, 1, 0, INF, -INF, 0, 12, NAN, 0],
           [0, 0, 0, 0, -INF, math.log(3), NAN, NAN, math.log(2)])  # fmt: skip


def test_exponentials_of_products_end_as_such_do(target, dtype):
    found = both(target, dtype, gd.exp_product,
                 [100.0, -100.0, 0.0, INF, INF, NAN, 1e30, -INF, -9.0],
                 [100.0, 100.0, 5.0, -2.0, 0.0, 1.0, 1e30, 3.0, 9.125])  # fmt: skip
    expect(found[:1], [INF, 0, 1, 0, NAN, NAN, INF, 0, math.exp(-82.125)])


def test_powers_by_whole_numbers(target, dtype):
    x = np.array([0.0, -0.0, -2.0, INF], dtype)
    node = gd.input("x", x.shape, dtype)
    powers = {f"p{n + 2}": gd.grad(gd.sum(node**n), [node])[0] for n in range(-2, 4)}
    found = run(target, gd.Graph(powers, name="whole"), {"x": x})
    expected = {
        "p0": [-INF, INF, 0.25, 0], "p1": [-INF, -INF, -0.25, 0], "p2": [0, 0, 0, 0],
        "p3": [1, 1, 1, 1], "p4": [0, 0, -4, INF], "p5": [0, 0, 12, INF],
    }  # fmt: skip
    for key, wanted in expected.items():
        np.testing.assert_allclose(found[key], wanted, rtol=1e-6)


def test_curvature_of_reciprocal_powers_does_not_overflow(target, dtype):
    huge = 1e10 if dtype == "float32" else 1e100
    x = np.array([1 / huge, huge, INF, -INF], dtype)
    node = gd.input("x", x.shape, dtype)
    slope = gd.grad(gd.sum(node**-1), [node])[0]
    graph = gd.Graph(gd.grad(gd.sum(slope), [node])[0], name="curvature")
    found = run(target, graph, {"x": x})["out"]
    np.testing.assert_allclose(found[0], 2 * np.float64(huge) ** 3, rtol=1e-5)
    np.testing.assert_allclose(found[1:], [2 * float(huge) ** -3, 0, 0], rtol=1e-5, atol=1e-45)


def test_mixed_derivatives_of_a_power_at_p_0(target, dtype):
    """d²(xᵖ)/dx dp = xᵖ⁻¹·(1 + p·log x), which is 1/x at p = 0."""
    x, p = gd.input("x", (2,), dtype), gd.input("p", (2,), dtype)
    (slope,) = gd.vjp(gd.real_power(x, p), [x], gd.ones((2,), dtype))
    (mixed,) = gd.vjp(slope, [p], gd.ones((2,), dtype))
    values = {"x": np.array([2.0, 4.0], dtype), "p": np.zeros(2, dtype)}
    found = run(target, gd.Graph(mixed, name="mixed"), values)["out"]
    np.testing.assert_allclose(found, [0.5, 0.25], rtol=1e-6)


def test_atan2_has_signs_and_does_not_overflow(target, dtype):
    huge, tiny = float(np.finfo(dtype).max) / 8, float(np.finfo(dtype).tiny) * 8
    found = both(target, dtype, gd.atan2,
                 [0.0, -0.0, 0.0, -0.0, 1.0, INF, INF, huge, 0.0, NAN],
                 [1.0, 1.0, -1.0, -1.0, 0.0, 1.0, -INF, huge, tiny, 1.0])  # fmt: skip
    pi = math.pi
    expect(found, [0, 0, pi, -pi, pi / 2, pi / 2, 3 * pi / 4, pi / 4, 0, NAN],
           [1, 1, -1, -1, 0, 0, 0, 0.5 / huge, 1 / tiny, NAN],
           [0, 0, 0, 0, -1, 0, 0, -0.5 / huge, 0, NAN])  # fmt: skip
    assert np.signbit(found[0][1])
    origin = both(target, dtype, gd.atan2, [0.0, -0.0], [0.0, -0.0])
    expect(origin, [0, -pi], [0, 0], [0, 0])


def test_hypot_at_the_ends(target, dtype):
    huge, tiny = float(np.finfo(dtype).max) / 2, float(np.finfo(dtype).tiny) * 8
    found = both(target, dtype, gd.hypot,
                 [0.0, 3.0, huge, tiny, INF, -3.0], [0.0, -4.0, huge, tiny, NAN, 0.0])  # fmt: skip
    half = math.sqrt(0.5)
    expect(found[:1], [0, 5, huge / half, tiny / half, INF, 3])
    known = [0, 1, 2, 3, 5]
    expect([f[known] for f in found[1:]], [0, 0.6, half, half, -1], [0, -0.8, half, half, 0])
    most = 2 * huge
    far = both(target, dtype, gd.hypot,
               [INF, -INF, 1.0, 0.0, INF, most], [1.0, 0.0, -INF, INF, INF, most])  # fmt: skip
    expect(far, [INF] * 6, [1, -1, 0, 0, NAN, half], [0, 0, -1, 1, NAN, half])


def test_logaddexp_at_the_ends(target, dtype):
    found = both(target, dtype, gd.logaddexp,
                 [-INF, -INF, INF, INF, 1e30, 0.0, -200.0, 3.0],
                 [-INF, 1.0, 2.0, INF, 1e30, 0.0, -201.0, NAN])  # fmt: skip
    third = 1 / (1 + math.exp(-1))
    expect(
        found,
        [-INF, 1, INF, INF, 1e30, math.log(2), -200 + math.log1p(math.exp(-1)), NAN],
        [0.5, 0, 1, 0.5, 0.5, 0.5, third, NAN],
        [0.5, 1, 0, 0.5, 0.5, 0.5, 1 - third, NAN],
    )


def test_logaddexp_is_smooth_at_ties(target, dtype):
    x = gd.input("x", (1,), dtype)
    (second,) = gd.hvp(gd.sum(gd.logaddexp(x, 1.0)), [x], [gd.ones((1,), dtype)])
    found = run(target, gd.Graph(second, name="tie"), {"x": np.ones(1, dtype)})["out"]
    np.testing.assert_allclose(found, [0.25], rtol=1e-6)


def test_xlogy_at_zero(target, dtype):
    found = both(target, dtype, gd.xlogy,
                 [0.0, 0.0, 0.0, 2.0, 0.0, -0.0], [0.0, 2.0, NAN, 0.0, INF, 0.5])  # fmt: skip
    log = math.log(2)
    expect(found, [0, 0, NAN, -INF, 0, 0], [-INF, log, NAN, -INF, INF, -log],
           [0, 0, NAN, INF, 0, 0])  # fmt: skip


def test_polygamma_at_poles(target, dtype):
    x = np.array([0.0, -0.0, -1.0, INF, -INF, NAN, 1.0], dtype)
    node = gd.input("x", x.shape, dtype)
    graph = gd.Graph({f"n{n}": gd.polygamma(n, node) for n in (1, 2, 100)}, name="poles")
    found = run(target, graph, {"x": x})
    np.testing.assert_allclose(found["n1"], [INF, INF, INF, 0, NAN, NAN, math.pi**2 / 6], rtol=1e-6)
    np.testing.assert_allclose(
        found["n2"], [-INF, INF, NAN, 0, NAN, NAN, -2.4041138063191886], rtol=1e-6
    )
    largest = -float(math.factorial(100)) if dtype == "float64" else -INF
    np.testing.assert_allclose(found["n100"][-1], largest, rtol=1e-6)


def test_nan_to_num_is_numpys(target, dtype):
    x = np.array([NAN, INF, -INF, -0.0, 1.5], dtype)
    node = gd.input("x", x.shape, dtype)
    y = gd.nan_to_num(node)
    outputs = {
        "plain": y,
        "chosen": gd.nan_to_num(node, nan=1.0, posinf=2.0, neginf=-3.0),
        "slope": gd.grad(gd.sum(y), [node])[0],
    }
    found = run(target, gd.Graph(outputs, name="numbers"), {"x": x})
    np.testing.assert_array_equal(found["plain"], np.nan_to_num(x))
    np.testing.assert_array_equal(found["chosen"], [1, 2, -3, 0, 1.5])
    np.testing.assert_array_equal(found["slope"], [0, 0, 0, 1, 1])


def test_tests_of_numbers(target, dtype):
    x = edges(dtype)
    node = gd.input("x", x.shape, dtype)
    graph = gd.Graph({n: getattr(gd, n)(node) for n in ("isnan", "isinf", "isfinite")}, name="kind")
    found = run(target, graph, {"x": x})
    for name, value in found.items():
        np.testing.assert_array_equal(value, getattr(np, name)(x))


def test_round_keeps_what_has_no_decimals(target, dtype):
    huge = float(np.finfo(dtype).max)
    x = np.array([huge, -huge, INF, NAN, 0.125, -0.0], dtype)
    found = run(target, gd.Graph(gd.round(gd.input("x", x.shape, dtype), 2), name="two"), {"x": x})
    np.testing.assert_allclose(found["out"], np.array([huge, -huge, INF, NAN, 0.12, 0], dtype))


def test_clip_with_bounds_of_nodes(target, dtype):
    x = np.array([-2.0, -1.0, 0.5, 2.0, NAN, 1.0, 1.0], dtype)
    low = np.array([-1.0, -1.0, -1.0, -1.0, -1.0, NAN, 3.0], dtype)
    nodes = gd.input("x", x.shape, dtype), gd.input("low", low.shape, dtype)
    y = gd.clip(nodes[0], nodes[1], 1.0)
    by_x, by_low = gd.vjp(y, list(nodes), gd.ones(x.shape, dtype))
    graph = gd.Graph({"value": y, "by_x": by_x, "by_low": by_low}, name="clipped", inputs=nodes)
    found = run(target, graph, {"x": x, "low": low})
    np.testing.assert_array_equal(found["value"], np.clip(x, low, 1.0))
    known = [0, 1, 2, 3, 6]
    np.testing.assert_array_equal(found["by_x"][known], [0, 1, 1, 0, 0])
    np.testing.assert_array_equal(found["by_low"][known], [1, 0, 0, 0, 0])
