"""Ops from outside: elementwise, composite, several outputs, each with all that ops have."""

import inspect

import numpy as np
import pytest
import sympy as sp

import graphdl as gd
from graphdl.ir import scalar
from graphdl.ir.compare import same_structure
from graphdl.ir.errors import ArgumentError
from graphdl.ir.kinds import OPS, PRIMITIVES
from graphdl.ir.text import parse, to_text

X, Y = sp.symbols("x y", real=True)
POINTS = np.linspace(-3, 3, 13)


@pytest.fixture(autouse=True)
def _tidy():
    before, primitives = dict(OPS), dict(PRIMITIVES)
    yield
    assert primitives == PRIMITIVES
    OPS.clear()
    OPS.update(before)


def run(node, **inputs):
    graph = gd.Graph(node)
    return gd.interpret(graph, {i.name: inputs[i.name] for i in graph.inputs})["out"]


def numeric(function, points, h=1e-6):
    return (function(points + h) - function(points - h)) / (2 * h)


def survives_text(*nodes):
    graph = gd.Graph(list(nodes))
    return same_structure(parse(to_text(graph)), graph)


def test_elementwise_from_sympy():
    swish = gd.define_op("my_swish", X / (1 + sp.exp(-X)), [X], doc="Return x σ(x).")
    a = gd.input("a", ("N",), "float64")
    z = swish(a)
    expected = POINTS / (1 + np.exp(-POINTS))
    np.testing.assert_allclose(run(z, a=POINTS), expected, rtol=1e-14)
    (slope,) = gd.grad(gd.sum(z), a)
    np.testing.assert_allclose(
        run(slope, a=POINTS), numeric(lambda x: x / (1 + np.exp(-x)), POINTS), rtol=1e-8
    )
    (curve,) = gd.grad(gd.sum(slope), a)
    sigma = 1 / (1 + np.exp(-POINTS))
    second = sigma * (1 - sigma) * (2 + POINTS * (1 - 2 * sigma))
    np.testing.assert_allclose(run(curve, a=POINTS), second, rtol=1e-9, atol=1e-12)
    assert survives_text(z, slope)
    assert scalar.latex(swish.body(()), ["x"]) == r"x \cdot \sigma\left(x\right)"
    assert swish.input_names == ["x"]
    assert swish.__doc__ == "Return x σ(x)."


def test_gradient_in_float32_is_finite_far_out():
    swish = gd.define_op("my_swish", X / (1 + sp.exp(-X)), [X])
    a = gd.input("a", (2,))
    (slope,) = gd.grad(gd.sum(swish(a)), a)
    np.testing.assert_allclose(run(slope, a=[-100.0, 100.0]), [0, 1], atol=1e-30)


def test_two_inputs_and_declared_grads_in_inputs_and_output():
    q = sp.Symbol("q")
    op = gd.define_op("my_gate", X * sp.tanh(Y), [X, "y"], grads=[q / X, None], outputs=["q"])
    a, b = gd.input("a", (3,), "float64"), gd.input("b", (3,), "float64")
    data = {"a": np.array([1.0, 2.0, 3.0]), "b": np.array([0.1, -0.4, 2.0])}
    (da,) = gd.grad(gd.sum(op(a, b)), a)
    np.testing.assert_allclose(run(da, **data), np.tanh(data["b"]), rtol=1e-14)
    with pytest.warns(UserWarning, match="zero"):
        (db,) = gd.grad(gd.sum(op(a, b)), b)
    assert not run(db, **data).any()


def test_elementwise_from_a_function_with_attributes():
    op = gd.define_op("my_scaled", lambda x, *, factor=2.0: scalar.tanh(x) * factor)
    a = gd.input("a", ("N",), "float64")
    np.testing.assert_allclose(run(op(a, factor=3.0), a=POINTS), 3 * np.tanh(POINTS), rtol=1e-14)
    (slope,) = gd.grad(gd.sum(op(a)), a)
    np.testing.assert_allclose(run(slope, a=POINTS), 2 - 2 * np.tanh(POINTS) ** 2, rtol=1e-12)
    assert survives_text(op(a, factor=3.0), slope)


def test_inputs_by_name_and_attributes_by_place():
    x = gd.input("x", (2,))
    same = gd.Graph([gd.leaky_relu(x, 0.2), gd.leaky_relu(x=x, slope=0.2)])
    assert len(set(same.outputs.values())) == 1
    assert str(inspect.signature(gd.leaky_relu)) == "(x, slope=0.01)"
    assert str(inspect.signature(gd.integer_power)) == "(x, n)"


@pytest.mark.parametrize("declared", [False, True])
def test_two_outputs(declared):
    product = sp.Symbol("y1")
    grads = [[2 * X, 2 * X * Y**2], [2 * Y, 2 * product / Y]] if declared else None
    op = gd.define_op("my_pair", [X**2 + Y**2, X**2 * Y**2], [X, Y], grads=grads)
    assert op.outputs == 2
    a, b = gd.input("a", (4,), "float64"), gd.input("b", (4,), "float64")
    total, product = op(a, b)
    u, v = np.array([1.0, -2, 0.5, 3]), np.array([2.0, 1, -1, 0.25])
    np.testing.assert_allclose(run(total, a=u, b=v), u**2 + v**2, rtol=1e-15)
    np.testing.assert_allclose(run(product, a=u, b=v), u**2 * v**2, rtol=1e-15)
    da, db = gd.grad(gd.sum(total * product), [a, b])
    s, p = u**2 + v**2, u**2 * v**2
    np.testing.assert_allclose(run(da, a=u, b=v), 2 * u * p + s * 2 * u * v**2, rtol=1e-13)
    np.testing.assert_allclose(run(db, a=u, b=v), 2 * v * p + s * 2 * v * u**2, rtol=1e-13)
    assert survives_text(total, product, da)
    bodies = [scalar.latex(b, ["x", "y"]) for b in op.bodies(())]
    assert bodies[0] == r"x \cdot x + y \cdot y"


