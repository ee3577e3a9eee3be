"""Functions of one and two reals: SymPy both ways, as math, and just beside the real axis."""

import mpmath as mp
import numpy as np
import pytest
import sympy as sp

import graphdl as gd
from graphdl.ir import scalar
from graphdl.ir.complex_step import directional
from graphdl.ir.from_sympy import from_sympy
from graphdl.ir.instructions import INSTRUCTIONS

pytestmark = pytest.mark.filterwarnings("ignore::graphdl.passes.derivative.GradientWarning")
AT = {"acosh": 1.7, "polygamma": 2.0, "floor": 0.4}
FUNCTIONS = [
    "exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "cbrt", "sqrt", "tanh", "sin", "cos",
    "tan", "asin", "acos", "atan", "sinh", "cosh", "asinh", "acosh", "atanh", "erf", "erfc",
    "lgamma", "digamma", "silu", "mish", "gelu", "exp_product", "atan2", "hypot", "polygamma",
    "floor", "ceil", "trunc", "round",
]  # fmt: skip


def point(name):
    return [AT.get(name, 0.6), 0.8][: INSTRUCTIONS[name].arity]


def value(body, args):
    return float(
        scalar.evaluate(
            body,
            [np.array(a) for a in args],
            lambda c: np.array(float(c)),
            lambda i, operands, _: i.evaluate(*operands),
        )
    )


@pytest.mark.parametrize("name", FUNCTIONS)
def test_sympy_and_back(name):
    count = INSTRUCTIONS[name].arity
    symbols = [sp.Symbol(f"x{k}", real=True) for k in range(count)]
    body = scalar.apply(name, *map(scalar.argument, range(count)))
    expression = scalar.to_sympy(body, symbols)
    back = from_sympy(expression, symbols)
    args = point(name)
    assert value(back, args) == pytest.approx(value(body, args), rel=1e-14)
    known = dict(zip(symbols, map(sp.Float, args), strict=True))
    assert float(expression.subs(known)) == pytest.approx(value(body, args), rel=1e-14)


@pytest.mark.parametrize("name", [n for n in FUNCTIONS if n != "polygamma"])
def test_complex_step_equals_the_gradient(name):
    functions = gd.ops.FUNCTIONS
    xs = [gd.input(f"x{k}", (), "float64") for k in range(INSTRUCTIONS[name].arity)]
    y = functions[name](*xs)
    slopes = gd.grad(y, xs)
    at = dict(zip(xs, map(np.asarray, point(name)), strict=True))
    values = {x.name: v for x, v in at.items()}
    for x, slope in zip(xs, slopes, strict=True):
        graph = gd.Graph(slope, inputs=xs)
        expected = float(gd.interpret(graph, values)["out"])
        found = directional(y, at, {x: np.asarray(1.0)}, {})
        assert found == pytest.approx(expected, rel=1e-13)


def test_derivatives_of_floor_and_gamma_by_sympy():
    x = sp.Symbol("x", real=True)
    stairs = gd.define_op("test_stairs", x * sp.floor(x) + sp.loggamma(x), [x], replace=True)
    node = gd.input("x", (), "float64")
    (slope,) = gd.grad(stairs(node), [node])
    found = float(gd.interpret(gd.Graph(slope), {"x": 2.5})["out"])
    assert found == pytest.approx(2 + 0.7031566406452432, rel=1e-14)


@pytest.mark.parametrize(
    ("name", "text", "latex"),
    [
        ("floor", "floor(x)", r"\left\lfloor x\right\rfloor"),
        ("cbrt", "cbrt(x)", r"\sqrt[3]{x}"),
        ("exp2", "2^x", "2^{x}"),
        ("asin", "asin(x)", r"\arcsin\left(x\right)"),
        ("digamma", "digamma(x)", r"\psi\left(x\right)"),
        ("lgamma", "lgamma(x)", r"\log\left|\Gamma\left(x\right)\right|"),
        ("hypot", "hypot(x, y)", r"\sqrt{{x}^{2} + {y}^{2}}"),
        ("polygamma", "polygamma(x, y)", r"\psi^{(x)}\left(y\right)"),
    ],
)
def test_as_math(name, text, latex):
    body = scalar.apply(name, *map(scalar.argument, range(INSTRUCTIONS[name].arity)))
    assert scalar.text(body, ["x", "y"]) == text
    assert scalar.latex(body, ["x", "y"]) == latex


@pytest.mark.parametrize(
    ("body", "text", "latex"),
    [
        (lambda x: x * -0.5, "x·(-0.5)", r"x \cdot \left(-0.5\right)"),
        (lambda x: -0.5 * x, "-0.5·x", r"-0.5 \cdot x"),
        (lambda x: x + -x, "x + (−x)", r"x + \left(-x\right)"),
        (lambda x: x / -3.0, "x / (-3)", r"\frac{x}{-3}"),
    ],
)
def test_no_sign_follows_an_operator(body, text, latex):
    made = body(scalar.argument(0))
    assert (scalar.text(made, ["x"]), scalar.latex(made, ["x"])) == (text, latex)


def test_polygamma_refuses_other_orders():
    x = gd.input("x", ())
    for n in (-1, 101, 0.5):
        with pytest.raises(gd.GraphdlError, match="polygamma: n="):
            gd.polygamma(n, x)


def test_far_values_have_all_their_digits():
    rng = np.random.default_rng(0)
    a, b = rng.uniform(-30, 30, 200), rng.uniform(-23, 23, 200)
    far = rng.uniform(-37, -1, 200)
    x, y = gd.input("x", (200,), "float64"), gd.input("y", (200,), "float64")
    product = gd.interpret(gd.Graph(gd.exp_product(x, y)), {"x": a, "y": b})["out"]
    gelu = gd.interpret(gd.Graph(gd.gelu(x)), {"x": far})["out"]
    wide = np.finfo(np.longdouble).eps < 1e-18
    with mp.workdps(50):
        for p, q, got in zip(map(mp.mpf, a), map(mp.mpf, b), product, strict=True):
            assert abs(got / mp.exp(p * q) - 1) < (4e-16 if wide else 1e-12)
        for z, got in zip(map(mp.mpf, far), gelu, strict=True):
            assert abs(got / (z * mp.erfc(-z / mp.sqrt(2)) / 2) - 1) < (1e-15 if wide else 1e-12)
