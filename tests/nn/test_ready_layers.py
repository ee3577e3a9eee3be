"""Ready-made layers and layers round layers; whole networks of them."""

import numpy as np
import pytest

import graphdl as gd
from graphdl import nn
from graphdl.ir.errors import (
    ArgumentError,
    DTypeError,
    IndexRangeError,
    ShapeError,
)
from graphdl.ir.interpreter import initial_value
from tests.nn.shared import RNG, names, run


def test_residual():
    block = nn.Residual(nn.Dense(3, 3, "relu"), nn.Dense(3, 3))
    net = nn.Sequential(block, nn.Residual(gd.tanh))
    assert names(net)[0] == "residual1/dense1/w"
    state = {p.name: RNG.normal(size=p.shape) for p in net.params}
    x = RNG.normal(size=(4, 3))
    hidden = np.maximum(x @ state["residual1/dense1/w"] + state["residual1/dense1/b"], 0)
    y = x + hidden @ state["residual1/dense2/w"] + state["residual1/dense2/b"]
    found = run(net(gd.input("x", ("N", 3))), state, x=x)
    np.testing.assert_allclose(found, y + np.tanh(y), rtol=1e-5, atol=1e-5)


def test_residual_with_projection():
    x = gd.input("x", ("N", 3))
    block = nn.Residual(nn.Dense(3, 5, init=1.0), projection=nn.Dense(3, 5, bias=False, init=2.0))
    assert set(names(block)) == {"residual/dense1/w", "residual/dense1/b", "residual/projection/w"}
    assert run(block(x), x=np.ones((1, 3))).tolist() == [[9.0] * 5]
    for wrong in (nn.Residual(nn.Dense(3, 5)), nn.Residual(nn.Dense(3, 1), name="narrow")):
        with pytest.raises(ShapeError, match=wrong.name) as caught:
            wrong(x)
        assert "projection" in caught.value.remedy


def test_merged_branches():
    x = gd.input("x", ("N", 3))
    joined = nn.Concat(nn.Dense(3, 2, init=1.0), nn.Identity(), gd.relu)
    assert names(joined) == ["concat/dense1/w", "concat/dense1/b"]
    given = np.array([[1.0, -2.0, 3.0]])
    assert run(joined(x), x=given).tolist() == [[2, 2, 1, -2, 3, 1, 0, 3]]
    both = nn.Add(nn.Dense(3, 3, init=1.0), nn.Identity())
    assert run(both(x), x=given).tolist() == [[3, 0, 5]]
    assert run(nn.Concat(gd.relu, gd.relu, axis=0)(x), x=given).shape == (2, 3)
    stacked = nn.Sequential(joined, nn.Dense(8, 2), nn.Add(nn.Dense(2, 2), nn.Dense(2, 2)))
    assert names(stacked)[-4:] == [f"add1/dense{k}/{p}" for k in (1, 2) for p in "wb"]
    assert joined[1].kind == "identity"
    assert len(joined) == 3
    with pytest.raises(ShapeError, match="branches of shapes"):
        nn.Add(nn.Dense(3, 3), nn.Dense(3, 1))(x)
    with pytest.raises(ShapeError):
        nn.Concat(nn.Dense(3, 3), lambda x: gd.sum(x, 0))(x)
    for merge in (nn.Add(), nn.Concat()):
        with pytest.raises(ArgumentError, match="no branches"):
            merge(x)


def test_reshape_lambda_identity():
    x = gd.input("x", ("N", 6))
    assert nn.Reshape((2, -1))(x).shape[1:] == (2, 3)
    assert nn.Reshape((3,), start=0)(gd.input("v", (1, 3))).shape == (3,)
    with pytest.raises(ShapeError):
        nn.Reshape((4, 2))(x)
    centred = nn.Lambda(lambda x: x - gd.mean(x, 0), name="centre")(x)
    assert centred.origins[0].scope == "centre"
    assert run(nn.Lambda(lambda x: 3.0)(x)).tolist() == 3.0
    with pytest.raises(ArgumentError):
        nn.Lambda("relu")
    assert nn.Identity()(x) is x


def test_prelu():
    layer = nn.PReLU(3)
    x = gd.input("x", ("N", 3))
    given = np.array([[-1.0, -2.0, 3.0]])
    assert run(layer(x), x=given).tolist() == [[-0.25, -0.5, 3.0]]
    assert run(nn.PReLU(init=0.5)(x), x=given).tolist() == [[-0.5, -1.0, 3.0]]
    slope = layer["slope"]
    (found,) = gd.grad(gd.sum(layer(x)), slope)
    assert run(found, x=given).tolist() == [-1, -2, 0]
    with pytest.raises(ShapeError, match=r"PReLU\(4\)"):
        nn.PReLU(4)(x)