@pytest.mark.parametrize("declared", [False, True])
def test_composite(declared):
    def rms(x, *, axis):
        return x / gd.sqrt(gd.mean(x * x, axis, keepdims=True))

    def slope(x, y, g, *, axis):
        root = gd.sqrt(gd.mean(x * x, axis, keepdims=True))
        return [(g - y * gd.mean(g * y, axis, keepdims=True)) / root]

    op = gd.define_op("my_rms", expand=rms, grads=slope if declared else None)
    a, g = gd.input("a", ("N", 3), "float64"), gd.input("g", ("N", 3), "float64")
    u, c = np.random.default_rng(0).normal(size=(2, 5, 3))
    z = op(a, axis=1)
    assert z.shape == a.shape
    root = np.sqrt((u * u).mean(1, keepdims=True))
    np.testing.assert_allclose(run(z, a=u), u / root, rtol=1e-14)
    (pulled,) = gd.vjp(z, a, g)
    expected = (c - u / root * (c * u / root).mean(1, keepdims=True)) / root
    np.testing.assert_allclose(run(pulled, a=u, g=c), expected, rtol=1e-12)
    assert survives_text(z)


def test_composite_with_two_outputs():
    op = gd.define_op("my_moments", expand=lambda x: (gd.mean(x), gd.mean(x * x)))
    a = gd.input("a", (4,), "float64")
    first, second = op(a)
    data = {"a": np.array([1.0, 2, 3, 4])}
    (slope,) = gd.grad(second - first * first, a)
    np.testing.assert_allclose(run(slope, **data), (data["a"] - 2.5) / 2, rtol=1e-14)


def test_piecewise_and_relations():
    op = gd.define_op("my_ramp", sp.Piecewise((0, X < 0), (X, X < 1), (1, True)), [X])
    a = gd.input("a", (3,))
    assert run(op(a), a=[-1, 0.5, 2]).tolist() == [0, 0.5, 1]
    (slope,) = gd.grad(gd.sum(op(a)), a)
    assert run(slope, a=[-1, 0.5, 2]).tolist() == [0, 1, 0]


def test_symbols_are_matched_by_name():
    plain = sp.Symbol("x")
    op = gd.define_op("my_root", sp.sqrt(plain**2 + 1))
    assert op.input_names == ["x"]
    assert float(run(op(gd.input("a", ())), a=0.0)) == 1.0


def test_a_bare_instruction_does_not_replace_the_catalogues_op():
    gd.define_op("my_exp", sp.exp(X), grads=[sp.Integer(7)])
    a = gd.input("a", ())
    (slope,) = gd.grad(gd.expm1(a), a)
    assert float(run(slope, a=1.0)) == pytest.approx(np.e)


def test_names():
    gd.define_op("my_op", X + 1)
    with pytest.raises(ArgumentError, match="exists already"):
        gd.define_op("my_op", X + 2)
    with pytest.raises(ArgumentError, match="exists already"):
        gd.define_op("exp", X + 2)
    newer = gd.define_op("my_op", X + 2, replace=True)
    assert OPS["my_op"] is newer
    with pytest.raises(ArgumentError, match="airyai"):
        gd.define_op("my_op", sp.airyai(X), replace=True)
    assert OPS["my_op"] is newer
    with pytest.raises(ArgumentError, match="name=3"):
        gd.define_op(3, X)
    for name in ("my op", "", "x*/"):
        with pytest.raises(ArgumentError, match="named"):
            gd.define_op(name, X)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "either"),
        ({"expr": X, "expand": lambda x: x}, "either"),
        ({"expr": sp.airyai(X)}, "airyai"),
        ({"expr": X + Y, "inputs": [X]}, "no input"),
        ({"expr": X, "inputs": [X, X]}, "distinct"),
        ({"expr": sp.Integer(3)}, "distinct"),
        ({"expr": X, "grads": [1, 2]}, "grads for"),
        ({"expr": [X, Y], "grads": [[1, 0], [0]]}, "partial"),
        ({"expr": X, "accepts": "complex"}, "accepts"),
    ],
)
def test_errors(given, message):
    with pytest.raises(ArgumentError, match=message):
        gd.define_op("my_bad", **given)
    assert "my_bad" not in OPS


@pytest.mark.parametrize("target", ["numpy", "c"])
def test_ops_from_outside_have_targets_and_pictures(target, needs_cc):
    swish = gd.define_op("my_swish", X / (1 + sp.exp(-X)), [X])
    centred = gd.define_op("my_centred", expand=lambda x: x - gd.mean(x), inputs=["x"])
    both = gd.define_op("my_polar", [X * sp.exp(Y), X - Y], [X, Y])
    a, b = gd.input("a", ("N",), "float64"), gd.input("b", ("N",), "float64")
    first, second = both(a, swish(b))
    loss = gd.sum(centred(first) * first + second * second)
    da, db = gd.grad(loss, [a, b])
    graph = gd.Graph({"loss": loss, "da": da, "db": db}, name="outside")
    values = {"a": POINTS, "b": POINTS[::-1].copy()}
    expected = gd.interpret(graph, values)
    found = gd.compile(graph, target=target, dims={"N": 20}).outside(**values)
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, rtol=1e-12, atol=1e-12)
    dot = gd.draw(gd.Graph(loss)).dot
    assert all(name in dot for name in ("my_swish", "my_centred", "my_polar"))
    assert "my_swish" in str(gd.explain(gd.backward_graph(loss, [a, b])))
