"""Graphs: interning, names, order, views, and depth."""

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import graphdl as gd
from graphdl.ir.compare import same_structure
from graphdl.ir.errors import (
    ArgumentError,
    DimensionError,
    DTypeError,
    DuplicateNameError,
    ShapeError,
)
from graphdl.ir.graph import intern
from graphdl.ir.node import topological

ROOT = Path(gd.__file__).parents[1]


def test_equal_structure_becomes_one_node_with_the_origins_of_all():
    x = gd.input("x", (3,))
    with gd.scope("first"):
        a = gd.exp(x) * 2.0
    with gd.scope("second"):
        b = gd.exp(x) * 2.0
    g = gd.Graph({"a": a, "b": b})
    assert g.outputs["a"] is g.outputs["b"]
    assert [o.scope for o in g.outputs["a"].origins] == ["first", "second"]
    assert len({o.line for o in g.outputs["a"].origins}) == 2
    assert len(g.nodes) == 4


def test_what_two_users_built_keeps_its_own_lines():
    x = gd.input("x", (3,))
    a, b = gd.exp(x), gd.exp(x)
    gd.Graph({"a": a, "b": b})
    assert len(a.origins) == len(b.origins) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (lambda x: x + 1.0, lambda x: x + 2.0),
        (lambda x: x * 0.0, lambda x: x * -0.0),
        (lambda x: gd.leaky_relu(x, slope=0.0), lambda x: gd.leaky_relu(x, slope=-0.0)),
        (lambda x: gd.sum(x, 0), lambda x: gd.sum(x, 1)),
        (lambda x: x + gd.constant(np.float32(1)), lambda x: x + gd.constant(np.float64(1))),
        (lambda x: x - gd.exp(x), lambda x: gd.exp(x) - x),
        (lambda x: x + gd.input("y", (2, 2)), lambda x: x + gd.input("z", (2, 2))),
    ],
)
def test_different_structure_stays_apart(one, other):
    x = gd.input("x", (2, 2))
    g = gd.Graph({"one": one(x), "other": other(x)})
    assert g.outputs["one"] is not g.outputs["other"]
    assert not same_structure(gd.Graph(one(x)), gd.Graph(other(x)))


def test_nan_is_equal_to_itself():
    x = gd.input("x", ())
    g = gd.Graph([x + np.nan, x + np.nan])
    assert g.outputs["out0"] is g.outputs["out1"]


def test_structure_is_compared_with_names_and_order():
    def build(name="g", outputs=("a", "b"), swap=False):
        x, y = gd.input("x", (3,)), gd.input("y", (3,))
        return gd.Graph(
            {outputs[0]: x + y, outputs[1]: x * y}, name=name, inputs=[y, x] if swap else [x, y]
        )

    assert same_structure(build(), build())
    assert not same_structure(build(), build(name="h"))
    assert not same_structure(build(), build(outputs=("a", "c")))
    assert not same_structure(build(), build(swap=True))


def test_inputs_come_in_the_order_of_use_or_as_declared():
    x, y, z = (gd.input(n, ()) for n in "xyz")
    assert [i.name for i in gd.Graph(y - x).inputs] == ["y", "x"]
    assert [i.name for i in gd.Graph(y - x, inputs=[z, x]).inputs] == ["z", "x", "y"]


def test_names_of_outputs():
    x = gd.input("x", ())
    assert list(gd.Graph(x).outputs) == ["out"]
    assert list(gd.Graph([x, x + 1.0]).outputs) == ["out0", "out1"]
    assert list(gd.Graph({"loss": x}).outputs) == ["loss"]


def test_state_params_and_dims():
    x = gd.input("x", ("N", "M"))
    w, s = gd.param("w", (2,)), gd.state("s", ())
    g = gd.Graph(gd.sum(x) + gd.sum(w), updates={s: s + 1.0})
    assert [n.name for n in g.state] == ["w", "s"]
    assert [n.name for n in g.params] == ["w"]
    assert g.dims == ("N", "M")
    assert len(g.roots) == 2


