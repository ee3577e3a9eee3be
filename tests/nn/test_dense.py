"""Dense layers: values, first values, tied weights."""

import numpy as np
import pytest

import graphdl as gd
from graphdl import nn
from graphdl.ir.interpreter import initial_value
from tests.nn.shared import RNG, names, run


@pytest.mark.parametrize(
    ("activation", "function"),
    [
        (None, lambda z: z),
        ("relu", lambda z: np.maximum(z, 0)),
        ("tanh", np.tanh),
        (lambda z: z * 2.0, lambda z: 2 * z),
    ],
)
@pytest.mark.parametrize("shape", [(4,), ("N", 4), ("N", 3, 4)])
def test_dense(activation, function, shape):
    layer = nn.Dense(4, 5, activation, dtype="float64")
    given = gd.input("x", shape, "float64")
    y = layer(given)
    assert y.shape == (*given.shape[:-1], 5)
    x = RNG.normal(size=[2 if s == "N" else s for s in shape])
    w, b = RNG.normal(size=(4, 5)), RNG.normal(size=5)
    got = run(y, {"dense/w": w, "dense/b": b}, x=x)
    np.testing.assert_allclose(got, function(x @ w + b), rtol=1e-14)


def test_dense_without_bias():
    layer = nn.Dense(4, 5, bias=False, init=nn.init.ones(), name="head")
    assert names(layer) == ["head/w"]
    assert run(layer(gd.input("x", (4,))), x=np.ones(4)).tolist() == [4.0] * 5


def test_tied_weights():
    encoder = nn.Dense(4, 3, "tanh", name="encoder", dtype="float64")
    decoder = nn.Dense(3, 4, w=encoder["w"].T, name="decoder")
    net = nn.Sequential(encoder, decoder)
    assert names(net) == ["encoder/w", "encoder/b", "decoder/b"]
    assert all(p.dtype.name == "float64" for p in net.params)
    x = gd.input("x", ("N", 4), "float64")
    loss = gd.sum(net(x) ** 2)
    w, given = RNG.normal(size=(4, 3)), RNG.normal(size=(5, 4))
    state = {"encoder/w": w, "encoder/b": np.zeros(3), "decoder/b": np.zeros(4)}
    np.testing.assert_allclose(run(net(x), state, x=given), np.tanh(given @ w) @ w.T, rtol=1e-13)
    (slope,) = gd.grad(loss, encoder["w"])
    found, step = run(slope, state, x=given), 1e-6

    def total(w):
        return np.sum((np.tanh(given @ w) @ w.T) ** 2)

    for index in np.ndindex(w.shape):
        unit = np.zeros(w.shape)
        unit[index] = step
        numeric = (total(w + unit) - total(w - unit)) / (2 * step)
        assert found[index] == pytest.approx(numeric, rel=1e-6, abs=1e-6)
    train = gd.train_step(loss, gd.optim.SGD(0.1))
    assert [s.name for s in train.updates] == ["encoder/w", "encoder/b", "decoder/b"]


def test_tied_weights_of_an_embedding():
    table = nn.Embedding(10, 4)
    logits = nn.Dense(4, 10, bias=False, w=table["w"].T)
    y = logits(table(gd.input("ids", ("N",), "int32")))
    w = RNG.normal(size=(10, 4)).astype(np.float32)
    ids = np.array([3, 3, 9], np.int32)
    expected = w[ids] @ w.T
    np.testing.assert_allclose(run(y, {"embedding/w": w}, ids=ids), expected, rtol=1e-5)
    assert logits.params == []


def test_defaults_are_xavier_and_zeros():
    w, b = nn.Dense(64, 32).params
    limit = np.sqrt(6 / 96)
    assert 0.95 * limit < np.abs(initial_value(w)).max() <= limit
    assert not initial_value(b).any()


def test_initial_values_depend_on_name_and_seed_only():
    first, second = (nn.Dense(8, 8).params[0] for _ in range(2))
    assert np.array_equal(initial_value(first), initial_value(second))
    other = nn.Dense(8, 8, name="other").params[0]
    assert not np.array_equal(initial_value(first), initial_value(other))
    assert not np.array_equal(initial_value(first), initial_value(first, seed=1))
