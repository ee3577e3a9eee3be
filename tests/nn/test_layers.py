"""Layers build the graphs they say, with parameters of stable names."""

import numpy as np
import pytest

import graphdl as gd
from graphdl import nn
from graphdl.ir.errors import ArgumentError, DuplicateNameError, ShapeError, UnknownNameError
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
    with pytest.raises(DuplicateNameError):
        nn.Sequential(nn.Dense(4, 2, name="a"), nn.Dense(2, 2, name="a"))
