"""Scalar expressions: traced once, then read as numbers, text, LaTeX and SymPy."""

import math

import pytest
import sympy as sp

from graphdl.ir import scalar as s
from graphdl.ir.dtypes import bool_, float32, int32
from graphdl.ir.errors import ArgumentError, GraphError
from graphdl.ir.from_sympy import from_sympy
from graphdl.ir.instructions import INSTRUCTIONS, result_dtype

X, Y = s.argument(0), s.argument(1)
NAMES = ["x", "y"]

NUMBERS = {
    "add": lambda a, b: a + b, "sub": lambda a, b: a - b, "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b, "neg": lambda a: -a, "pow": pow, "max": max, "min": min,
    "exp": math.exp, "tanh": math.tanh, "lt": lambda a, b: a < b,
    "select": lambda c, a, b: a if c else b, "abs": abs,
}  # fmt: skip


def value(body, *args):
    return s.evaluate(body, args, lambda c: c, lambda i, ops, _: NUMBERS[i.name](*ops))


def test_tracing_keeps_the_order_written():
    body = (X + Y) * X - 2.0 / Y
    assert value(body, 3.0, 4.0) == (3.0 + 4.0) * 3.0 - 2.0 / 4.0
    names = [v.instruction.name for v in s.walk(body) if v.instruction]
    assert names == ["add", "mul", "div", "sub"]


def test_sharing_is_kept():
    shared = s.exp(X)
    body = shared * shared + shared
    assert sum(v.instruction is not None for v in s.walk(body)) == 3
    deep = X
    for _ in range(64):
        deep = deep + deep  # 2**64 leaves as a tree
    assert value(deep, 1.0) == 2.0**64
    assert s.cost(deep) == 64


def test_deep_expressions_do_not_recurse():
    deep = X
    for _ in range(20_000):
        deep = deep + 1.0
    assert value(deep, 0.0) == 20_000.0


def test_a_scalar_has_no_truth_value():
    with pytest.raises(GraphError, match=r"use select\(condition, a, b\)"):
        bool(X > 0)


@pytest.mark.parametrize(
    ("body", "text", "latex"),
    [
        (X + Y, "x + y", "x + y"),
        ((X + Y) * Y, "(x + y)·y", r"\left(x + y\right) \cdot y"),
        (X / (1.0 + Y), "x / (1 + y)", r"\frac{x}{1 + y}"),
        (-X, "−x", "-x"),
        (X - (Y - X), "x − (y − x)", r"x - \left(y - x\right)"),
        (s.exp(-X), "exp(−x)", r"\exp\left(-x\right)"),
        (s.sigmoid(X), "σ(x)", r"\sigma\left(x\right)"),
        (s.silu(X + Y), "(x + y)·σ(x + y)", r"\left(x + y\right) \cdot \sigma\left(x + y\right)"),
        (s.mish(X) * Y, "(x·tanh(softplus(x)))·y", None),
        (abs(X), "|x|", r"\left|x\right|"),
        (s.sqrt(X), "√(x)", r"\sqrt{x}"),
        (s.select(X > 0, X, Y), "(x if (x > 0) else y)", None),
        (
            s.select(X > 0, X, s.select(Y > 0, 1.0, s.select(X < Y, 2.0, Y))),
            "(x if (x > 0) else (1 if (y > 0) else (2 if (x < y) else y)))",
            r"\begin{cases}x & x > 0\\1 & y > 0\\2 & x < y\\y & \text{else}\end{cases}",
        ),
        (s.maximum(X, 0.0), "max(x, 0)", r"\max\left(x, 0\right)"),
        (X < Y, "x < y", "x < y"),
    ],
)
def test_text_and_latex(body, text, latex):
    assert s.text(body, NAMES) == text
    if latex is not None:
        assert s.latex(body, NAMES) == latex


def test_every_instruction_can_be_shown():
    for instruction in INSTRUCTIONS.values():
        operands = (s.argument(i) for i in range(instruction.arity))
        payload = int32 if instruction.name == "cast" else None
        body = s.apply(instruction.name, *operands, payload=payload)
        assert "a" in s.text(body, ["a", "b", "c"])
        assert "a" in s.latex(body, ["a", "b", "c"])


def test_to_sympy():
    x, y = sp.symbols("x y", real=True)
    assert s.to_sympy(X * X + 0.1, [x, y]) == x**2 + sp.Rational(1, 10)
    assert s.to_sympy(s.sigmoid(X), [x, y]) == 1 / (1 + sp.exp(-x))
    choice = s.to_sympy(s.select(X > 0, X, Y), [x, y])
    assert choice.subs({x: -1, y: 5}) == 5
    with pytest.raises(GraphError, match="isnan has no symbolic form"):
        s.to_sympy(s.isnan(X), [x, y])


@pytest.mark.parametrize("point", [-2.5, -0.3, 0.7, 3.0])
@pytest.mark.parametrize(
    "function",
    [
        lambda x: x**3 - 2 * x + sp.Rational(1, 3),
        lambda x: sp.exp(-(x**2)) / (1 + x**2),
        lambda x: sp.Piecewise((x, x > 0), (x / 100, True)),
        lambda x: sp.tanh(x) * sp.erf(x) + sp.Abs(x) ** sp.Rational(3, 2),
        lambda x: sp.diff(1 / (1 + sp.exp(-x)), x),
        lambda x: sp.diff(sp.log(1 + sp.exp(x)), x),
        lambda x: sp.Max(x, 0) + sp.Min(x, sp.pi),
    ],
)
def test_sympy_and_back(function, point):
    x = sp.Symbol("x", real=True)
    expression = function(x)
    body = from_sympy(expression, [x])
    again = s.to_sympy(body, [x])
    expected = float(expression.subs(x, point).evalf(30))
    assert float(again.subs(x, point).evalf(30)) == pytest.approx(expected, rel=1e-15)


def test_from_sympy_names_what_it_cannot_do():
    x = sp.Symbol("x", real=True)
    with pytest.raises(ArgumentError, match=r"gamma.* has no scalar form"):
        from_sympy(sp.gamma(x), [x])


def test_result_dtypes():
    row = INSTRUCTIONS
    assert result_dtype(row["add"], [int32, float32], None) is float32
    assert result_dtype(row["div"], [int32, int32], None) is float32
    assert result_dtype(row["lt"], [int32, int32], None) is bool_
    assert result_dtype(row["cast"], [float32], int32) is int32
    assert result_dtype(row["select"], [bool_, int32, float32], None) is float32


def test_powers_and_products_have_the_parentheses_that_they_need():
    x, y = s.argument(0), s.argument(1)
    names = ["x", "y"]
    assert s.text(s.power(x + y, y), names) == "(x + y)^y"
    assert s.latex(s.power(x + y, y), names) == r"{\left(x + y\right)}^{y}"
    assert s.latex(s.power(x * y, y), names) == r"{\left(x \cdot y\right)}^{y}"
    assert s.latex((x + y) * s.exp(-x), names) == r"\left(x + y\right) \cdot \exp\left(-x\right)"
