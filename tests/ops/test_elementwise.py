"""Elementwise ops at 50 digits: values, declared derivatives, and both orders as computed.

Everything is derived from the registry: a new elementwise op is tested here without a line.
"""

from functools import cache

import mpmath
import numpy as np
import pytest
import sympy as sp

import graphdl as gd
from graphdl.ir import scalar
from graphdl.ir.errors import GraphError
from graphdl.ir.instructions import INSTRUCTIONS
from graphdl.ir.kinds import ElementwiseOp
from graphdl.passes.partials import partials
from tests.ops.cases import CUT, DOMAINS, WHOLE, elementwise_ops

TARGETS = ["interp", "numpy", "c"]
POINTS = 6
DIGITS = 50

pytestmark = pytest.mark.filterwarnings("ignore::graphdl.passes.derivative.GradientWarning")

PRECISE = {
    "add": lambda a, b: a + b, "sub": lambda a, b: a - b, "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b, "neg": lambda a: -a, "abs": abs, "min": min, "max": max,
    "sign": mpmath.sign, "sqrt": mpmath.sqrt, "exp": mpmath.exp, "expm1": mpmath.expm1,
    "log": mpmath.log, "log1p": mpmath.log1p, "tanh": mpmath.tanh, "erf": mpmath.erf,
    "sigmoid": lambda a: 1 / (1 + mpmath.exp(-a)), "silu": lambda a: a / (1 + mpmath.exp(-a)),
    "mish": lambda a: a * mpmath.tanh(mpmath.log1p(mpmath.exp(a))), "pow": lambda a, b: a**b,
    "exp_product": lambda a, b: mpmath.exp(a * b),
    "gelu": lambda a: a * mpmath.erfc(-a / mpmath.sqrt(2)) / 2,
    "gelu_tanh": lambda a: a
    / (1 + mpmath.exp(-mpmath.sqrt(8 / mpmath.pi) * (a + mpmath.mpf("0.044715") * a**3))),
    "floordiv": lambda a, b: mpmath.floor(a / b), "mod": lambda a, b: a - b * mpmath.floor(a / b),
    "fmod": lambda a, b: a - b * mpmath.sign(a / b) * mpmath.floor(abs(a / b)),
    "bitand": lambda a, b: int(a) & int(b), "bitor": lambda a, b: int(a) | int(b),
    "bitxor": lambda a, b: int(a) ^ int(b), "bitnot": lambda a: ~int(a),
    "shl": lambda a, b: int(a) << int(b), "shr": lambda a, b: int(a) >> int(b),
    "lt": lambda a, b: a < b, "le": lambda a, b: a <= b, "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b, "eq": lambda a, b: a == b, "ne": lambda a, b: a != b,
    "and": lambda a, b: a and b, "or": lambda a, b: a or b, "xor": lambda a, b: a != b,
    "not": lambda a: not a, "isnan": mpmath.isnan, "select": lambda c, a, b: a if c else b,
    "isinf": mpmath.isinf, "isfinite": mpmath.isfinite, "floor": mpmath.floor,
    "ceil": mpmath.ceil, "trunc": lambda a: mpmath.sign(a) * mpmath.floor(abs(a)),
    "round": mpmath.nint, "exp2": lambda a: mpmath.power(2, a),
    "log2": lambda a: mpmath.log(a) / mpmath.log(2), "log10": mpmath.log10,
    "cbrt": lambda a: mpmath.sign(a) * mpmath.cbrt(abs(a)), "erfc": mpmath.erfc,
    "lgamma": lambda a: mpmath.re(mpmath.loggamma(a)), "digamma": mpmath.digamma,
    "polygamma": lambda n, a: mpmath.psi(int(n), a), "hypot": mpmath.hypot,
    "sin": mpmath.sin, "cos": mpmath.cos, "tan": mpmath.tan, "asin": mpmath.asin,
    "acos": mpmath.acos, "atan": mpmath.atan, "atan2": mpmath.atan2, "sinh": mpmath.sinh,
    "cosh": mpmath.cosh, "asinh": mpmath.asinh, "acosh": mpmath.acosh, "atanh": mpmath.atanh,
}  # fmt: skip
"""Scalar instruction -> its meaning on mpmath numbers."""


def precise(body, args):
    """Evaluate a scalar expression with 50 digits; floats in it stand for what they are written as.

    That is how SymPy reads them too, so that 0.1 is one tenth on both sides.
    """

    def of_constant(value):
        return value if isinstance(value, bool) else mpmath.mpf(repr(value))

    return scalar.evaluate(body, args, of_constant, lambda i, ops, _: PRECISE[i.name](*ops))


ROWS = list(elementwise_ops())
each_row = pytest.mark.parametrize(
    ("op", "attrs"), ROWS, ids=lambda v: v.name if isinstance(v, ElementwiseOp) else str(dict(v))
)


def is_real(op, attrs):
    sorts = ["float64"] * len(op.input_names)
    if op.accepts == "select":
        sorts[0] = "bool"
    xs = tuple(gd.input("x", (), sort) for sort in sorts)
    return op.accepts not in ("bool", "integer") and op.infer(xs, dict(attrs))[1].is_float


REAL = [row for row in ROWS if is_real(*row)]
each_real_row = pytest.mark.parametrize(
    ("op", "attrs"), REAL, ids=lambda v: v.name if isinstance(v, ElementwiseOp) else str(dict(v))
)
each_target = pytest.mark.parametrize("target", TARGETS)


