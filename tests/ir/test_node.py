"""Nodes: frozen, with NumPy's operators, and with the user's source line."""

import inspect
import operator
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphdl as gd
from graphdl.ir.errors import GraphError, IndexRangeError, ShapeError
from graphdl.ir.node import user_site

RNG = np.random.default_rng(0)
A = RNG.standard_normal((3, 4))
B = RNG.standard_normal((3, 4))


def run(build, *arrays, **dims):
    nodes = [gd.input(f"x{i}", a.shape, a.dtype) for i, a in enumerate(arrays)]
    values = {f"x{i}": a for i, a in enumerate(arrays)}
    return gd.interpret(gd.Graph(build(*nodes)), values, dims=dims)["out"]


def same(actual, expected):
    np.testing.assert_array_equal(actual, expected, strict=True)


@pytest.mark.parametrize("name", ["add", "sub", "mul", "truediv", "lt", "le", "gt", "ge"])
def test_binary_operators(name):
    f = getattr(operator, name)
    same(run(f, A, B), f(A, B))
    same(run(lambda x: f(x, 2.0), A), f(A, 2.0))
    same(run(lambda x: f(2.0, x), A), f(2.0, A))
    same(run(lambda x: f(B, x), A), f(B, A))
    same(run(lambda x: f(x, B), A), f(A, B))


@pytest.mark.parametrize("name", ["and_", "or_", "xor"])
def test_logical_operators(name):
    f = getattr(operator, name)
    same(run(f, A > 0, B > 0), f(A > 0, B > 0))


def test_unary_operators_and_methods():
    same(run(operator.neg, A), -A)
    same(run(abs, A), abs(A))
    same(run(operator.invert, A > 0), ~(A > 0))
    same(run(lambda x: x.T, A), A.T)
    same(run(lambda x: x.reshape(2, 6), A), A.reshape(2, 6))
    same(run(lambda x: x.reshape((6, -1)), A), A.reshape(6, -1))
    same(run(lambda x: x.astype("int32"), A), A.astype("int32"))
    for method in ("sum", "mean", "max", "min"):
        f = operator.methodcaller(method, 1, keepdims=True)
        np.testing.assert_allclose(run(f, A), f(A), rtol=1e-15, strict=True)


def test_powers():
    np.testing.assert_allclose(run(lambda x: x**3, A), A**3, rtol=1e-15)
    np.testing.assert_allclose(run(lambda x: x**-2, A), A**-2.0, rtol=1e-14)
    np.testing.assert_allclose(run(lambda x: abs(x) ** 0.5, A), abs(A) ** 0.5, rtol=1e-15)
    np.testing.assert_allclose(run(lambda x: abs(x) ** 1.7, A), abs(A) ** 1.7, rtol=1e-14)
    np.testing.assert_allclose(run(lambda x: 2.0**x, A), 2.0**A, rtol=1e-15)
    assert np.all(run(lambda x: x**0, A) == 1)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ((4,), (4,)), ((3, 4), (4,)), ((4,), (4, 5)), ((3, 4), (4, 5)), ((2, 3, 4), (4, 5)),
        ((2, 3, 4), (2, 4, 5)), ((1, 3, 4), (2, 4, 5)), ((2, 1, 3, 4), (7, 4, 5)),
        ((4,), (2, 4, 5)), ((2, 3, 4), (4,)), ((0, 4), (4, 5)), ((3, 0), (0, 5)), ((1, 1), (1, 1)),
    ],
)  # fmt: skip
def test_matmul(left, right):
    a, b = RNG.standard_normal(left), RNG.standard_normal(right)
    np.testing.assert_allclose(run(operator.matmul, a, b), a @ b, rtol=1e-12, strict=True)
    np.testing.assert_allclose(run(lambda y: a @ y, b), a @ b, rtol=1e-12, strict=True)


shapes = st.lists(st.sampled_from([0, 1, 1, 3]), max_size=3)


@given(shapes, shapes)
def test_broadcasting_is_numpys(left, right):
    a, b = np.ones(left), np.ones(right)
    try:
        expected = (a + b).shape
    except ValueError:
        with pytest.raises(ShapeError, match="do not broadcast"):
            gd.input("a", a.shape) + gd.input("b", b.shape)
    else:
        assert run(operator.add, a, b).shape == expected


