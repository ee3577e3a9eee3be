"""Integers and bools: every op that takes them, on all 8-bit values and the ends of each dtype.

Everything is derived from the registry: a new elementwise op is tested here without a line. In C a
dtype may lie in lanes that are wider than it is, so each op is compiled three times: alone, in a
kernel of 64-bit lanes, and in one whose lanes have several widths.
"""

import itertools
from functools import cache

import numpy as np
import pytest

import graphdl as gd
from graphdl.ir.errors import DTypeError
from tests.ops.cases import REFERENCES, VARIANTS, elementwise_ops

INTEGERS, FLOATS = ("uint8", "int32", "int64"), ("float32", "float64")
TAKES = {
    "number": INTEGERS, "value": ("bool", *INTEGERS), "integer": INTEGERS,
    "bool": ("bool", *INTEGERS, *FLOATS), "select": ("bool", *INTEGERS, *FLOATS),
}  # fmt: skip
"""What an op accepts -> the dtypes that it is tried on."""

RUNS = [("interp", "alone"), ("numpy", "alone"), ("c", "alone"), ("c", "wide"), ("c", "mixed")]
CASTS = list(itertools.product(TAKES["select"], repeat=2))
DIVISIONS = [gd.floor_divide, gd.mod, gd.fmod]


def cases():
    """Return (op, attributes, dtype) where integers, bools, or chosen values come out."""
    for op, attrs in elementwise_ops():
        for dtype in TAKES.get(op.accepts, ()):
            xs = [gd.input(f"x{k}", (), dtype) for k in range(len(op.input_names))]
            if dtype in FLOATS or not op(*xs, **dict(attrs)).dtype.is_float:
                yield op, attrs, dtype


CASES = list(cases())


def numbers(dtype):
    """Return all values of 8 bits, the ends of the dtype, and of floats what no integer holds."""
    if dtype == "bool":
        return np.array([False, True])
    if dtype == "uint8":
        return np.arange(256, dtype=np.uint8)
    if dtype in FLOATS:
        whole = np.array([*range(-300, 300), 2**31 - 1, 2**31, 2**32 + 5, 2**53, 2**62, 2**63])
        ends = [0.5, -0.5, -0.0, np.nan, np.inf, -np.inf, 3e9, -(2.0**31), -3e9, 1e30, -(2.0**63)]
        return np.concatenate([whole.astype(float), whole - 0.5, ends]).astype(dtype)
    info = np.iinfo(dtype)
    ends = [info.min, info.min + 1, info.max - 1, info.max]
    more = [2**31 - 1, 2**31, -(2**31), -(2**31) - 1, 2**32, 2**32 + 7] if dtype == "int64" else []
    return np.concatenate([np.arange(-128, 128), np.array(ends + more)]).astype(dtype)


def operands(op, dtype):
    """Return columns with all combinations."""
    values = numbers(dtype) if op.accepts != "select" or dtype == "bool" else numbers(dtype)[::9]
    kinds = [values] * len(op.input_names)
    if op.accepts == "select":
        kinds[0] = numbers("bool")
    return [column.ravel() for column in np.meshgrid(*kinds, indexing="ij")]


def within(lanes, y):
    """Put a value into a kernel of some width: as int64, or as int64 beside a float32."""
    if lanes == "alone":
        return y
    one = gd.input("one", (), "int64")
    wide = y.astype("int64") + one
    return wide if lanes == "wide" else gd.where(gd.input("half", ()) > 0.0, wide, one)


@cache
def graph_of(number, lanes):
    op, attrs, dtype = CASES[number]
    columns = operands(op, dtype)
    xs = [gd.input(f"x{k}", c.shape, c.dtype) for k, c in enumerate(columns)]
    return gd.Graph(within(lanes, op(*xs, **dict(attrs))), name=f"case{number}")


@cache
def graph_of_cast(number, lanes):
    source, target = CASTS[number]
    x = gd.input("x0", numbers(source).shape, source)
    return gd.Graph(within(lanes, gd.cast(x, target)), name=f"cast{number}")


@cache
def module(target, lanes):
    """Compile all graphs of a kind at once."""
    graphs = [graph_of(k, lanes) for k in range(len(CASES))]
    graphs += [graph_of_cast(k, lanes) for k in range(len(CASTS))]
    return gd.compile(graphs, target=target, name=f"integers_{lanes}")


def check(target, lanes, graph, columns, expected):
    """Run a graph and compare it exactly."""
    given = {"one": 1, "half": 0.5} | {f"x{k}": c for k, c in enumerate(columns)}
    values = {i.name: given[i.name] for i in graph.inputs}
    if target == "interp":
        found = gd.interpret(graph, values)["out"]
    else:
        found = module(target, lanes).entries[graph.name](**values)["out"]
    if lanes != "alone":
        expected = expected.astype(np.int64) + 1
    np.testing.assert_array_equal(found, expected, strict=True)


