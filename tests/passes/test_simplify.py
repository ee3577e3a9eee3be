"""Algebraic simplification: each rule, at edge values, bit for bit."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

import graphdl as gd
from graphdl.ir.rewrites import REWRITES
from graphdl.passes.simplify import RULES, simplify
from tests.passes.support import assert_idempotent, assert_same_bits, edge_pairs, op_names

X, Y = gd.input("x", ("N",)), gd.input("y", ("N",))
C = X > Y
FLOAT32 = gd.ir.dtypes.float32
K, L = gd.input("i", ("N",), "int32"), gd.input("j", ("N",), "int32")

# What is written, and the ops that are left of it.
CASES = {
    "add nothing": (X + -0.0, []),
    "nothing added": (-0.0 + X, []),
    "add integer nothing": (K + 0, []),
    "add negated": (X + -Y, ["subtract"]),
    "negated added": (-X + Y, ["subtract"]),
    "subtract nothing": (X - 0.0, []),
    "subtract integer nothing": (K - 0, []),
    "subtract from nothing": (-0.0 - X, ["negative"]),
    "subtract from integer nothing": (0 - K, ["negative"]),
    "subtract negated": (X - -Y, ["add"]),
    "times one": (1.0 * X, []),
    "times one integer": (K * 1, []),
    "times minus one": (X * -1.0, ["negative"]),
    "over one": (X / 1.0, []),
    "over minus one": (X / -1.0, ["negative"]),
    "over two": (X / 2.0, ["multiply"]),
    "over a small power of two": (X / 2.0**-126, ["multiply"]),
    "over a large power of two": (X / -(2.0**127), ["multiply"]),
    "signs cancel": (-X * -Y, ["multiply"]),
    "signs of quotient cancel": (-X / -Y, ["divide"]),
    "sign outside": (gd.abs(-X * Y), ["multiply", "abs"]),
    "sign of divisor": (-(X / -Y), ["divide"]),
    "sign into number": (-(X * 3.0), ["multiply"]),
    "sign into number, quotient": (-(3.0 / X), ["divide"]),
    "number takes sign": (-X * 3.0, ["multiply"]),
    "negated twice": (gd.negative(-X), []),
    "integer negated twice": (gd.negative(-K), []),
    "absolute of negated": (gd.abs(-X), ["abs"]),
    "absolute twice": (gd.abs(gd.abs(X)), ["abs"]),
    "maximum of one": (gd.maximum(X, X), []),
    "minimum of one": (gd.minimum(X, X), []),
    "maximum with -inf": (gd.maximum(X, -np.inf), []),
    "minimum with inf": (gd.minimum(np.inf, X), []),
    "and of one": (C & C, ["greater"]),
    "or of one": (C | C, ["greater"]),
    "and true": (C & True, ["greater"]),
    "or false": (C | False, ["greater"]),
    "and false": (C & False, ["broadcast_to"]),
    "or true": (C | True, ["broadcast_to"]),
    "xor true": (C ^ True, ["greater", "logical_not"]),
    "xor false": (C ^ False, ["greater"]),
    "not not": (~~C, ["greater"]),
    "not equal": (~gd.equal(X, Y), ["not_equal"]),
    "not unequal": (~gd.not_equal(X, Y), ["equal"]),
    "where true": (gd.where(True, X, Y), []),
    "where false": (gd.where(False, X, Y), []),
    "where equal": (gd.where(C, X, X), []),
    "where not": (gd.where(~C, X, Y), ["greater", "where"]),
    "where where": (gd.where(C, gd.where(C, X, Y), 2.0), ["greater", "where"]),
    "where else where": (gd.where(C, 2.0, gd.where(C, X, Y)), ["greater", "where"]),
    "cast to same": (gd.ir.node.make(gd.cast(K, "int64").op, [X], dtype=FLOAT32), []),
    "cast twice": (gd.cast(gd.cast(K, "int64"), "int32"), []),
    "cast by way of more": (gd.cast(gd.cast(X, "float64"), "float32"), []),
    "cast bool on": (gd.cast(gd.cast(C, "int32"), "float32"), ["greater", "cast"]),
    "stop_gradient": (gd.stop_gradient(X), []),
    "power one": (X**1, []),
    "power nothing": (X**0, ["broadcast_to"]),
    "max of size one": (gd.max(gd.expand_dims(X, 1), 1), ["reshape", "reshape"]),
    "pad by nothing": (gd.pad(X, 0), []),
    "scalar broadcast": (gd.where(True, 1.0, X), ["broadcast_to"]),
}

# What looks like algebra, but isn't for floats: all stays as it is.
UNTOUCHED = {
    "times zero": X * 0.0,
    "add zero": X + 0.0,
    "subtract minus zero": X - -0.0,
    "x minus x": X - X,
    "x over x": X / X,
    "zero minus x": 0.0 - X,
    "minus difference": -(X - Y),
    "minus sum": -X - Y,
    "over three": X / 3.0,
    "over a power of two too small": X / 2.0**-149,
    "not less": ~(X < Y),
    "lossy cast": gd.cast(gd.cast(X, "int32"), "float32"),
    "lossy cast of long": gd.cast(gd.cast(gd.cast(K, "int64") * 3, "float64"), "int64"),
    "minimum with -inf": gd.minimum(X, -np.inf),
    "maximum with zero": gd.maximum(X, 0.0),
}  # fmt: skip


def _values() -> dict[str, np.ndarray]:
    x, y = edge_pairs()
    whole = np.array([0, 1, -1, 2**31 - 1, -(2**31), 12345], "int32")
    return {
        "x": x, "y": y, "i": np.resize(whole, x.size), "j": np.resize(whole[::-1], x.size)
    }  # fmt: skip


def _check(node: object) -> gd.Graph:
    graph = gd.Graph({"out": node}, inputs=[X, Y, K, L])
    after = assert_idempotent(simplify, graph)
    assert_same_bits(graph, after, _values())
    return after


@pytest.mark.parametrize("name", CASES)
def test_rule(name: str) -> None:
    node, left = CASES[name]
    assert op_names(_check(node)) == left


@pytest.mark.parametrize("name", UNTOUCHED)
def test_untouched(name: str) -> None:
    node = UNTOUCHED[name]
    assert op_names(_check(node)) == op_names(gd.Graph(node))


def test_every_rule_is_tried() -> None:
    fired: Counter[str] = Counter()
    for node, _ in CASES.values():
        simplify(gd.Graph(node), fired)
    assert {f"simplify: {rule.math}" for rule in RULES} == set(fired)


def test_rules_are_documented_and_exact() -> None:
    assert RULES is REWRITES["simplify"]
    assert all(rule.exact and "→" in rule.math for rule in RULES)


def test_shapes_and_dtypes_stay() -> None:
    one = gd.constant(np.ones((3, 1), np.float32))
    graph = gd.Graph(gd.input("x", (4,)) * gd.broadcast_to(gd.constant(1.0), (3, 4)) + one)
    assert simplify(graph).outputs["out"].shape == (3, 4)
    wide = gd.Graph(gd.input("x", (4,)) * gd.constant(1.0, "float64"))
    assert simplify(wide).outputs["out"].dtype is gd.ir.dtypes.float64


def test_origins_are_carried_over() -> None:
    x = gd.input("x", (3,))
    with gd.scope("inner"):
        y = gd.exp(x)
    with gd.scope("outer"):
        z = y * 1.0
        w = -y + x
    after = simplify(gd.Graph([z, w]))
    assert [o.scope for o in after.outputs["out0"].origins] == ["inner", "outer"]
    assert {o.scope for o in after.outputs["out1"].origins} == {"outer"}
    assert after.outputs["out1"].origins[0].file == __file__


def test_a_long_chain_collapses() -> None:
    x = gd.input("x", (2,))
    node = x
    for _ in range(50_000):
        node = -node
    assert simplify(gd.Graph(node)).nodes == (x,)
