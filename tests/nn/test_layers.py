"""Layers build the graphs they say, with parameters of stable names."""

import numpy as np
import pytest

import graphdl as gd
from graphdl import nn
from graphdl.ir.errors import (
    ArgumentError,
    DTypeError,
    DuplicateNameError,
    IndexRangeError,
    ShapeError,
    UnknownNameError,
)
from graphdl.ir.interpreter import initial_value
from graphdl.ir.node import topological
from graphdl.ir.state import check_owners

RNG = np.random.default_rng(0)


def names(layer):
    return [p.name for p in layer.params]


def run(node, state=None, **inputs):
    return gd.interpret(gd.Graph(node), inputs, state)["out"]


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


def test_sequential_names_shapes_and_values():
    net = nn.Sequential(nn.Flatten(), nn.Dense(6, 5, "relu"), gd.tanh, nn.Dense(5, 3, name="head"))
    assert names(net) == ["dense1/w", "dense1/b", "head/w", "head/b"]
    y = net(gd.input("x", ("N", 2, 3)))
    assert y.shape[1:] == (3,)
    state = {p.name: RNG.normal(size=p.shape) for p in net.params}
    x = RNG.normal(size=(4, 2, 3))
    hidden = np.maximum(x.reshape(4, 6) @ state["dense1/w"] + state["dense1/b"], 0)
    expected = np.tanh(hidden) @ state["head/w"] + state["head/b"]
    np.testing.assert_allclose(run(y, state, x=x), expected, rtol=1e-5, atol=1e-6)


def test_names_do_not_depend_on_history():
    def build():
        block = nn.Sequential(nn.Dense(4, 4), nn.Dense(4, 4))
        return nn.Sequential(nn.Dense(4, 4), block, nn.Dense(4, 2), name="net")

    expected = [
        f"net/{path}/{p}"
        for path in ("dense1", "sequential1/dense1", "sequential1/dense2", "dense2")
        for p in "wb"
    ]
    assert names(build()) == names(build()) == expected


def test_scope_goes_in_front_and_calls_share():
    with gd.scope("encoder"):
        layer = nn.Dense(3, 3)
    with gd.scope("elsewhere"):
        y = layer(layer(gd.input("x", ("N", 3))))
    assert names(layer) == ["encoder/dense/w", "encoder/dense/b"]
    assert [p.name for p in gd.Graph(y).params] == ["encoder/dense/w", "encoder/dense/b"]
    assert y.origins[0].scope == "elsewhere/dense"


def test_nodes_are_built_in_the_layers_scope():
    net = nn.Sequential(nn.Dense(3, 3), nn.Dense(3, 2), name="net")
    y = net(gd.input("x", ("N", 3)))
    scopes = {n.origins[0].scope for n in topological([y]) if n.inputs}
    assert scopes == {"net/dense1", "net/dense2"}


def test_two_nets_of_equal_names_are_refused():
    x = gd.input("x", ("N", 3))
    a, b = nn.Dense(3, 3), nn.Dense(3, 3)
    loss = gd.sum(a(x) * b(x))
    with pytest.raises(DuplicateNameError, match="dense/w") as caught:
        check_owners(topological([loss]))
    assert "name" in caught.value.remedy
    with pytest.raises(DuplicateNameError, match="dense/w"):
        gd.train_step(loss, gd.optim.SGD(0.1))
    named = gd.sum(a(x) * nn.Dense(3, 3, name="other")(x))
    assert len(gd.train_step(named, gd.optim.SGD(0.1)).updates) == 4


def test_a_layer_in_two_models_is_shared():
    shared = nn.Dense(3, 3)
    first = nn.Sequential(shared, nn.Dense(3, 2))
    x = gd.input("x", ("N", 3))
    first(x)
    second = nn.Sequential(nn.Dense(3, 3, name="before"), shared)
    assert names(second) == ["before/w", "before/b", "dense1/w", "dense1/b"]
    check_owners(topological([gd.sum(first(x)) + gd.sum(second(x))]))


def test_the_same_layer_twice_counts_once():
    layer = nn.Dense(3, 3)
    net = nn.Sequential(layer, gd.relu, layer)
    assert names(net) == ["dense1/w", "dense1/b"]
    assert len(gd.Graph(net(gd.input("x", ("N", 3)))).params) == 2


def test_untrained_state():
    class Counter(nn.Layer):
        def __init__(self):
            super().__init__()
            self.declare("seen", (), "int64", trained=False)

        def build(self, x):
            gd.update(self["seen"], self["seen"] + 1)
            return x * 2.0

    net = nn.Sequential(Counter(), nn.Dense(3, 1))
    assert [s.name for s in net.state] == ["counter1/seen"]
    assert names(net) == ["dense1/w", "dense1/b"]


def test_errors():
    with pytest.raises(ShapeError, match=r"Dense\(4, 2\)") as caught:
        nn.Dense(4, 2)(gd.input("x", ("N", 5)))
    assert "Dense(5, 2)" in caught.value.remedy
    assert "test_layers.py" in caught.value.site
    with pytest.raises(UnknownNameError, match="reluu"):
        nn.Dense(4, 2, "reluu")
    with pytest.raises(ArgumentError):
        nn.Dense(4, 0)
    with pytest.raises(ArgumentError):
        nn.Dense(4, 2, 3)
    with pytest.raises(ArgumentError):
        nn.Sequential(nn.Dense(4, 2), "relu")
    with pytest.raises(ShapeError, match="weights"):
        nn.Dense(4, 2, w=nn.Dense(4, 3)["w"])
    with pytest.raises(ArgumentError, match="tied"):
        nn.Dense(4, 2, w=nn.Dense(4, 2)["w"], init=nn.init.he())
    with pytest.raises(UnknownNameError, match="dense has no 'v'") as caught:
        nn.Dense(4, 2)["v"]
    assert "w, b" in caught.value.remedy
    with pytest.raises(DuplicateNameError):
        nn.Sequential(nn.Dense(4, 2, name="a"), nn.Dense(2, 2, name="a"))


