"""Edges of what runs along an axis, of orders, and of reductions: zeros, ties, NaN, extremes."""

import numpy as np
import pytest

import graphdl as gd
from graphdl.ir.errors import ArgumentError, ShapeError
from tests.codegen.agreement import check_builds
from tests.ops.test_edges import TARGETS, run

NAN, INF = np.nan, np.inf
pytestmark = pytest.mark.filterwarnings(
    "ignore::graphdl.passes.derivative.GradientWarning", "ignore:Degrees of freedom"
)
each_target = pytest.mark.parametrize("target", TARGETS)


@each_target
@pytest.mark.parametrize("row", [[0.0, 2, 3], [0, 0, 3], [0, 0, 0], [2, 0, 5], [2, 3, 0]])
def test_products_with_zeros_have_exact_gradients(target, row):
    x = np.array([row], float)
    others = [[np.prod(np.delete(row, k)) for k in range(3)]]
    np.testing.assert_array_equal(run(target, lambda x: gd.prod(x, 1), x)["grad0"], others)
    np.testing.assert_array_equal(run(target, gd.prod, x)["grad0"], others)
    slope = [sum(np.prod(np.delete(row[: k + 1], j)) for k in range(j, 3)) for j in range(3)]
    np.testing.assert_array_equal(run(target, lambda x: gd.cumprod(x, 1), x)["grad0"], [slope])


@each_target
def test_second_derivative_of_a_product_with_zeros(target):
    x = np.array([0.0, 2.0, 0.0, 5.0])
    found = run(target, lambda x: gd.grad(gd.prod(x), [x])[0], x)["grad0"]
    np.testing.assert_array_equal(found, [10, 0, 10, 0])


@each_target
def test_an_infinity_reaches_only_what_it_is_in(target):
    x = np.array([1.0, 2.0, INF])
    np.testing.assert_array_equal(run(target, gd.cumprod, x)["grad0"], [INF, INF, 2])
    found = run(target, gd.linear_recurrence, np.array([INF, 2.0]), np.array([1.0, 1.0]))
    np.testing.assert_array_equal(found["value"], [1, 3])
    np.testing.assert_array_equal(found["grad0"], [0, 1])


@each_target
@pytest.mark.parametrize("reverse", [False, True])
def test_running_winners(target, reverse):
    x = np.array([[2.0, 5, 5, 1, 5], [NAN, 1, 2, 3, NAN], [-INF] * 5, [0.0, -0.0, 0, -1, -0.0]])
    wins = [[1, 4, 0, 0, 0], [5, 0, 0, 0, 0], [5, 0, 0, 0, 0], [5, 0, 0, 0, 0]]
    turned = x[:, ::-1] if reverse else x
    given = np.array(wins)[:, ::-1] if reverse else wins
    found = run(target, lambda x: gd.cummax(x, 1, reverse=reverse), turned)
    expected = np.maximum.accumulate(x, 1)
    np.testing.assert_array_equal(found["value"], expected[:, ::-1] if reverse else expected)
    np.testing.assert_array_equal(found["grad0"], given)
    low = run(target, lambda x: gd.cummin(x, 1, reverse=reverse), -turned)
    np.testing.assert_array_equal(low["grad0"], given)


@pytest.mark.parametrize("dtype", ["int32", "int64", "uint8", "bool"])
def test_running_combinations_of_integers(dtype):
    x = gd.input("x", (3, 21), dtype)
    graph = gd.Graph({
        f"{name}{axis}": gd.ops.FUNCTIONS[name](x, axis)
        for name in ("cumsum", "cumprod", "cummax", "cummin", "argsort", "sort", "prod")
        for axis in (0, 1)
    })  # fmt: skip
    values = np.random.default_rng(0).integers(0, 250, (3, 21)).astype(dtype)
    check_builds(graph, ("plain", "bytes16", "portable"), inputs={"x": values})


