"""Initialisers draw what their formulas say, and the same each time."""

import math

import numpy as np
import pytest

from graphdl.ir.errors import ArgumentError, ShapeError, UnknownNameError
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
    init.variance_scaling(2.0, "fan_out", "uniform"): 2 / math.sqrt(200),
    init.variance_scaling(init.gain("tanh"), "fan_avg"): 5 / 3 / math.sqrt(250),
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


TRUNCATED_STD, TRUNCATED_KURTOSIS = 0.8796256610342398, 2.3655


@pytest.mark.parametrize(
    ("given", "std", "bound"),
    [
        (init.truncated_normal(std=0.3), 0.3 * TRUNCATED_STD, 0.6),
        (init.lecun(distribution="truncated_normal"), 300**-0.5, 2 / TRUNCATED_STD * 300**-0.5),
        (init.he(mode="fan_out", distribution="truncated_normal"), 0.1, 0.2 / TRUNCATED_STD),
    ],
)
def test_truncated(given, std, bound):
    values = given(SHAPE, np.dtype("float64"), generator())
    assert abs(values.mean()) < 4 * std / math.sqrt(values.size)
    assert values.std() == pytest.approx(std, rel=0.01)
    assert 0.999 * bound < np.abs(values).max() <= bound
    kurtosis = np.mean(values**4) / np.mean(values**2) ** 2
    assert kurtosis == pytest.approx(TRUNCATED_KURTOSIS, rel=0.02)
    assert np.array_equal(values, given(SHAPE, np.dtype("float64"), generator()))


def test_truncated_normal_around_a_mean():
    values = init.truncated_normal(5.0, 1.0)((4000,), np.dtype("float64"), generator())
    assert 3.0 <= values.min() < 3.1
    assert 6.9 < values.max() <= 7.0
    assert init.truncated_normal()((), np.dtype("float32"), generator()).shape == ()


@pytest.mark.parametrize("shape", [(8, 8), (20, 7), (7, 20), (3, 3, 2, 5), (2, 2, 50), (1, 4)])
def test_orthogonal(shape):
    values = init.orthogonal(3.0)(shape, np.dtype("float64"), generator())
    assert values.shape == shape
    flat = values.reshape(-1, shape[-1])
    tall = flat if flat.shape[0] >= flat.shape[1] else flat.T
    np.testing.assert_allclose(tall.T @ tall, 9 * np.eye(tall.shape[1]), atol=1e-12)
    single = init.orthogonal()(shape, np.dtype("float32"), generator()).reshape(flat.shape)
    single = single if flat is tall else single.T
    np.testing.assert_allclose(single.T @ single, np.eye(tall.shape[1]), atol=1e-6)


def test_orthogonal_is_evenly_distributed():
    """Without the signs of R's diagonal the first element would mostly be negative."""
    draws = generator(1)
    first = [init.orthogonal()((2, 2), np.dtype("float64"), draws)[0, 0] for _ in range(2000)]
    assert abs(np.mean(first)) < 4 * math.sqrt(0.5 / 2000)
    assert np.mean(np.square(first)) == pytest.approx(0.5, abs=0.04)


def test_identity():
    values = init.identity(2.0)((3, 4), np.dtype("float32"), generator())
    assert values.dtype == np.float32
    assert values.tolist() == [[2, 0, 0, 0], [0, 2, 0, 0], [0, 0, 2, 0]]


def test_matrices_need_axes():
    for given, shape in ((init.orthogonal(), (3,)), (init.identity(), (3,)),
                         (init.identity(), (2, 2, 2))):  # fmt: skip
        with pytest.raises(ShapeError, match="no matrix") as caught:
            given(shape, np.dtype("float32"), generator())
        assert caught.value.remedy


@pytest.mark.parametrize(
    ("activation", "expected"),
    [("linear", 1), ("sigmoid", 1), ("tanh", 5 / 3), ("relu", math.sqrt(2)), ("selu", 0.75),
     ("leaky_relu", math.sqrt(2 / 1.0001))],
)  # fmt: skip
def test_gains_are_those_of_pytorch(activation, expected):
    assert init.gain(activation) == pytest.approx(expected, rel=1e-15)


def test_gain_of_a_slope_and_of_nothing_known():
    assert init.gain("leaky_relu", 0.5) == pytest.approx(math.sqrt(1.6))
    assert init.gain("prelu", 0.25) == pytest.approx(math.sqrt(2 / 1.0625))
    with pytest.raises(UnknownNameError, match="'gelu'") as caught:
        init.gain("gelu")
    assert "relu" in caught.value.remedy


def test_selu_and_lecun_keep_the_variance():
    x = generator(2).standard_normal((2000, 200))
    for k in range(10):
        x = x @ init.lecun()((200, 200), np.dtype("float64"), generator(k + 3))
        x = 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * np.expm1(x))
    assert abs(x.mean()) < 0.1
    assert x.std() == pytest.approx(1, abs=0.15)


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
    for name in set(init.__all__) - {"fans", "gain"}:
        assert INITIALIZERS[name] is getattr(init, name)


@pytest.mark.parametrize("bad", [{"mode": "fan"}, {"distribution": "cauchy"}])
def test_bad_arguments(bad):
    with pytest.raises(ArgumentError):
        init.he(**bad)