# Layers of layers.


def test_nested_sequentials_index_iterate_and_grow():
    inner = nn.Sequential(nn.Dense(4, 4), gd.relu)
    net = nn.Sequential(nn.Dense(3, 4), inner, name="net")
    net.add(nn.Dense(4, 2))
    net.add(gd.tanh)
    assert len(net) == 4
    assert list(net) == [net[0], inner, net[2], gd.tanh]
    assert net[-1] is gd.tanh
    assert net[1][0] is inner["dense1"]
    assert net["sequential1"] is inner
    assert net["dense2"]["w"].shape == (4, 2)
    assert names(net)[2:4] == ["net/sequential1/dense1/w", "net/sequential1/dense1/b"]
    assert names(net)[4:] == ["net/dense2/w", "net/dense2/b"]
    inner.add(nn.Dense(4, 4))
    assert names(net)[4] == "net/sequential1/dense2/w"
    with pytest.raises(IndexError):
        net[4]
    with pytest.raises(UnknownNameError, match="net has no 'dense3'"):
        net["dense3"]
    with pytest.raises(ArgumentError):
        net.add("relu")
    assert len(net) == 4


def test_a_slice_shares_layers_and_keeps_names():
    net = nn.Sequential(nn.Dense(3, 4), gd.relu, nn.Dense(4, 2), name="net")
    x = gd.input("x", ("N", 3))
    hidden = net[:2](x)
    tail = net[2:]
    assert names(tail) == ["net/dense2/w", "net/dense2/b"]
    assert hidden.origins[0].scope == "net"
    whole, split = gd.Graph(net(x)), gd.Graph(tail(hidden))
    assert whole.outputs["out"].op is split.outputs["out"].op
    values = {"x": RNG.normal(size=(5, 3))}
    np.testing.assert_array_equal(
        gd.interpret(whole, values)["out"], gd.interpret(split, values)["out"]
    )
    assert names(net) == ["net/dense1/w", "net/dense1/b", "net/dense2/w", "net/dense2/b"]


class Block(nn.Layer):
    """A layer of a user's own, with layers as attributes."""

    def __init__(self, size, name=None):
        super().__init__(name)
        self.declare("scale", (size,), init=nn.init.ones(), constraint=nn.constraints.non_negative)
        self.first = nn.Dense(size, size, regularizer=nn.regularizers.l2(1.0))
        self.second = nn.Sequential(nn.Dense(size, size), gd.tanh)
        self.last = nn.Dense(size, size, name="given")

    def build(self, x):
        return self.last(self.second(gd.relu(self.first(x)))) * self["scale"]


def test_layers_as_attributes():
    expected = ["scale", "first/w", "first/b", "second/dense1/w", "second/dense1/b",
                "given/w", "given/b"]  # fmt: skip
    assert names(Block(3)) == [f"block/{p}" for p in expected]
    net = nn.Sequential(Block(3), Block(3))
    assert names(net) == [f"block{k}/{p}" for k in (1, 2) for p in expected]
    assert [p.name for p in net.constraints] == ["block1/scale", "block2/scale"]
    assert [p.name for p in net.regularizers] == ["block1/first/w", "block2/first/w"]
    assert net[0]["second"]["dense1"].path == "block1/second/dense1"
    y = net(gd.input("x", ("N", 3)))
    assert {p.name for p in gd.Graph(y).params} == set(names(net))
    assert gd.sum(y).shape == ()


def test_a_layer_as_activation():
    layer = nn.Dense(3, 4, nn.PReLU(4))
    assert names(layer) == ["dense/w", "dense/b", "dense/activation/slope"]
    assert layer(gd.input("x", ("N", 3))).op.name == "prelu"


def test_two_branches():
    """Layers are called on nodes, so any graph can be built."""
    a, b = gd.input("a", ("N", 3)), gd.input("b", ("N", 5))
    left, right = nn.Dense(3, 4, "relu", name="left"), nn.Dense(5, 4, "tanh", name="right")
    head = nn.Dense(8, 2, name="head")
    y = head(gd.concat([left(a), right(b)], axis=1))
    params = [*left.params, *right.params, *head.params]
    state = {p.name: RNG.normal(size=p.shape) for p in params}
    u, v = RNG.normal(size=(6, 3)), RNG.normal(size=(6, 5))
    h = np.concatenate([
        np.maximum(u @ state["left/w"] + state["left/b"], 0),
        np.tanh(v @ state["right/w"] + state["right/b"]),
    ], axis=1)  # fmt: skip
    expected = h @ state["head/w"] + state["head/b"]
    np.testing.assert_allclose(run(y, state, a=u, b=v), expected, rtol=1e-4, atol=1e-5)
    step = gd.train_step(gd.sum(y), gd.optim.SGD(0.1))
    assert sorted(s.name for s in step.updates) == sorted(p.name for p in params)


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