@pytest.mark.usefixtures("needs_cc")
def test_wide_rows_run_abreast():
    rng = np.random.default_rng(0)
    for width in (64, 70, 256, 300):
        x = gd.input("x", (5, width))
        graph = gd.Graph({
            "sum": gd.cumsum(x, 0), "back": gd.cumsum(x * 2.0, 0, reverse=True) + x,
            "states": gd.linear_recurrence(gd.cummax(x, 0), x, 0),
            "grad": gd.grad(gd.sum(gd.cumprod(x, 0) * x), [x])[0],
            "ints": gd.cumsum(x.astype("int32"), 0), "wide": gd.cumsum(x.astype("float64"), 0),
        })  # fmt: skip
        values = rng.integers(-3, 4, (5, width)).astype(np.float32)
        check_builds(graph, ("plain", "team", "bytes16", "portable"), inputs={"x": values})


@pytest.mark.usefixtures("needs_cc")
def test_in_order_sums_along_reversed_axes_of_known_length():
    """GCC 12 at -O3 adds up wrong elements where it can unroll such a loop."""
    outputs, inputs = {}, {}
    for size in (3, 4, 5, 8, 15, 16):
        for dtype in ("float32", "float64"):
            x = gd.input(f"x{size}{dtype}", (size,), dtype)
            y = gd.input(f"y{size}{dtype}", (2, size), dtype)
            inputs |= {x.name: np.arange(size), y.name: np.arange(2 * size).reshape(2, size)}
            inputs |= {n: inputs[n].astype(dtype) for n in (x.name, y.name)}
            for reverse in (False, True):
                name = f"{size}{dtype}{reverse}"
                outputs[f"line{name}"] = gd.cumsum(x, reverse=reverse)
                outputs[f"lines{name}"] = gd.cumsum(y, 1, reverse=reverse, exclusive=True)
                outputs[f"flip{name}"] = gd.cumsum(gd.flip(x), reverse=reverse)
                outputs[f"state{name}"] = gd.linear_recurrence(0.5, x, reverse=reverse)
    check_builds(gd.Graph(outputs), ("plain", "bytes16", "portable"), inputs=inputs)


@each_target
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_order_of_ties_zeros_and_nan(target, dtype):
    x = np.array([NAN, 1, -0.0, 0.0, -INF, INF, 1, NAN, -1, 0.0])
    up = run(target, gd.argsort, x, dtype=dtype)["value"]
    np.testing.assert_array_equal(up, [4, 8, 2, 3, 9, 1, 6, 5, 0, 7])
    down = run(target, lambda x: gd.argsort(x, descending=True), x, dtype=dtype)["value"]
    np.testing.assert_array_equal(down, [0, 7, 5, 1, 6, 2, 3, 9, 8, 4])
    top = run(target, lambda x: gd.top_k(x, 4)[0], x, dtype=dtype)
    np.testing.assert_array_equal(top["value"], [NAN, NAN, INF, 1])
    np.testing.assert_array_equal(top["grad0"], [1, 1, 0, 0, 0, 1, 0, 1, 0, 0])


@each_target
@pytest.mark.parametrize("size", [1, 2, 7, 8, 9, 16, 17, 33, 100, 1000])
def test_long_lines_are_sorted_stably(target, size):
    x = np.random.default_rng(size).integers(0, 9, (3, size)).astype(np.float32)
    found = run(target, lambda x: gd.argsort(x, 1), x)["value"]
    np.testing.assert_array_equal(found, np.argsort(x, 1, kind="stable"))
    found = run(target, lambda x: gd.sort(x.T, 0), x)
    np.testing.assert_array_equal(found["value"], np.sort(x.T, 0))
    np.testing.assert_array_equal(found["grad0"], np.ones_like(x))


@each_target
def test_medians(target):
    x = np.array([[3.0, 1, 2, 9], [5, NAN, 1, 2], [3e38, 3e38, 3e38, 3e38]])
    found = run(target, lambda x: gd.median(x, 1), x)
    np.testing.assert_allclose(found["value"], [2.5, NAN, 3e38], rtol=1e-6)
    np.testing.assert_array_equal(found["grad0"][0], [0.5, 0, 0.5, 0])
    assert np.isnan(run(target, lambda x: gd.median(x, 0), np.zeros((0, 2)))["value"]).all()