class Indices:
    """Strategies for indices of an array."""

    bounds = st.one_of(st.none(), st.integers(-7, 7))
    steps = st.one_of(st.none(), st.integers(-3, 3).filter(bool))
    slices = st.builds(slice, bounds, bounds, steps)
    items = st.one_of(slices, st.integers(-4, 3), st.none())

    @staticmethod
    @st.composite
    def tuples(draw):
        index = draw(st.lists(Indices.items, max_size=5))
        if draw(st.booleans()):
            index.insert(draw(st.integers(0, len(index))), Ellipsis)
        return tuple(index)


@given(Indices.tuples())
def test_indexing_is_numpys(index):
    array = np.arange(4 * 5 * 3.0).reshape(4, 5, 3)
    try:
        expected = array[index]
    except IndexError:
        with pytest.raises((IndexRangeError, ShapeError)):
            gd.input("x", array.shape)[index]
    else:
        same(run(lambda x: x[index], array), expected)


@given(Indices.slices, st.integers(8, 12))
def test_indexing_of_a_symbolic_axis_that_is_long_enough(index, n):
    array = np.arange(float(n))
    step = 1 if index.step is None else index.step
    start, stop, _ = index.indices(n)
    if (stop - start) * step < 0:
        return  # the declared size would be negative
    x = gd.input("x", ("N",), "float64")
    same(gd.interpret(gd.Graph(x[index]), {"x": array})["out"], array[index])


@given(st.lists(st.integers(0, 4), max_size=4), st.integers(0, 2))
def test_indexing_by_an_array(places, axis):
    array = np.arange(5 * 5 * 5.0).reshape(5, 5, 5)
    where = np.array(places, dtype=np.int64)
    index = (slice(None),) * axis + (where,)
    same(run(lambda x: x[index], array), array[index])


def test_iteration_and_length():
    x = gd.input("x", (3, 4))
    assert len(x) == 3
    assert [row.shape for row in x] == [(4,)] * 3
    with pytest.raises(ShapeError, match="first axis is not static"):
        len(gd.input("x", ("N",)))


def test_frozen():
    x = gd.input("x", (3,))
    with pytest.raises(GraphError, match="nodes are frozen: cannot set 'shape'"):
        x.shape = (4,)
    with pytest.raises(GraphError, match="cannot delete"):
        del x.op
    with pytest.raises(GraphError, match=r"use gd\.where"):
        bool(x > 0)


def test_identity_and_repr():
    x = gd.input("x", ("N", 3))
    assert x == x
    assert x != gd.input("x", ("N", 3))
    assert repr(x) == "<input 'x' float32(N, 3)>"
    assert {x: 1}[x] == 1


def test_constants_cannot_be_changed_from_outside():
    array = np.ones(3, np.float32)
    c = gd.constant(array)
    array[0] = 7
    assert c.attr("value")[0] == 1
    with pytest.raises(ValueError, match="read-only"):
        c.attr("value")[0] = 7


def here():
    return inspect.currentframe().f_back.f_lineno


def test_every_node_knows_the_users_line():
    x, line = gd.input("x", ("N", 3)), here()
    assert x.site == f"{__file__}:{line}"
    y, line = gd.softmax(x), here()
    assert y.site == f"{__file__}:{line}"
    z, line = (gd.mean(x @ np.ones((3, 2), np.float32)) * 2.0)[None], here()
    for node in gd.Graph(z).nodes:
        assert node.origins[0].file == __file__
        assert node.origins[0].line in (line, int(x.site.rpartition(":")[2]))


def test_the_source_line_is_captured_cheaply():
    start = time.perf_counter()
    for _ in range(1000):
        user_site()
    assert time.perf_counter() - start < 0.05  # inspect.stack would take a hundred times as long


def test_scopes_nest_and_end_with_errors_too():
    with gd.scope("a"), gd.scope("b"):
        x = gd.param("w", (2,))
    assert x.name == "a/b/w"
    assert x.origins[0].scope == "a/b"
    with pytest.raises(KeyError), gd.scope("c"):
        raise KeyError
    assert gd.input("x", ()).origins[0].scope == ""