def points(op):
    """Return columns of arguments, away from kinks."""
    rng = np.random.default_rng(3)
    low, high = DOMAINS.get(op.name, (-2.0, 2.0))
    count = len(op.input_names)
    columns = [rng.uniform(low, high, POINTS) for _ in range(count)]
    if op.accepts == "bool" or op.accepts == "select":
        columns[0] = rng.random(POINTS) < 0.5
    if op.accepts == "integer":
        return [rng.integers(low, high, POINTS, endpoint=True) for _ in range(count)]
    if op.accepts == "bool":
        columns[1:] = [rng.random(POINTS) < 0.5 for _ in columns[1:]]
    for k, (least, end) in WHOLE.get(op.name, {}).items():
        columns[k] = rng.integers(least, end, POINTS).astype(float)
    return columns


def variables(op):
    """Return which inputs are real."""
    count = len(op.input_names)
    first = {"select": 1, "bool": count, "integer": count}.get(op.accepts, 0)
    return [k for k in range(first, count) if k not in WHOLE.get(op.name, {})]


def as_precise(column):
    return [bool(v) if isinstance(v, np.bool_) else mpmath.mpf(float(v)) for v in column]


@cache
def graph_of(op, attrs, dtype):
    """Return an op's value and, for real ones, both orders of its derivative, as one graph."""
    xs = [gd.input(f"x{k}", c.shape, dtype if c.dtype.kind == "f" else c.dtype)
          for k, c in enumerate(points(op))]  # fmt: skip
    y = op(*xs, **dict(attrs))
    outputs = {"value": y}
    if (op, attrs) in REAL:
        for k in variables(op):
            one = gd.ones(y.shape, dtype)
            (first,) = gd.vjp(y, xs[k], one)
            (second,) = gd.vjp(first, xs[k], one)
            outputs |= {f"first{k}": first, f"second{k}": second}
    return gd.Graph(outputs, name=f"row{ROWS.index((op, attrs))}_{dtype}", inputs=xs)


@cache
def module(target, dtype):
    """Compile the graphs of all rows at once."""
    graphs = [graph_of(op, attrs, dtype) for op, attrs in ROWS]
    return gd.compile(graphs, target=target, name=f"elementwise_{dtype}")


def run(target, op, attrs, dtype):
    graph = graph_of(op, attrs, dtype)
    pairs = zip(graph.inputs, points(op), strict=True)
    values = {x.name: c.astype(x.dtype.numpy) for x, c in pairs}
    if target == "interp":
        return gd.interpret(graph, values)
    return module(target, dtype).entries[graph.name](**values)


def expected(function, op):
    with mpmath.workdps(DIGITS):
        return [function(list(point)) for point in zip(*map(as_precise, points(op)), strict=True)]


def derived(op, attrs, operand, order):
    """Return a function that differentiates the scalar body by one input, at 50 digits."""
    body = op.body(attrs)

    def at(point):
        def along(v):
            return precise(body, [*point[:operand], v, *point[operand + 1 :]])

        return mpmath.diff(along, point[operand], order)

    return at


def test_every_instruction_has_a_precise_meaning():
    assert set(INSTRUCTIONS) - set(PRECISE) == {"cast"}


@each_target
@each_row
def test_value(target, op, attrs):
    for dtype, tolerance in (("float64", 5e-15), ("float32", 3e-6)):
        found = run(target, op, attrs, dtype)["value"]
        wanted = [float(v) for v in expected(lambda p: precise(op.body(attrs), p), op)]
        np.testing.assert_allclose(found.astype(float), wanted, rtol=tolerance, atol=tolerance)


@each_target
@each_real_row
def test_first_and_second_order(target, op, attrs):
    found = run(target, op, attrs, "float64")
    for operand in variables(op):
        for key, order, tolerance in (("first", 1, 1e-12), ("second", 2, 1e-10)):
            wanted = [float(v) for v in expected(derived(op, attrs, operand, order), op)]
            if op.name in CUT:
                wanted = [0.0] * POINTS
            scale = max(1.0, *map(abs, wanted))
            close = {"rtol": 0, "atol": tolerance * scale}
            np.testing.assert_allclose(found[f"{key}{operand}"], wanted, **close)


def as_sympy(value):
    return sp.sympify(value) if isinstance(value, bool) else sp.Float(str(value), DIGITS)


@each_real_row
def test_declared_derivative_is_that_of_sympy(op, attrs):
    if op.name in CUT:
        assert partials(op, attrs) == (None,)
        return
    symbols = [sp.Symbol(f"x{k}", real=True) for k in range(len(op.input_names))]
    if op.accepts == "select":
        symbols[0] = sp.Symbol("x0", bool=True)
    body = op.body(attrs)
    try:
        expression = scalar.to_sympy(body, symbols)
    except GraphError:
        pytest.fail(f"{op.name} has no SymPy form to check its derivative by")
    for operand in variables(op):
        partial = partials(op, attrs)[operand]
        derivative = sp.diff(expression, symbols[operand])

        def declared(point, partial=partial):
            if partial is None:
                return mpmath.mpf(0)
            return precise(partial, [*point, precise(body, point)])

        def by_sympy(point, derivative=derivative):
            known = dict(zip(symbols, map(as_sympy, point), strict=True))
            return mpmath.mpf(str(derivative.subs(known).doit().evalf(DIGITS)))

        pairs = zip(expected(declared, op), expected(by_sympy, op), strict=True)
        for mine, theirs in pairs:
            # float constants such as math.sqrt(0.5) are rounded once
            assert abs(mine - theirs) <= 1e-14 * max(1, abs(theirs))