each_run = pytest.mark.parametrize(("target", "lanes"), RUNS, ids=["-".join(r) for r in RUNS])


@each_run
@pytest.mark.parametrize("number", range(len(CASES)), ids=lambda k: f"{CASES[k][0].name}-{k}")
def test_every_op_on_integers_is_numpys(target, lanes, number):
    op, attrs, dtype = CASES[number]
    columns = operands(op, dtype)
    given = {k: v for k, v in attrs if k in {n for v in VARIANTS.get(op.name, []) for n in v}}
    with np.errstate(all="ignore"):
        expected = np.asarray(REFERENCES[op.name](*columns, **given))
        check(target, lanes, graph_of(number, lanes), columns, documented(expected, lanes))


def documented(x, lanes):
    """Return floats as the integers they become where a kernel's lanes are under test."""
    return as_integers(x, "int64") if lanes != "alone" and x.dtype.kind == "f" else x


def as_integers(x, dtype):
    """Return floats rounded toward zero; the least integer where they don't fit."""
    kind = np.int64 if dtype == "int64" else np.int32
    least = float(np.iinfo(kind).min)
    fits = (np.trunc(x) >= least) & (np.trunc(x) < -least)
    return np.where(fits, np.where(fits, x, 0).astype(kind), np.iinfo(kind).min).astype(dtype)


@each_run
@pytest.mark.parametrize("number", range(len(CASTS)), ids=lambda k: "-".join(CASTS[k]))
def test_casts(target, lanes, number):
    source, dtype = CASTS[number]
    x = numbers(source)
    with np.errstate(all="ignore"):
        truncated = source in FLOATS and dtype in INTEGERS
        expected = as_integers(x, dtype) if truncated else x.astype(dtype)
        check(target, lanes, graph_of_cast(number, lanes), [x], documented(expected, lanes))


@pytest.mark.parametrize("op", dict.fromkeys(op for op, _, _ in CASES), ids=lambda op: op.name)
def test_what_an_op_does_not_take_is_refused(op):
    refused = {"number": ["bool"], "integer": ["bool", *FLOATS]}.get(op.accepts, [])
    for dtype in refused:
        with pytest.raises(DTypeError, match=f"{op.name} does not take {dtype}[^§]*cast first"):
            op(*(gd.input(k, (), dtype) for k in op.input_names), **dict.fromkeys(op.defaults, 2))


@pytest.mark.parametrize(
    "build", [lambda x: x + 256, lambda x: -1 - x, lambda x: x > 300, lambda x: x & -1]
)
def test_numbers_that_do_not_fit_are_refused(build):
    with pytest.raises(DTypeError, match="does not fit uint8"):
        build(gd.input("x", (3,), "uint8"))


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("op", DIVISIONS, ids=lambda op: op.name)
@pytest.mark.parametrize("target", ["interp", "numpy", "c"])
def test_division_of_floats_is_numpys_to_the_bit(target, op, dtype):
    info, rng = np.finfo(dtype), np.random.default_rng(0)
    edges = [0.0, 0.1, 0.3, 1.0, 1.5, 2.0, 3.0, 7.5, 1e10, np.inf, np.nan, info.max, info.tiny]
    edges += [float(info.smallest_subnormal), float(np.nextafter(info.dtype.type(3), 4))]
    some = np.concatenate([edges, np.negative(edges), rng.normal(0, 9, 40), rng.integers(-9, 9, 9)])
    a, b = (m.ravel() for m in np.meshgrid(some.astype(dtype), some.astype(dtype)))
    x, y = gd.input("x", a.shape, dtype), gd.input("y", b.shape, dtype)
    graph = gd.Graph(op(x, y), name="division")
    with np.errstate(all="ignore"):
        expected = REFERENCES[op.name](a, b)
    if target == "interp":
        found = gd.interpret(graph, {"x": a, "y": b})["out"]
    else:
        found = gd.compile(graph, target=target).division(x=a, y=b)["out"]
    np.testing.assert_array_equal(found, expected, strict=True)
    real = ~np.isnan(expected)
    np.testing.assert_array_equal(np.signbit(found[real]), np.signbit(expected[real]))


@pytest.mark.parametrize("target", ["interp", "numpy", "c"])
def test_reciprocal_powers_do_not_wrap(target):
    x = np.array([8, 200, 3], np.uint8)
    graph = gd.Graph(gd.integer_power(gd.input("x", x.shape, "uint8"), n=-3), name="power")
    found = gd.compile(graph, target=target).power(x=x)["out"]
    np.testing.assert_allclose(found, x.astype(float) ** -3, rtol=1e-6, strict=False)


def test_absolute_value_of_a_negative_byte():
    x = gd.input("x", (3,), "uint8")
    given = np.array([0, 1, 200], np.uint8)
    found = gd.compile(gd.Graph(abs(-x), name="f"), target="numpy").f(x=given)["out"]
    np.testing.assert_array_equal(found, -given)
