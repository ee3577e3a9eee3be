"""SymPy expressions become scalar expressions of the same value, in a form that floats bear."""

import math

import numpy as np
import pytest
import sympy as sp

from graphdl.ir.errors import ArgumentError
from graphdl.ir.from_sympy import from_sympy
from graphdl.ir.scalar import evaluate, text, to_sympy, walk

X, Y = sp.symbols("x y", real=True)
SIGMOID = 1 / (1 + sp.exp(-X))
SOFTPLUS = sp.log(1 + sp.exp(X))

NUMBERS = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide, "neg": np.negative,
    "pow": np.power, "abs": np.abs, "sign": np.sign, "sqrt": np.sqrt, "exp": np.exp, "log": np.log,
    "tanh": np.tanh, "min": np.minimum, "max": np.maximum, "lt": np.less, "gt": np.greater,
    "le": np.less_equal, "ge": np.greater_equal, "and": np.logical_and, "select": np.where,
    "eq": np.equal, "ne": np.not_equal, "or": np.logical_or, "not": np.logical_not,
    "sigmoid": lambda x: np.where(x > 0, 1 / (1 + np.exp(-x)), np.exp(x) / (1 + np.exp(x))),
    "erf": np.vectorize(math.erf, otypes=[float]),
}  # fmt: skip


def value(root, *args):
    with np.errstate(all="ignore"):
        return evaluate(
            root,
            [np.asarray(a) for a in args],
            lambda c: np.asarray(c) if isinstance(c, bool) else args[0].dtype.type(c),
            lambda i, operands, payload: NUMBERS[i.name](*operands),
        )


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (1 - X**2 / 2, "1 − (0.5·(x·x))"),
        (-X - Y, "−x − y"),
        (Y - X, "−x + y"),
        (1 / X, "1 / x"),
        (3 * X / Y / 2, "(1.5·x) / y"),
        (X ** sp.Rational(3, 2), "x·√(x)"),
        (1 / sp.sqrt(X), "1 / √(x)"),
        (2**X, "2^x"),
        (SIGMOID, "σ(x)"),
        (sp.diff(SOFTPLUS, X), "σ(x)"),
        (sp.diff(SIGMOID, X), "σ(−x)·σ(x)"),
        (sp.Max(X, 0), "max(0, x)"),
        (sp.Eq(X, Y), "x = y"),
    ],
)
def test_what_is_written(expression, expected):
    shown = text(from_sympy(expression, [X, Y]), ["x", "y"])
    assert shown == expected or (expression == Y - X and shown == "y − x")


@pytest.mark.parametrize(
    "expression",
    [
        X**7 - Y**-3, sp.exp(-(X**2)) * sp.erf(Y) / sp.sqrt(sp.pi), sp.tanh(X * Y) ** 2,
        sp.Piecewise((X, (X > 0) & (Y > 0)), (Y, X < -1), (X * Y, True)), X * SIGMOID,
        sp.Max(X, Y, X * Y), sp.Min(X, Y) + sp.Abs(X), sp.sign(X) * sp.log(X**2 + 1),
        sp.Piecewise((1, ~(X > 0) | sp.Ne(X, Y)), (2, True)), (1 + X**2) ** sp.pi,
    ],
)  # fmt: skip
@pytest.mark.parametrize("derivative", [0, 1])
def test_values_equal_sympys(expression, derivative):
    if derivative and expression.has(sp.Max, sp.Min):
        expression = expression.rewrite(sp.Piecewise)
    expression = sp.diff(expression, X, derivative) if derivative else expression
    body = from_sympy(expression, [X, Y])
    for a, b in [(0.3, 0.7), (-1.2, 0.4), (2.5, -0.6)]:
        expected = float(expression.subs({X: sp.Float(a, 30), Y: sp.Float(b, 30)}).evalf(30))
        got = float(value(body, np.float64(a), np.float64(b)))
        assert got == pytest.approx(expected, rel=1e-13)
        back = to_sympy(body, [X, Y]).subs({X: sp.Float(a, 30), Y: sp.Float(b, 30)})
        assert float(back.evalf(30)) == pytest.approx(expected, rel=1e-13)


def test_numbers_are_rounded_once():
    (third, root) = (from_sympy(e, []).payload for e in (sp.Rational(1, 3), sp.sqrt(2) * sp.pi))
    assert third == 1 / 3
    assert root == 4.442882938158366
    assert from_sympy(sp.Integer(3), []).payload == 3
    assert from_sympy(sp.Float("0.1"), []).payload == 0.1


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("expression", [SIGMOID, SOFTPLUS, X * SIGMOID])
def test_logistic_derivatives_are_finite_in_float32(expression, order):
    body = from_sympy(sp.diff(expression, X, order), [X])
    points = np.array([-100, -20, 0, 20, 100], np.float32)
    got = value(body, points)
    assert got.dtype == np.float32
    for x, y in zip(points, got, strict=True):
        expected = float(sp.diff(expression, X, order).subs(X, sp.Integer(int(x))).evalf(60))
        assert y == pytest.approx(expected, rel=1e-5, abs=1e-6)


def test_the_derivative_of_a_jump_is_zero():
    body = from_sympy(sp.diff(sp.Abs(X) * X, X, 3), [X])
    assert float(value(body, np.float64(1.5))) == 0.0


def test_a_zero_branch_stays_exact():
    body = from_sympy(sp.Piecewise((0, X > 0), (1, True)) * sp.exp(X**2), [X])
    assert float(value(body, np.float32(100.0))) == 0.0


def test_equal_parts_are_computed_once():
    body = from_sympy(sp.tanh(X) ** 2 + sp.exp(sp.tanh(X)), [X])
    names = [v.instruction.name for v in walk(body) if v.instruction is not None]
    assert names.count("tanh") == 1


@pytest.mark.parametrize(
    ("expression", "named"),
    [
        (sp.airyai(X), "airyai"),
        (sp.Heaviside(X), "Heaviside"),
        (sp.Symbol("q") + X, "q"),
        (sp.I * X, "I"),
        (sp.Function("g")(X), "g"),
        (sp.zoo, "zoo"),
        (sp.Derivative(sp.Function("g")(X), X), "Derivative"),
    ],
)
def test_what_kernels_cannot_compute_is_named(expression, named):
    with pytest.raises(ArgumentError, match=named) as caught:
        from_sympy(expression, [X])
    assert caught.value.remedy
