"""A branch that is not taken gives exactly 0, however large or undefined what it meets is."""

import numpy as np
import pytest

import graphdl as gd

X = np.array([-2.0, -0.5, 0.5, 4.0])
CHOICES = {
    "relu": lambda x: gd.sqrt(gd.relu(x)),
    "maximum": lambda x: gd.sqrt(gd.maximum(x, 0.0)),
    "clip": lambda x: gd.sqrt(gd.clip(x, 0.0, 9.0)),
    "where": lambda x: gd.sqrt(gd.where(x > 0.0, x, 0.0)),
    "reciprocal": lambda x: gd.where(x > 0.0, 1.0 / gd.relu(x), 0.0),
}


@pytest.mark.parametrize("name", CHOICES)
def test_an_infinite_cotangent_stops_at_a_choice(name):
    x = gd.input("x", ("N",), "float64")
    (slope,) = gd.grad(gd.sum(CHOICES[name](x)), [x])
    found = gd.interpret(gd.Graph(slope), {"x": X})["out"]
    positive = np.where(X > 0, X, 1.0)
    right = -1 / positive**2 if name == "reciprocal" else 0.5 / np.sqrt(positive)
    np.testing.assert_allclose(found, np.where(X > 0, right, 0.0), 1e-14)


@pytest.mark.parametrize("whole_rows", [False, True])
def test_rows_that_are_left_out_reach_no_weight(whole_rows):
    """The second row of the factor is NaN; an element of the product is taken or not by itself."""
    x, w = gd.input("x", ("N", 3), "float64"), gd.param("w", (3, 2), "float64")
    keep = gd.input("keep", ("N", 1 if whole_rows else 2), "bool")
    given = {"x": np.array([[1.0, 2.0, 3.0], [-1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])}
    given["keep"] = np.array([[True], [False], [True]])
    if not whole_rows:
        given["keep"] = np.array([[True, True], [False, False], [False, True]])
    product = gd.log(x) @ w
    (slope,) = gd.grad(gd.sum(gd.where(keep, product, 0.0)), [w])
    found = gd.interpret(gd.Graph(slope), given)["out"]
    logs = np.log(np.where(given["x"] > 0, given["x"], 1.0))
    expected = logs.T @ np.broadcast_to(given["keep"], (3, 2)).astype(float)
    np.testing.assert_allclose(found, expected, 1e-14)
