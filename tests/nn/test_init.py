"""Initialisers draw what their formulas say, and the same each time."""

import math

import numpy as np
import pytest

from graphdl.ir.errors import ArgumentError
from graphdl.ir.initializers import INITIALIZERS
from graphdl.nn import init


def generator(seed=0):
    return np.random.Generator(np.random.Philox(seed))


SHAPE = (300, 200)
STD = {
    init.he(): math.sqrt(2 / 300),
    init.he(mode="fan_out"): math.sqrt(2 / 200),
    init.he(distribution="uniform"): math.sqrt(2 / 300),
    init.xavier(): math.sqrt(2 / 500),
    init.xavier(gain=3.0, distribution="normal"): 3 * math.sqrt(2 / 500),
    init.lecun(): math.sqrt(1 / 300),
    init.normal(std=0.3): 0.3,
    init.uniform(-1.0, 1.0): 1 / math.sqrt(3),
}


@pytest.mark.parametrize(("given", "std"), STD.items(), ids=repr)
def test_statistics(given, std):
    values = given(SHAPE, np.dtype("float64"), generator())
    assert values.shape == SHAPE
    assert abs(values.mean()) < 4 * std / math.sqrt(values.size)
    assert values.std() == pytest.approx(std, rel=0.01)
    kurtosis = np.mean(values**4) / np.mean(values**2) ** 2
    uniform = getattr(given, "distribution", type(given).__name__.lower()) == "uniform"
    assert kurtosis == pytest.approx(1.8 if uniform else 3.0, rel=0.05)
    if uniform:
        assert np.abs(values).max() <= math.sqrt(3) * std


def test_fixed_values():
    for given, expected in ((init.zeros(), 0), (init.ones(), 1), (init.constant(2.5), 2.5)):
        values = given((2, 3), np.dtype("float32"), generator())
        assert values.dtype == np.float32
        assert np.all(values == expected)


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((), (1, 1)), ((7,), (7, 7)), ((4, 5), (4, 5)), ((3, 2, 4, 5), (24, 30))],
)
def test_fans(shape, expected):
    assert init.fans(shape) == expected


def test_float32_is_rounded_float64():
    wide = init.he()((20, 20), np.dtype("float64"), generator(3))
    narrow = init.he()((20, 20), np.dtype("float32"), generator(3))
    assert np.array_equal(wide.astype(np.float32), narrow)


def test_own_seed_wins():
    dtype = np.dtype("float64")
    a, b = (init.he(seed=5)((3, 3), dtype, generator(s)) for s in (1, 2))
    c, d = (init.he()((3, 3), dtype, generator(s)) for s in (1, 2))
    assert np.array_equal(a, b)
    assert not np.array_equal(c, d)


def test_equal_by_value_and_registered():
    assert init.he() == init.he()
    assert hash(init.he(seed=1)) == hash(init.he(seed=1))
    assert init.he() != init.lecun(gain=math.sqrt(2.0))
    for name in ("zeros", "ones", "constant", "uniform", "normal", "he", "xavier", "lecun"):
        assert INITIALIZERS[name] is getattr(init, name)


@pytest.mark.parametrize("bad", [{"mode": "fan"}, {"distribution": "cauchy"}])
def test_bad_arguments(bad):
    with pytest.raises(ArgumentError):
        init.he(**bad)
