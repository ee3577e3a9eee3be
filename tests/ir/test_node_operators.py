"""Operators and methods of nodes are NumPy's, on integers, bools and floats."""

import math
import operator

import numpy as np
import pytest

import graphdl as gd
from graphdl.ir.errors import DTypeError

RNG = np.random.default_rng(0)
FLOAT = RNG.normal(0, 3, (2, 3, 4))
WHOLE = RNG.integers(-9, 9, (3, 4), dtype=np.int32)
TRUTH = WHOLE > 0


def run(build, *arrays):
    nodes = [gd.input(f"x{i}", a.shape, a.dtype) for i, a in enumerate(arrays)]
    values = {f"x{i}": a for i, a in enumerate(arrays)}
    return gd.interpret(gd.Graph(build(*nodes)), values)["out"]


def same(actual, expected):
    np.testing.assert_array_equal(actual, expected, strict=True)


def agrees(f, x):
    """Compare a function of two operands: arrays, numbers, both ways round."""
    other = np.ascontiguousarray(x[::-1])
    number = x.ravel()[0].item()
    with np.errstate(all="ignore"):
        same(run(f, x, other), f(x, other))
        same(run(lambda x: f(x, number), x), f(x, number))
        same(run(lambda x: f(number, x), x), f(number, x))
        same(run(lambda x: f(other, x), x), f(other, x))


@pytest.mark.parametrize("name", ["floordiv", "mod", "and_", "or_", "xor", "lshift", "rshift"])
def test_operators_on_integers(name):
    agrees(getattr(operator, name), WHOLE)


@pytest.mark.parametrize("name", ["floordiv", "mod"])
def test_division_of_floats(name):
    agrees(getattr(operator, name), FLOAT)


@pytest.mark.parametrize("name", ["and_", "or_", "xor", "add", "mul", "lt", "le", "gt", "ge"])
def test_operators_on_bools(name):
    agrees(getattr(operator, name), TRUTH)


@pytest.mark.parametrize("part", [0, 1])
def test_divmod(part):
    agrees(lambda x, y: divmod(x, y)[part], WHOLE)


def test_unary_operators():
    same(run(operator.invert, WHOLE), ~WHOLE)
    same(run(operator.invert, TRUTH), ~TRUTH)
    same(run(operator.pos, WHOLE), WHOLE)
    same(run(round, FLOAT), np.round(FLOAT))
    same(run(lambda x: round(x, 1), FLOAT), np.round(FLOAT, 1))
    for f, reference in ((math.floor, np.floor), (math.ceil, np.ceil), (math.trunc, np.trunc)):
        same(run(f, FLOAT), reference(FLOAT))


@pytest.mark.parametrize("name", ["and_", "or_", "xor", "lshift", "rshift"])
def test_bits_of_floats_are_refused(name):
    x = gd.input("x", (3,))
    with pytest.raises(DTypeError, match=r"does not take float32[^§]*cast first"):
        getattr(operator, name)(x, x)
    with pytest.raises(DTypeError, match="does not take float32"):
        getattr(operator, name)(1, x)


METHODS = {
    "flatten": (), "ravel": (), "transpose": (), "swapaxes": (0, 2), "cumsum": (1,), "any": (1,),
    "all": (1,), "prod": (1,), "argmax": (1,), "argmin": (1,), "std": (1,), "var": (1,),
    "round": (), "sum": (1,), "mean": (1,), "max": (1,), "min": (1,), "clip": (-1.0, 1.5),
}  # fmt: skip


@pytest.mark.parametrize("name", METHODS)
def test_methods(name):
    call = operator.methodcaller(name, *METHODS[name])
    given = FLOAT > 0 if name in ("any", "all") else FLOAT
    np.testing.assert_allclose(run(call, given), call(given), rtol=1e-13, strict=True)


def test_more_arguments_of_methods():
    for call in (
        lambda x: x.transpose(2, 0, 1), lambda x: x.transpose((2, 0, 1)), lambda x: x.T,
        lambda x: x.std((0, 2), ddof=1, keepdims=True), lambda x: x[:, :1].squeeze(1),
        lambda x: x.clip(max=0.5), lambda x: x[0].dot(x[0].T),
    ):  # fmt: skip
        np.testing.assert_allclose(run(call, FLOAT), call(FLOAT), rtol=1e-13, strict=True)


def test_size_and_ndim():
    assert gd.input("x", (2, 3)).size == 6
    assert gd.input("x", ()).size == 1
    assert str(gd.input("x", ("N", 3)).size) == "3*N"
    assert gd.input("x", ("N", 3)).ndim == 2
