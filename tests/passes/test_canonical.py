"""Canonical form: operands in another order are no other value."""

from __future__ import annotations

import pytest

import graphdl as gd
from graphdl.passes.canonical import canonical
from tests.passes.support import assert_idempotent, assert_same_bits, edge_pairs, op_names

X, Y = gd.input("x", ("N",)), gd.input("y", ("N",))
C, D = X > 0.0, Y > 0.0

ONE = {
    "add": (X + Y, Y + X),
    "multiply": (X * Y, Y * X),
    "equal": (gd.equal(X, Y), gd.equal(Y, X)),
    "not_equal": (gd.not_equal(X, Y), gd.not_equal(Y, X)),
    "and": (C & D, D & C),
    "or": (C | D, D | C),
    "xor": (C ^ D, D ^ C),
    "greater": (X > Y, Y < X),
    "less_equal": (X <= Y, Y >= X),
    "deep": (gd.exp(X + Y) * (X * Y), (Y * X) * gd.exp(Y + X)),
}
TWO = {
    "subtract": (X - Y, Y - X),
    "divide": (X / Y, Y / X),
    "maximum": (gd.maximum(X, Y), gd.maximum(Y, X)),
    "less": (X < Y, Y < X),
    "less or equal": (X < Y, Y >= X),
    "where": (gd.where(C, X, Y), gd.where(C, Y, X)),
}


def _check(pair: tuple[gd.ir.node.Node, gd.ir.node.Node]) -> gd.Graph:
    graph = gd.Graph(list(pair), inputs=[X, Y])
    after = assert_idempotent(canonical, graph)
    assert_same_bits(graph, after, dict(zip("xy", edge_pairs(), strict=True)))
    return after


@pytest.mark.parametrize("name", ONE)
def test_one_value(name: str) -> None:
    after = _check(ONE[name])
    assert after.outputs["out0"] is after.outputs["out1"]


@pytest.mark.parametrize("name", TWO)
def test_two_values(name: str) -> None:
    after = _check(TWO[name])
    assert after.outputs["out0"] is not after.outputs["out1"]


def test_the_first_stays_as_written() -> None:
    after = _check((Y > X, (X < Y) | (X < Y)))
    assert op_names(after) == ["greater", "logical_or"]


def test_both_origins_are_kept() -> None:
    with gd.scope("a"):
        first = X + Y
    with gd.scope("b"):
        second = Y + X
    after = canonical(gd.Graph([first, second]))
    assert [o.scope for o in after.outputs["out0"].origins] == ["a", "b"]
