"""Epilogues of contractions whose values do not all have the dtype of the sum."""

import numpy as np
import pytest

import graphdl as gd


@pytest.mark.usefixtures("needs_cc")
@pytest.mark.parametrize("columns", [3, 16, 37])
def test_a_uniform_value_of_another_dtype_is_computed_once(columns: int) -> None:
    x, w = gd.input("x", ("N", 5)), gd.param("w", (5, columns), init=gd.nn.init.he())
    step = gd.state("step", (), "int64", init=3)
    scale = gd.exp(gd.cast(step + 1, "float32") * -0.1)
    _agree(gd.Graph({"y": (x @ w) * scale}, updates={step: step + 1}, name="f"))


@pytest.mark.usefixtures("needs_cc")
@pytest.mark.parametrize("dtype", ["float64", "int64", "bool"])
def test_results_of_another_dtype(dtype: str) -> None:
    x, w = gd.input("x", ("N", 5)), gd.param("w", (5, 9), init=gd.nn.init.he())
    y = 4.0 * (x @ w)
    _agree(gd.Graph({"y": y > 0 if dtype == "bool" else gd.cast(y, dtype)}, name="f"))


def _agree(graph: gd.Graph) -> None:
    c, plain = (gd.compile(graph, target=t, dims={"N": 8}) for t in ("c", "interp"))
    for count in (0, 1, 8):
        x = np.random.default_rng(count).standard_normal((count, 5)).astype(np.float32)
        got, want = c.f(x)["y"], plain.f(x)["y"]
        assert got.dtype == want.dtype
        np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-6)
    for name, value in c.state.items():
        assert np.array_equal(value, plain.state[name])
