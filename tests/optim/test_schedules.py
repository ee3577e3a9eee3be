"""Schedules against plain Python."""

import math

import numpy as np
import pytest

import graphdl as gd
from graphdl.ir.errors import ArgumentError
from graphdl.optim import schedules
from tests.optim.variants import RECORD

STEPS = np.arange(0, 60)


def restarts(t, initial, steps, growth, final):
    """Walk from cycle to cycle."""
    while t >= steps:
        t, steps = t - steps, steps * growth
    return final + (initial - final) * (1 + math.cos(math.pi * t / steps)) / 2


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
    "1/sqrt(t)": (schedules.inverse_sqrt(2.0), lambda t: 2.0 / math.sqrt(t + 1)),
    "inverse_time": (schedules.inverse_time(0.5, 0.2, 3), lambda t: 0.5 / (1 + 0.2 * t / 3)),
    "linear": (schedules.linear(0.1, 0.9, 40), lambda t: 0.1 + 0.8 * min(t / 40, 1)),
    "polynomial": (
        schedules.polynomial(1.0, 40, power=1.5, final=0.2),
        lambda t: 0.2 + 0.8 * (1 - min(t / 40, 1)) ** 1.5,
    ),
    "cosine_restarts": (
        schedules.cosine_restarts(1.0, 7, final=0.1),
        lambda t: restarts(t, 1.0, 7, 1, 0.1),
    ),
    "cosine_restarts, growing": (
        schedules.cosine_restarts(1.0, 3, growth=3),
        lambda t: restarts(t, 1.0, 3, 3, 0.0),
    ),
    "any function": (lambda step: gd.tanh(step / 10.0), lambda t: math.tanh(t / 10)),
    "warmup": (
        schedules.warmup(10, schedules.exponential(1.0, 0.5, 5)),
        lambda t: min((t + 1) / 10, 1) * 0.5 ** (max(t - 10, 0) / 5),
    ),
    "warmup to a number": (schedules.warmup(10, 0.2), lambda t: 0.2 * min((t + 1) / 10, 1)),
}


PYTORCH = {
    "StepLR": schedules.step_decay(0.4, 0.5, 30),
    "MultiStepLR": schedules.piecewise([20, 70], [0.4, 0.04, 0.004]),
    "ExponentialLR": schedules.exponential(0.4, 0.97),
    "PolynomialLR": schedules.polynomial(0.4, 60, power=2.5),
    "CosineAnnealingLR": schedules.cosine(0.4, 99, final=0.01),
    "CosineAnnealingWarmRestarts": schedules.cosine_restarts(0.4, 30),
    "CosineAnnealingWarmRestarts growing": schedules.cosine_restarts(0.4, 10, 2, final=0.01),
    "LinearLR": schedules.linear(0.1, 0.4, 40),
}


def values_of(schedule, steps, dtype="float64", target="interp"):
    """Return a schedule's values."""
    rate = schedule(gd.input("step", (), dtype))
    assert (rate.shape, rate.dtype.name) == ((), dtype)
    graph = gd.Graph(rate + 0.0 * gd.input("step", (), dtype), name="rate")
    module = gd.compile(graph, target)
    return [float(module.rate(step=np.array(t, dtype))["out"]) for t in steps]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("case", CASES)
def test_values(case, dtype):
    schedule, expected = CASES[case]
    rtol = 1e-13 if dtype == "float64" else 1e-5
    got = values_of(schedule, STEPS, dtype)
    np.testing.assert_allclose(got, [expected(t) for t in STEPS], rtol=rtol, atol=rtol / 10)


@pytest.mark.parametrize("target", ["interp", "numpy", "c"])
@pytest.mark.parametrize("name", PYTORCH)
def test_values_of_pytorch(name, target, needs_cc):
    assert set(PYTORCH) == set(RECORD["rates"])
    got = values_of(PYTORCH[name], range(100), target=target)
    np.testing.assert_allclose(got, RECORD["rates"][name], rtol=1e-9, atol=1e-12)


FAR = 10**7
ENDS = {
    "constant": 0.3, "exponential": 0.0, "step_decay": 0.0, "piecewise": 1.0, "cosine": 0.1,
    "inverse_sqrt": 2 * math.sqrt(16 / (FAR + 1)), "1/sqrt(t)": 2 / math.sqrt(FAR + 1),
    "inverse_time": 0.5 / (1 + 0.2 * FAR / 3), "linear": 0.9, "polynomial": 0.2, "warmup": 0.0,
    "cosine_restarts": restarts(FAR, 1.0, 7, 1, 0.1),
    "cosine_restarts, growing": restarts(FAR, 1.0, 3, 3, 0.0), "any function": 1.0,
    "warmup to a number": 0.2,
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_far_beyond(case):
    (got,) = values_of(CASES[case][0], [FAR])
    assert got == pytest.approx(ENDS[case], rel=1e-9, abs=1e-300)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("steps", "growth"), [(1, 1), (13, 1), (7, 2), (10, 2), (3, 5), (1, 3)])
def test_restarts_are_at_their_steps(steps, growth, dtype):
    starts, length = [0], steps
    while starts[-1] + length < 100_000 and len(starts) < 40:
        starts.append(starts[-1] + length)
        length *= growth
    schedule = schedules.cosine_restarts(1.0, steps, growth)
    assert values_of(schedule, starts, dtype) == pytest.approx([1.0] * len(starts), rel=1e-6)
    lengths = np.diff(starts)
    long = np.flatnonzero(lengths > 1)
    before = values_of(schedule, [starts[k + 1] - 1 for k in long], dtype)
    expected = [(1 - math.cos(math.pi / lengths[k])) / 2 for k in long]
    assert before == pytest.approx(expected, rel=1e-2, abs=1e-7)


@pytest.mark.parametrize(
    "make",
    [
        lambda: schedules.piecewise([10], [1.0]),
        lambda: schedules.piecewise([10, 5], [1.0, 2.0, 3.0]),
        lambda: schedules.exponential(0.1, -1.0),
        lambda: schedules.step_decay(0.1, 0.5, 0),
        lambda: schedules.cosine(0.1, 0),
        lambda: schedules.warmup(0, 0.1),
        lambda: schedules.warmup(5, "fast"),
        lambda: schedules.constant(math.nan),
        lambda: schedules.exponential(0.1, 0.9, every=0),
        lambda: schedules.inverse_time(0.1, 0.0),
        lambda: schedules.inverse_sqrt(0.1, -1),
        lambda: schedules.linear(0.1, math.inf, 10),
        lambda: schedules.polynomial(0.1, 10, power=0.0),
        lambda: schedules.cosine(None, 10),
        lambda: schedules.cosine_restarts(0.1, 10, growth=0.5),
        lambda: schedules.cosine_restarts(0.1, 2.5),
    ],
)
def test_errors(make):
    with pytest.raises(ArgumentError):
        make()
