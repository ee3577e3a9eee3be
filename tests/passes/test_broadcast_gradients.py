"""A gradient has the shape of its variable: what was repeated is summed, in all combinations."""

from itertools import product

import numpy as np
import pytest

import graphdl as gd

FULL = (4, 2, 3)
SHAPES = [s for n in range(4) for s in product(*[(1, k) for k in FULL[3 - n :]])]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("how", ["product", "repeated", "chosen"])
def test_shares_are_added_up(shape, how):
    rng = np.random.default_rng(0)
    x, w = gd.input("x", FULL, "float64"), gd.input("w", shape, "float64")
    given = {"x": rng.normal(size=FULL), "w": rng.normal(size=shape)}
    result = {
        "product": lambda: x * w,
        "repeated": lambda: gd.broadcast_to(w, FULL) * x,
        "chosen": lambda: gd.where(x > 0.0, w, x) * x,
    }[how]()
    weights = rng.normal(size=FULL)
    (found,) = gd.grad(gd.sum(result * weights), [w])
    share = given["x"] * weights * (given["x"] > 0 if how == "chosen" else 1)
    lead = len(FULL) - len(shape)
    axes = tuple(range(lead)) + tuple(k + lead for k, s in enumerate(shape) if s == 1)
    expected = share.sum(axes).reshape(shape)
    np.testing.assert_allclose(
        gd.interpret(gd.Graph(found, inputs=[x, w]), given)["out"], expected, 1e-12
    )