@pytest.mark.parametrize(
    "declare",
    [
        lambda name: gd.input(name, ()),
        lambda name: gd.param(name, ()),
        lambda name: gd.Graph({name: gd.ones(())}),
        lambda name: gd.Graph(gd.ones(()), name=name),
        lambda name: gd.scope(name)(lambda: None)(),
    ],
)
def test_names_have_whole_characters(declare):
    """No file could hold the others."""
    declare("a\U0001f600")
    with pytest.raises(ArgumentError, match=r"'a\\ud800' cannot be a name"):
        declare("a\ud800")


def test_arrays_have_at_most_the_axes_of_numpys():
    x = gd.input("x", (1,) * 64)
    module = gd.compile(gd.Graph(gd.exp(x)), "numpy")
    assert module.graph(x=np.zeros((1,) * 64, np.float32))["out"].ndim == 64
    with pytest.raises(DimensionError, match="an array of 65 axes"):
        x[None]
    with pytest.raises(DimensionError, match="an array of 65 axes"):
        gd.input("y", (1,) * 65)


def test_one_name_for_two_leaves():
    with pytest.raises(DuplicateNameError, match="two different leaves are named 'x'") as error:
        gd.Graph(gd.input("x", (3,)) + gd.input("x", ()))
    assert __file__ in str(error.value)
    with pytest.raises(DuplicateNameError):
        gd.Graph(gd.input("w", (3,)) + gd.param("w", (3,)))


def test_bad_updates():
    x, s = gd.input("x", (3,)), gd.state("s", ())
    with pytest.raises(ArgumentError, match="only state can be updated"):
        gd.Graph(x, updates={x: x})
    with pytest.raises(ShapeError, match=r"has shape \(3,\)"):
        gd.Graph(x, updates={s: x})
    with pytest.raises(DTypeError, match="cast it"):
        gd.Graph(x, updates={s: s.astype("float64")})


def test_an_output_must_be_a_node():
    with pytest.raises(ArgumentError, match=r"outputs=\{.y.: 3\} is no Node"):
        gd.Graph({"y": 3})


def test_replace():
    x = gd.input("x", ())
    g = gd.Graph({"y": gd.exp(x)}, name="g")
    h = g.replace({g.outputs["y"]: gd.log(g.inputs[0])}, name="h")
    assert repr(h) == "<Graph h: x float32() -> y float32()>"
    assert h.outputs["y"].op.name == "log"


def test_networkx_view():
    x = gd.input("x", ("N", 3))
    g = gd.Graph(gd.sum(x * x), name="square")
    view = g.to_networkx()
    assert view.name == "square"
    assert list(view) == list(g.nodes)
    assert view.nodes[g.nodes[1]]["op"] == "multiply"
    assert view.nodes[g.nodes[1]]["kind"] == "elementwise"
    assert sorted(k for _, _, k in view.in_edges(g.nodes[1], data="operand")) == [0, 1]


def chain(n):
    h = gd.input("x", ())
    for _ in range(n):
        h = gd.tanh(h)
    return h


def test_a_hundred_thousand_nodes_deep():
    limit, n = sys.getrecursionlimit(), 100_000
    assert limit <= 1000
    top = chain(n)
    g = gd.Graph(top)
    assert len(g.nodes) == n + 1
    assert same_structure(g, gd.Graph(top))


def test_the_derivative_of_a_deep_chain():
    n = 10_000
    top = chain(n)
    (gradient,) = gd.grad(top, gd.Graph(top).inputs[0])
    assert len(topological([gradient])) > n


def test_interning_is_linear():
    def seconds(n):
        top = chain(n)
        start = time.perf_counter()
        intern([top])
        return time.perf_counter() - start

    small = min(seconds(4000) for _ in range(3))
    assert min(seconds(32_000) for _ in range(3)) < 40 * small  # quadratic would be 64 times


def test_interning_does_not_grow_with_paths():
    x = gd.input("x", ())
    h = x
    for _ in range(200):
        h = h + h  # 2**200 paths
    assert len(gd.Graph(h).nodes) == 201


def test_the_operators_are_there_from_the_first_node_on():
    code = "import graphdl as gd; print(gd.input('x', (3,)) + 1.0)"
    out = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert out.stdout == "<add float32(3,)>\n", out.stderr
