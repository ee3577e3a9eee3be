"""First and second derivatives of elementwise functions at infinities and at ends of domains.

Each is the limit from within the domain: infinite slopes have infinite slopes, flat ends flat ones.
"""

import inspect
import math

import numpy as np
import pytest

import graphdl as gd
from graphdl.ir.kinds import ElementwiseOp

INF, NAN = math.inf, math.nan
TARGETS = ["interp", "numpy", "c"]

ENDS = {  # x, first and second derivative
    "asin": [(1.0, INF, INF), (-1.0, INF, -INF), (0.0, 1, 0)],
    "acos": [(1.0, -INF, -INF), (-1.0, -INF, INF), (0.0, -1, 0)],
    "atanh": [(1.0, INF, INF), (-1.0, INF, -INF), (0.0, 1, 0)],
    "acosh": [(1.0, INF, -INF), (INF, 0, 0)],
    "asinh": [(INF, 0, 0), (-INF, 0, 0), (0.0, 1, 0)],
    "atan": [(INF, 0, 0), (-INF, 0, 0), (0.0, 1, 0)],
    "erf": [(INF, 0, 0), (-INF, 0, 0), (200.0, 0, 0), (0.0, 2 / math.sqrt(math.pi), 0)],
    "erfc": [(INF, 0, 0), (-INF, 0, 0), (-200.0, 0, 0), (0.0, -2 / math.sqrt(math.pi), 0)],
    "cbrt": [(0.0, INF, -INF), (-0.0, INF, INF), (INF, 0, 0), (-INF, 0, 0)],
    "sqrt": [(0.0, INF, -INF), (INF, 0, 0)],
    "rsqrt": [(0.0, -INF, INF), (INF, 0, 0)],
    "reciprocal": [(0.0, -INF, INF), (-0.0, -INF, -INF), (INF, 0, 0), (-INF, 0, 0)],
    "log": [(0.0, INF, -INF), (INF, 0, 0)],
    "log1p": [(-1.0, INF, -INF), (INF, 0, 0)],
    "exp": [(-INF, 0, 0), (INF, INF, INF)],
    "expm1": [(-INF, 0, 0), (INF, INF, INF)],
    "sinh": [(-INF, INF, -INF), (INF, INF, INF)],
    "cosh": [(-INF, -INF, INF), (INF, INF, INF)],
    "tanh": [(-INF, 0, 0), (INF, 0, 0)],
    "sigmoid": [(-INF, 0, 0), (INF, 0, 0)],
    "log_sigmoid": [(-INF, 1, 0), (INF, 0, 0)],
    "softplus": [(-INF, 0, 0), (INF, 1, 0)],
    "softsign": [(-INF, 0, 0), (INF, 0, 0)],
    "silu": [(-INF, 0, 0), (INF, 1, 0)],
    "mish": [(-INF, 0, 0), (INF, 1, 0)],
    "gelu": [(-INF, 0, 0), (INF, 1, 0)],
    "lgamma": [(0.0, -INF, INF), (INF, INF, 0), (-1.0, NAN, INF)],
}

WITHOUT_LIMIT = {"lgamma"}
"""Their docstrings say where the first derivative is NaN though the value is none."""


def derivatives(target, op, points, dtype):
    x = gd.input("x", (len(points),), dtype)
    one = gd.ones(x.shape, dtype)
    (first,) = gd.vjp(op(x), x, one)
    (second,) = gd.vjp(first, x, one)
    graph = gd.Graph({"value": op(x), "first": first, "second": second}, name="slopes")
    values = {"x": np.array(points, dtype)}
    if target == "interp":
        return gd.interpret(graph, values)
    return gd.compile([graph], target=target).entries["slopes"](**values)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", ENDS)
def test_slopes_are_limits(target, dtype, name):
    points, first, second = zip(*ENDS[name], strict=True)
    found = derivatives(target, gd.ops.FUNCTIONS[name], points, dtype)
    np.testing.assert_allclose(found["first"], np.array(first, dtype), rtol=1e-6)
    np.testing.assert_allclose(found["second"], np.array(second, dtype), rtol=1e-6)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", ["asin", "acos", "atanh", "acosh", "atan", "asinh", "cbrt", "erf"])
def test_slopes_close_to_the_ends(target, dtype, name):
    """Nothing cancels on the way to an end, and what is NaN outside stays NaN."""
    import mpmath

    eps = float(np.finfo(dtype).eps)
    points = {
        "acosh": [1 + eps, 1 + 4 * eps, 2.0, 1e10],
        "cbrt": [1e-18, -1e-18, 8.0, 1e18],
        "atan": [1e-10, 1.0, -1e8], "asinh": [1e-10, 1.0, -1e12], "erf": [1e-10, 0.5, -3.0],
    }.get(name, [1 - eps / 2, eps / 2 - 1, 1 - 8 * eps, 0.5, -0.9])  # fmt: skip
    found = derivatives(target, gd.ops.FUNCTIONS[name], [*points, NAN], dtype)
    assert np.isnan([found["first"][-1], found["second"][-1]]).all()
    function = (lambda x: mpmath.sign(x) * mpmath.cbrt(abs(x))) if name == "cbrt" else (
        getattr(mpmath, name)
    )  # fmt: skip
    with mpmath.workdps(100):
        exact = [mpmath.mpf(float(np.dtype(dtype).type(p))) for p in points]
        for key, order in (("first", 1), ("second", 2)):
            wanted = [
                mpmath.diff(function, p, order, h=mpmath.mpf(10) ** -40 * max(1, abs(p)))
                if name != "cbrt" else _root_slope(p, order) for p in exact
            ]  # fmt: skip
            np.testing.assert_allclose(
                found[key][:-1], np.array([float(w) for w in wanted]), rtol=40 * eps
            )


def _root_slope(x, order):
    root = abs(x) ** (1 / type(x)(3))
    return 1 / (3 * root**2) if order == 1 else -2 / (9 * root**5) * (1 if x > 0 else -1)


def unary():
    """Return every elementwise op of one number that needs no attribute."""
    for name, op in gd.ops.FUNCTIONS.items():
        if not isinstance(op, ElementwiseOp) or len(op.input_names) != 1 or op.outputs > 1:
            continue
        if inspect.Parameter.empty not in op.defaults.values() and op.accepts in ("float", "value"):
            yield name


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", list(unary()))
@pytest.mark.filterwarnings("ignore::graphdl.passes.derivative.GradientWarning")
def test_no_slope_of_a_number_is_nan(dtype, name):
    """At ±0, ±1, ±inf and at extreme numbers; what hasn't a limit is told in the docstring."""
    info = np.finfo(dtype)
    points = [0.0, 1.0, 2.5, 50.0, INF, info.max, info.tiny, info.smallest_subnormal]
    points += [1 / info.eps, 1 - info.epsneg, 1 + info.eps, math.sqrt(info.max) * 2]
    points += [-p for p in points]
    op = gd.ops.FUNCTIONS[name]
    if not op(gd.zeros((), dtype)).dtype.is_float:
        return
    found = derivatives("interp", op, points, dtype)
    wrong = ~np.isnan(found["value"]) & (np.isnan(found["first"]) | np.isnan(found["second"]))
    if name in WITHOUT_LIMIT:
        assert "NaN" in op.__doc__
        wrong &= np.array(points) > 0
    assert not wrong.any(), np.array(points)[wrong]
