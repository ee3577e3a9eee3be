"""Every error says what does not fit, where the user wrote it, and what to do."""

import inspect
import re

import numpy as np
import pytest

import graphdl as gd
from graphdl.ir import errors as e

X = gd.input("x", ("N", 3))
S = gd.input("s", (2, 3))
K = gd.input("k", ("N",), "int32")
B = gd.input("b", (3,), "bool")

# What is done, the error's class, and what its message must hold.
CASES = [
    (lambda: X + gd.input("y", ("M", 3)), e.ShapeError, ["add", "(N, 3)", "(M, 3)", "N against M"]),
    (lambda: S * gd.input("y", (4,)), e.ShapeError, ["multiply", "(2, 3)", "(4,)", "[:, None]"]),
    (lambda: X + gd.input("y", (1, 5)), e.ShapeError, ["add", "(1, 5)", "3 against 5"]),
    (lambda: X + gd.input("y", (4, 3)), e.ShapeError, ["N against 4", "one dim's name"]),
    (lambda: X @ S, e.ShapeError, ["matmul", "(N, 3)", "(2, 3)", "3 against 2", "last but one"]),
    (lambda: X @ 2.0, e.ShapeError, ["matmul takes no scalars", "use *"]),
    (
        lambda: gd.input("a", (2, 3, 4)) @ gd.input("c", (5, 4, 1)),
        e.ShapeError,
        ["matmul", "(2, 3, 4)", "(5, 4, 1)", "2 against 5"],
    ),
    (lambda: gd.sum(X, 2), e.ShapeError, ["sum: axis 2 of 2 axes"]),
    (lambda: gd.sum(X, (0, -2)), e.ShapeError, ["sum: axis (0, -2) occurs twice"]),
    (lambda: gd.max(gd.input("y", (0, 3)), 0), e.ShapeError, ["max of an empty axis: (0, 3)"]),
    (lambda: gd.reshape(S, (4, 2)), e.ShapeError, ["reshape", "(2, 3)", "(4, 2)", "-1"]),
    (lambda: gd.reshape(S, (4, -1)), e.ShapeError, ["reshape", "(2, 3)", "(4, -1)"]),
    (lambda: gd.squeeze(S, 0), e.ShapeError, ["squeeze: axis 0 of (2, 3)"]),
    (lambda: gd.transpose(S, (0, 0)), e.ShapeError, ["transpose: (0, 0)", "2 axes"]),
    (lambda: gd.broadcast_to(S, (3, 3)), e.ShapeError, ["broadcast_to", "(2, 3)", "(3, 3)"]),
    (lambda: gd.broadcast_to(S, (3,)), e.ShapeError, ["broadcast_to", "(2, 3)", "(3,)"]),
    (lambda: gd.concat([S, X], 1), e.ShapeError, ["concat along axis 1", "(2, 3)", "(N, 3)"]),
    (lambda: gd.concat([]), e.ShapeError, ["concat of nothing"]),
    (lambda: gd.pad(S, ((1, 1),) * 3), e.ShapeError, ["pad", "2 axes"]),
    (lambda: gd.pad(S, -1), e.ShapeError, ["pad", "-1"]),
    (lambda: S[2], e.IndexRangeError, ["index 2", "size 2"]),
    (lambda: S[0, 0, 0], e.ShapeError, ["3 indices", "(2, 3)"]),
    (lambda: S[::0], e.ShapeError, ["step cannot be zero"]),
    (lambda: S["a"], e.DTypeError, ["'a' cannot index a node"]),
    (lambda: S[[0, 1], [0, 1, 2]], e.ShapeError, ["(2,)", "(3,)"]),
    (lambda: gd.gather(S, S), e.DTypeError, ["gather", "float32", "astype('int32')"]),
    (
        lambda: gd.take_along_axis(X, K, 1),
        e.ShapeError,
        ["take_along_axis", "(N, 3)", "(N,)", "indices[:, None]"],
    ),
    (lambda: X & X, e.DTypeError, ["bitwise_and does not take float32", "cast first"]),
    (lambda: -(X > 0), e.DTypeError, ["negative does not take bool", "use & | ^ ~"]),
    (lambda: X.astype("int32") ** -1, e.DTypeError, ["int32 to the negative power", "cast first"]),
    (lambda: X.astype("uint8") + 300, e.DTypeError, ["300 does not fit uint8", "wider dtype"]),
    (lambda: X.astype("float16"), e.DTypeError, ["float16", "use one of"]),
    (lambda: gd.einsum("ij,jk->il", X, S), e.ArgumentError, ["'ij,jk->il'", "(N, 3)", "(2, 3)"]),
    (lambda: gd.einsum("ij,jk->ik", X, S), e.ShapeError, ["label 'j'", "(N, 3)", "3 against 2"]),
    (lambda: gd.einsum("ij->i", X, S), e.ArgumentError, ["'ij->i'"]),
    (lambda: gd.gelu(X, approximate="no"), e.ArgumentError, ["gelu", "'no'", "'tanh'"]),
    (lambda: gd.exp(X, X), e.ArgumentError, ["exp takes x"]),
    (lambda: gd.leaky_relu(X, alpha=1.0), e.ArgumentError, ["leaky_relu takes x, slope"]),
    (lambda: gd.leaky_relu(X, X), e.ArgumentError, ["leaky_relu: slope is a number"]),
    (lambda: gd.sum([X, X]), e.DTypeError, ["cannot make a constant", "gd.stack"]),
    (lambda: gd.add(X, [[1.0], [1.0, 2.0]]), e.DTypeError, ["rows of one length"]),
    (lambda: gd.sum(X, axis="rows"), e.ShapeError, ["sum: axis 'rows'"]),
    (lambda: gd.max(X, 1.0), e.ShapeError, ["max: axis 1.0"]),
    (lambda: gd.input("", (3,)), e.ArgumentError, ["'' cannot be a name"]),
    (lambda: gd.input("x", (-1,)), e.DimensionError, ["-1 is not a size"]),
    (lambda: gd.param("w", ("N",)), e.ShapeError, ["param 'w'", "(N,)", "static"]),
    (lambda: gd.param("w", (3,), init=np.ones(2)), e.ShapeError, ["param 'w'", "(3,)", "(2,)"]),
    (lambda: gd.constant("text"), e.DTypeError, ["cannot make a constant of 'text'"]),
    (lambda: bool(X > 0), e.GraphError, ["truth value", "gd.where"]),
    (lambda: gd.grad(X, X), e.GradientError, ["must be a scalar", "(N, 3)", "gd.mean(loss)"]),
    (lambda: gd.grad(gd.sum(X), K), e.GradientError, ["int32", "floating node"]),
]


