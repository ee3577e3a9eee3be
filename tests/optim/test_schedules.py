"""Schedules against plain Python."""

import math

import numpy as np
import pytest

import graphdl as gd
from graphdl.ir.errors import ArgumentError
from graphdl.optim import schedules

STEPS = np.arange(0, 60)

CASES = {
    "constant": (schedules.constant(0.3), lambda t: 0.3),
    "exponential": (schedules.exponential(0.5, 0.9, 7), lambda t: 0.5 * 0.9 ** (t / 7)),
    "step_decay": (schedules.step_decay(0.5, 0.1, 20), lambda t: 0.5 * 0.1 ** (t // 20)),
    "piecewise": (
        schedules.piecewise([10, 30], [3.0, 2.0, 1.0]),
        lambda t: 3.0 if t < 10 else 2.0 if t < 30 else 1.0,
    ),
    "cosine": (
        schedules.cosine(1.0, 40, 0.1),
        lambda t: 0.1 + 0.45 * (1 + math.cos(math.pi * min(t / 40, 1))),
    ),
    "inverse_sqrt": (
        schedules.inverse_sqrt(2.0, 16),
        lambda t: 2.0 * min((t + 1) / 16, math.sqrt(16 / (t + 1))),
    ),
    "warmup": (
        schedules.warmup(10, schedules.exponential(1.0, 0.5, 5)),
        lambda t: min((t + 1) / 10, 1) * 0.5 ** (max(t - 10, 0) / 5),
    ),
    "warmup to a number": (schedules.warmup(10, 0.2), lambda t: 0.2 * min((t + 1) / 10, 1)),
}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("case", CASES)
def test_values(case, dtype):
    schedule, expected = CASES[case]
    rate = schedule(gd.input("step", (), dtype))
    assert (rate.shape, rate.dtype.name) == ((), dtype)
    graph = gd.Graph(rate + 0.0 * gd.input("step", (), dtype))
    got = [float(gd.interpret(graph, {"step": t})["out"]) for t in STEPS]
    rtol = 1e-13 if dtype == "float64" else 1e-5
    np.testing.assert_allclose(got, [expected(t) for t in STEPS], rtol=rtol, atol=rtol / 10)


@pytest.mark.parametrize(
    "make",
    [
        lambda: schedules.piecewise([10], [1.0]),
        lambda: schedules.piecewise([10, 5], [1.0, 2.0, 3.0]),
        lambda: schedules.exponential(0.1, -1.0),
        lambda: schedules.step_decay(0.1, 0.5, 0),
        lambda: schedules.cosine(0.1, 0),
        lambda: schedules.warmup(0, 0.1),
    ],
)
def test_errors(make):
    with pytest.raises(ArgumentError):
        make()
