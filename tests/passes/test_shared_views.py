"""A view moves behind an elementwise node only where all inputs are seen in the same way."""

import numpy as np
import pytest

import graphdl as gd
from graphdl.passes.views import views

X, Y = gd.input("x", (4, 4)), gd.input("y", (4, 4))
GIVEN = {k: np.random.default_rng(0).normal(size=(4, 4)).astype("f4") for k in ("x", "y")}


@pytest.mark.parametrize(
    "graph",
    [
        X[1:] * Y[:-1],
        X[::-1] * Y[:, ::-1],
        X[:, 1:3] - Y[:, 2:],
        gd.reshape(gd.transpose(gd.reshape(X, (2, 2, 4)), (1, 0, 2)), (4, 4))
        + gd.reshape(gd.transpose(gd.reshape(Y, (2, 2, 4)), (0, 2, 1)), (4, 4)),
        X.T * Y,
        X.T * Y.T,
    ],
    ids=["shifted", "reversed", "columns", "orders", "one of two", "the same"],
)
def test_values_stay(graph):
    before = gd.Graph(graph)
    after = views(before)
    np.testing.assert_array_equal(
        gd.interpret(after, GIVEN)["out"], gd.interpret(before, GIVEN)["out"]
    )