def test_maxout():
    layer = nn.Maxout(4, 3, pieces=2, dtype="float64", name="units")
    assert [p.shape for p in layer.params] == [(4, 6), (6,)]
    state = {p.name: RNG.normal(size=p.shape) for p in layer.params}
    x = RNG.normal(size=(5, 4))
    expected = (x @ state["units/w"] + state["units/b"]).reshape(5, 3, 2).max(-1)
    found = run(layer(gd.input("x", ("N", 4), "float64")), state, x=x)
    np.testing.assert_allclose(found, expected, rtol=1e-13)
    with pytest.raises(ShapeError, match=r"Maxout\(4, 6\)"):
        layer(gd.input("x", ("N", 3)))
    with pytest.raises(ArgumentError, match="pieces"):
        nn.Maxout(4, 3, 0)


@pytest.mark.parametrize("target", ["interp", "numpy", "c"])
def test_embedding(target):
    table = nn.Embedding(5, 2, init=np.arange(10.0).reshape(5, 2))
    ids = gd.input("ids", ("N", 3), "int32")
    loss = gd.sum(table(ids) * 0.5)
    step = gd.train_step(loss, gd.optim.SGD(1.0), metrics={"rows": table(ids)})
    m = gd.compile(step, target=target, dims={"N": 4})
    given = np.array([[1, 1, 4], [0, 1, 4]], np.int32)
    rows = np.arange(10.0).reshape(5, 2)
    np.testing.assert_array_equal(m.train(ids=given)["rows"], rows[given])
    used = np.array([1, 3, 0, 0, 2])[:, None]  # ids that occur several times accumulate
    np.testing.assert_array_equal(m.state["embedding/w"], rows - 0.5 * used)
    for bad in (5, -1):
        with pytest.raises(IndexRangeError):
            m.train(ids=np.full((1, 3), bad, np.int32))
    np.testing.assert_array_equal(m.state["embedding/w"], rows - 0.5 * used)


def test_embedding_arguments():
    w = nn.Embedding(200, 50, dtype="float64").params[0]
    assert w.dtype.name == "float64"
    assert initial_value(w).std() == pytest.approx(1, rel=0.05)
    with pytest.raises(DTypeError, match="integers") as caught:
        nn.Embedding(5, 2)(gd.input("x", ("N",)))
    assert "int32" in caught.value.remedy
    with pytest.raises(ArgumentError):
        nn.Embedding(0, 2)


def everything():
    ids = gd.input("ids", ("N", 3), "int32")
    net = nn.Sequential(
        nn.Embedding(7, 4), nn.Flatten(), nn.Dense(12, 8, nn.PReLU(8)),
        nn.Residual(nn.Dense(8, 8, "silu")), nn.Concat(nn.Dense(8, 4), nn.Identity()),
        nn.Lambda(gd.swiglu, name="gate"), nn.Reshape((3, 2)), nn.Maxout(2, 2, 3), name="net",
    )  # fmt: skip
    return net, gd.Graph({"y": net(ids)}, name="forward")


def test_summary():
    net, graph = everything()
    table = gd.compile(graph, target="interp", dims={"N": 2}).summary()
    for line in (
        "net/embedding1", "net/dense1 ", "net/dense1/activation", "net/residual1/dense1",
        "net/concat1/dense1", "net/gate", "net/maxout1",
    ):  # fmt: skip
        assert line in table
    count = sum(np.prod(p.shape, dtype=int) for p in net.params)
    (total,) = (line for line in table.splitlines() if line.startswith("trainable"))
    assert total.split()[:3] == ["trainable", "parameters", str(count)]


@pytest.mark.parametrize("target", ["numpy", "c"])
def test_state_is_saved_and_loaded(target, tmp_path):
    net, graph = everything()
    m = gd.compile(graph, target=target, dims={"N": 2}, seed=3)
    assert sorted(m.state) == sorted(names(net))
    ids = np.array([[0, 6, 3]], np.int32)
    expected = m.forward(ids=ids)["y"]
    interpreted = gd.interpret(graph, {"ids": ids}, dict(m.state.items()))["y"]
    np.testing.assert_allclose(expected, interpreted, rtol=1e-5, atol=1e-6)
    m.save_state(tmp_path / "w.safetensors")
    other = gd.compile(everything()[1], target=target, dims={"N": 2}, seed=4)
    assert not np.array_equal(other.forward(ids=ids)["y"], expected)
    other.load_state(tmp_path / "w.safetensors")
    assert np.array_equal(other.forward(ids=ids)["y"], expected)
