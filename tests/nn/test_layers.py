"""Layers build the graphs they say, with parameters of stable names."""

import numpy as np
import pytest

import graphdl as gd
from graphdl import nn
from graphdl.ir.errors import (
    ArgumentError,
    DuplicateNameError,
    ShapeError,
    UnknownNameError,
)
from graphdl.ir.node import topological
from graphdl.ir.state import check_owners
from tests.nn.shared import RNG, names, run


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
