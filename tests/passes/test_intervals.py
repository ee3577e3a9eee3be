"""Intervals: what they claim to be finite and limited is, for numbers near and far."""

import itertools

import numpy as np
import pytest

import graphdl as gd
from graphdl.ir.instructions import INSTRUCTIONS
from graphdl.passes.ranges import Ranges

INTERVALS = [
    (-np.inf, np.inf),
    (0.0, np.inf),
    (-np.inf, 0.0),
    (-1.0, 1.0),
    (0.25, 4.0),
    (-50.0, -3.0),
]
BOUNDED = [i for i in INSTRUCTIONS.values() if i.operands in ("float", "number")]


def samples(interval):
    low, high = np.clip(interval, -1e6, 1e6)
    inner = np.array([-1e6, -700.0, -2.5, -1.0, -1e-3, 0.0, 1e-3, 0.5, 1.0, 3.0, 700.0, 1e6])
    return np.unique([low, *inner[(inner > low) & (inner < high)], high])


@pytest.mark.parametrize("instruction", BOUNDED, ids=str)
def test_results_are_where_an_instruction_says(instruction):
    for given in itertools.product(INTERVALS, repeat=instruction.arity):
        found = instruction.bounds(*given)
        if found is not None:
            points = np.meshgrid(*map(samples, given))
            with np.errstate(all="ignore"):
                values = instruction.evaluate(*points)
            powers = instruction.name == "pow"  # and products: taken not to overflow
            assert powers or np.isfinite(values).all(), given
            slack = 1e-12 * np.abs(values)
            assert ((values >= found[0] - slack) & (values <= found[1] + slack)).all(), given


X = gd.input("x", ("N", 4))


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (X, (-np.inf, np.inf)),
        (X * X + 1e-5, (np.float32(1e-5), np.inf)),
        (1 / gd.sqrt(gd.var(X, 1) + 1.0), (0.0, 1.0)),
        (gd.softmax(X)[:, :2], (0.0, 1.0)),
        (gd.exp(gd.log_softmax(X)), (0.0, 1.0)),
        (gd.pad(gd.tanh(X), 1, "constant", 2.0), (-1, 2.0)),
        (gd.sum(gd.sigmoid(X)), (0.0, np.inf)),
        (gd.softmax(gd.where(X > 0, X, -np.inf)), None),
        (gd.log(X), None),
        (gd.sin(1 / X), None),
    ],
)
def test_intervals_of_nodes(node, expected):
    assert Ranges()[node] == expected
