"""Views cancel or are absorbed: each rule, and what may not be touched."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

import graphdl as gd
from graphdl.ir.node import make
from graphdl.passes.views import RULES, axes_map, permutation, views
from tests.passes.support import assert_idempotent, assert_same_bits, op_names, values_of

X = gd.input("x", (3, 4))
A = gd.input("a", (2, 3, 4))
Y = gd.input("y", (3, 5))
Z = gd.input("z", ("N", 4))
W = gd.input("w", (4, 4))
V = gd.input("v", (4,))
ONE = gd.input("one", (1,))
B = gd.input("b", (2, 1, 4))
T = gd.transpose

CASES = {
    "transpose twice": (X.T.T, []),
    "orders compose": (T(T(A, (2, 0, 1)), (2, 1, 0)), ["transpose"]),
    "only ones move": (T(B, (1, 0, 2)), ["reshape"]),
    "reshape twice": (X.reshape(12).reshape(2, 6), ["reshape"]),
    "reshape back": (X.reshape(12).reshape(3, 4), []),
    "symbolic reshape back": (Z.reshape(-1).reshape("N", 4), []),
    "broadcast twice": (
        gd.broadcast_to(gd.broadcast_to(V, (3, 4)), (2, 3, 4)), ["broadcast_to"],
    ),
    "broadcast of axes in front": (
        gd.broadcast_to(gd.expand_dims(V, 0), (3, 4)), ["broadcast_to"],
    ),
    "view of one element": (
        gd.broadcast_to(ONE, (3, 4)).T.reshape(6, 2), ["broadcast_to"],
    ),
    "slice of slice": (X[1:][:, ::2][1:, 1:], ["slice"]),
    "slice of full": (gd.flip(gd.flip(X)), []),
    "four quarter turns": (gd.rot90(gd.rot90(gd.rot90(gd.rot90(X)))), []),
    "slice of an order": (X.T[1:].T, ["slice"]),
    "slice of everything": (
        make(X[1:].op, [X], starts=(0, 0), steps=(1, 1), sizes=(3, 4)), [],
    ),
    "slice of piece": (gd.concat([X, Y], 1)[:, 4:], []),
    "slice of padded": (gd.pad(X, ((1, 2), (0, 1)))[1:4, :4], []),
    "implied broadcast": (gd.broadcast_to(V, (3, 4)) + X, ["add"]),
    "implied axis": (gd.expand_dims(V, 0) * X, ["multiply"]),
    "shared order": (gd.exp(X.T).T, ["exp"]),
    "shared by two": (
        gd.maximum(X.T, gd.tanh(X).T) * 2.0, ["tanh", "maximum", "multiply", "transpose"],
    ),
    "shared repetition": (gd.exp(gd.broadcast_to(V, (3, 4))), ["exp", "broadcast_to"]),
    "transposed left": (X.T @ Y, ["contract"]),
    "transposed right": (Z @ X.T, ["contract"]),
    "transposed result": ((X.T @ Y).T, ["contract"]),
    "elementwise between": (gd.relu(X.T) @ Y, ["relu", "contract"]),
    "repeated operand": (
        gd.einsum("bij,bjk->bik", gd.broadcast_to(W, (2, 4, 4)), B.reshape(2, 4, 1)),
        ["reshape", "contract", "reshape"],
    ),
    "repeated in result": (
        gd.einsum("bij,jk->bik", gd.broadcast_to(W, (2, 4, 4)), W),
        ["contract", "broadcast_to"],
    ),
    "axis of size one": (
        gd.einsum("aij,jk->aik", gd.expand_dims(W, 0), W), ["contract", "reshape"],
    ),
    "max in other order": (gd.max(X.T, 1), ["max"]),
    "all in other order": (gd.sum(X.T, 0), ["sum"]),
}  # fmt: skip

UNTOUCHED = {
    "a reshape that merges": X.reshape(12),
    "a slice": X[1:],
    "a diagonal": gd.diagonal(W),
    "elementwise on a diagonal": gd.exp(gd.diagonal(W)),
    "a product with a diagonal": gd.einsum("i,ij->j", gd.diagonal(W), W),
    "elementwise on a slice": gd.exp(X[1:]),
    "a repeated operand that is summed": gd.broadcast_to(ONE, (3, 4)) @ W,
    "a slice across pieces": gd.concat([X, Y], 1)[:, 3:],
    "two orders": X.T + W[:, :3],
    "a sum over two axes of a transpose": gd.sum(gd.transpose(B * 2.0, (2, 1, 0)), (0, 2)),
}  # fmt: skip


def _check(node: gd.ir.node.Node) -> gd.Graph:
    graph = gd.Graph({"out": node})
    after = assert_idempotent(views, graph)
    assert_same_bits(graph, after, values_of(graph, N=3))
    return after


@pytest.mark.parametrize("name", CASES)
def test_rule(name: str) -> None:
    node, left = CASES[name]
    after = _check(node)
    assert op_names(after) == left


@pytest.mark.parametrize("name", UNTOUCHED)
def test_untouched(name: str) -> None:
    node = UNTOUCHED[name]
    assert op_names(_check(node)) == op_names(gd.Graph(node))


def test_every_rule_is_tried() -> None:
    fired: Counter[str] = Counter()
    for node, _ in CASES.values():
        views(gd.Graph(node), fired)
    assert {f"views: {rule.math}" for rule in RULES} <= set(fired)
    assert all(rule.exact for rule in RULES)


def test_a_result_read_twice_is_not_computed_twice() -> None:
    product = X.T @ Y
    after = _check(gd.sum(product.T) + gd.sum(product))
    assert op_names(after).count("contract") == 1


def test_axes_map() -> None:
    assert axes_map(X.T) == (1, 0)
    assert permutation(T(B, (2, 0, 1))) == (1, 2, 0)
    assert axes_map(gd.broadcast_to(V, (3, 4))) == (1,)
    assert axes_map(gd.broadcast_to(B, (2, 3, 4))) == (0, None, 2)
    assert axes_map(gd.expand_dims(X, 1)) == (0, 2)
    assert axes_map(X.reshape(12)) is None
    assert axes_map(X[1:]) is None
    assert axes_map(gd.flip(X)) is None
    assert axes_map(gd.diagonal(W)) is None
    assert axes_map(X) is None


def test_second_order_of_a_network_keeps_its_values() -> None:
    x, w = gd.input("x", (3, 4)), gd.param("w", (4, 2), init=np.ones((4, 2)))
    (h,) = gd.hvp(gd.sum((x @ w) ** 3), w, gd.param("t", (4, 2)))
    graph = gd.Graph(h)
    assert_same_bits(graph, views(graph), values_of(graph))