def line_of(function):
    return function.__code__.co_firstlineno, len(inspect.getsource(function).splitlines())


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{line_of(c[0])[0]}")
def test_message(case):
    action, kind, parts = case
    with pytest.raises(kind) as caught:
        action()
    assert isinstance(caught.value, e.GraphdlError)
    for part in parts:
        assert part in str(caught.value)


def test_the_users_line_is_named():
    silent = []
    for action, kind, _ in CASES:
        with pytest.raises(kind) as caught:
            action()
        sites = re.findall(rf"{re.escape(__file__)}:(\d+)", str(caught.value))
        if not sites:
            silent.append(str(caught.value))
    assert silent == []


def test_typed_errors_are_also_pythons():
    assert issubclass(e.ShapeError, ValueError)
    assert issubclass(e.DTypeError, TypeError)
    assert issubclass(e.IndexRangeError, IndexError)
    assert issubclass(e.UnknownNameError, LookupError)
    assert issubclass(e.ParseError, ValueError)


def test_errors_of_a_run():
    g = gd.Graph(gd.sum(X) + gd.sum(gd.input("y", ("N",))))
    x, y = np.ones((2, 3)), np.ones(2)
    with pytest.raises(e.ArgumentError, match="needs input 'y'"):
        gd.interpret(g, {"x": x})
    with pytest.raises(e.ArgumentError, match="no input"):
        gd.interpret(g, {"x": x, "y": y, "z": y})
    with pytest.raises(e.ShapeError, match=r"input 'x' has shape \(2, 4\).*declared \(N, 3\)"):
        gd.interpret(g, {"x": np.ones((2, 4)), "y": y})
    with pytest.raises(e.ShapeError, match=r"input 'y' has shape \(3,\).*\(N,\) with \{'N': 2\}"):
        gd.interpret(g, {"x": x, "y": np.ones(3)})
    with pytest.raises(e.ShapeError, match="input 'y' has 0 axes"):
        gd.interpret(g, {"x": x, "y": 1.0})


@pytest.mark.parametrize(
    ("build", "low", "bad"),
    [
        (lambda k: gd.gather(X, k, 1), 0, -1),
        (lambda k: gd.gather(X, k, 1), 0, 3),
        (lambda k: gd.take_along_axis(X, k[:, None], 1), -3, -4),
        (lambda k: gd.take_along_axis(X, k[:, None], 1), -3, 3),
    ],
)
def test_an_index_from_an_input_is_checked(build, low, bad):
    g = gd.Graph(build(K))
    with pytest.raises(e.IndexRangeError, match=rf"index {bad} is not in \[{low}, 3\)"):
        gd.interpret(g, {"x": np.ones((2, 3)), "k": [0, bad]})


def test_a_computed_index_is_clipped():
    g = gd.Graph(gd.gather(S, K + 0, 1))
    x = np.arange(6.0).reshape(2, 3)
    out = gd.interpret(g, {"s": x, "k": [-5, 1, 9]})["out"]
    np.testing.assert_array_equal(out, x[:, [0, 1, 2]])


def test_a_gradient_that_is_cut_warns_where():
    with pytest.warns(UserWarning, match=r"the path is cut at <greater .*test_errors.py:\d+"):
        gd.grad(gd.sum(gd.where(X > 0, 1.0, 0.0)), X)
    with pytest.warns(UserWarning, match="does not depend on it"):
        gd.grad(gd.sum(S), X)
    with pytest.warns(UserWarning, match="cut at <stop_gradient"):
        (zero,) = gd.grad(gd.sum(gd.stop_gradient(X)), X)
    assert zero.shape == X.shape