@each_target
@pytest.mark.parametrize("scale", [1e-42, 1e-30, 1.0, 1e30])
def test_norms_and_deviations_neither_overflow_nor_vanish(target, scale):
    x = np.array([3.0, -4.0, 0.0]) * scale
    for ord in (2, 3, 1.5):
        found = run(target, lambda x, o=ord: gd.norm(x, o), x)
        exact = np.linalg.norm([3.0, -4.0, 0.0], ord)
        np.testing.assert_allclose(found["value"], exact * scale, rtol=1e-3)
        share = np.sign(x) * (np.array([3.0, 4.0, 0.0]) / exact) ** (ord - 1)
        np.testing.assert_allclose(found["grad0"], share, rtol=1e-3)
    if scale > 1e-40:
        np.testing.assert_allclose(run(target, gd.std, x)["value"], np.std(x), rtol=1e-5)


@each_target
def test_kinks_have_a_gradient_of_zero(target):
    flat = np.full((2, 3), 0.25)
    for build, x in ((gd.std, flat), (gd.norm, 0 * flat), (lambda x: gd.norm(x, 3, 1), 0 * flat),
                     (lambda x: gd.norm(x, 0.5, 1), 0 * flat)):  # fmt: skip
        found = run(target, build, x)
        np.testing.assert_array_equal(found["value"], np.zeros_like(found["value"]))
        np.testing.assert_array_equal(found["grad0"], np.zeros((2, 3)))


@each_target
def test_too_little_freedom_is_numpys(target):
    x = np.array([[1.0], [2.0]])
    for name in ("var", "std"):
        f = gd.ops.FUNCTIONS[name]
        for axis, ddof in ((1, 1), (0, 2), (0, 3)):
            with np.errstate(all="ignore"):
                expected = getattr(np, name)(x, axis, ddof=ddof) if axis or ddof == 2 else [INF]
            found = run(target, lambda x, f=f, a=axis, d=ddof: f(x, a, d), x)["value"]
            np.testing.assert_array_equal(found, expected)


@each_target
def test_truth_of_numbers(target):
    x = np.array([[0.0, -0.0, 0.0], [NAN, 0, 0], [1, -2, INF]])
    for name in ("any", "all", "count_nonzero"):
        found = run(target, lambda x, n=name: gd.ops.FUNCTIONS[n](x, 1), x)["value"]
        np.testing.assert_array_equal(found, getattr(np, name)(x, 1))


@each_target
def test_ties_over_several_axes_go_to_the_first_in_memory(target):
    x = np.zeros((2, 3, 2))
    x[1, 0, 1] = x[0, 2, 1] = x[1, 2, 0] = 5.0
    for axes in (None, (0, 1), (0, 2), (2, 1)):
        expected = np.zeros_like(x)
        lines = (0, 1, 2) if axes is None else tuple(sorted(axes))
        for kept in np.ndindex(*(1 if a in lines else s for a, s in enumerate(x.shape))):
            part = tuple(slice(None) if a in lines else k for a, k in enumerate(kept))
            place = np.unravel_index(np.argmax(x[part]), x[part].shape)
            expected[part][place] = 1
        np.testing.assert_array_equal(
            run(target, lambda x, a=axes: gd.max(x, a), x)["grad0"], expected
        )


def test_refusals_name_the_remedy():
    x = gd.input("x", ("N", 3))
    for build, kind, word in (
        (lambda: gd.top_k(x, 4), ShapeError, "k must lie"),
        (lambda: gd.top_k(x, 1, 0), ShapeError, "sort along a symbolic axis"),
        (lambda: gd.norm(x, 2), ArgumentError, "'fro'"),
        (lambda: gd.norm(x, "nuc"), ArgumentError, "'fro'"),
        (lambda: gd.norm(x, "fro", 0), ArgumentError, "two axes"),
        (lambda: gd.norm(x[None], 1), ArgumentError, "one axis"),
        (lambda: gd.diff(x, -1), ArgumentError, "negative"),
        (lambda: gd.cumsum(x, 2), ShapeError, "axis 2"),
    ):
        with pytest.raises(kind, match=word):
            build()
