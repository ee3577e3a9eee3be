"""Expansion of composites, and dead code."""

from __future__ import annotations

import pytest

import graphdl as gd
from graphdl.ir.kinds import CompositeOp
from graphdl.passes.dce import dce
from graphdl.passes.expand import expand
from tests.passes.support import assert_idempotent, assert_same_bits, values_of

X = gd.input("x", ("N", 4))
LABEL = gd.input("label", ("N",), "int32")

_twice = CompositeOp("test_twice", lambda x: gd.log_softmax(gd.log_softmax(x)))
_outer = CompositeOp("test_outer", lambda x: gd.tanh(_twice(gd.exp(x))))
_pair = CompositeOp("test_pair", lambda x: (gd.exp(gd.softmax(x)), gd.logsumexp(x, axis=1)))

GRAPHS = {
    "softmax": gd.Graph(gd.softmax(X)),
    "nested": gd.Graph(_twice(X)),
    "nested twice": gd.Graph(_outer(X)),
    "two outputs": gd.Graph(list(_pair(X))),
    "one of two outputs": gd.Graph(_pair(X)[1]),
    "stacked": gd.Graph(gd.softmax(gd.softmax(X) + gd.softmax(gd.softmax(X)))),
    "gradient": gd.Graph(gd.grad(gd.sum(_twice(X) * gd.one_hot(LABEL, 4)), X)[0]),
}


@pytest.mark.parametrize("name", GRAPHS)
def test_expanded(name: str) -> None:
    graph = GRAPHS[name]
    after = assert_idempotent(expand, graph)
    assert not any(n.op.kind == "composite" for n in after.nodes)
    assert_same_bits(graph, after, values_of(graph, N=3))


def test_shared_parts_are_opened_once() -> None:
    after = expand(gd.Graph(list(_pair(X))))
    assert [n.op.name for n in after.nodes].count("max") == 1


def test_inside_has_the_scope_and_line_of_outside() -> None:
    with gd.scope("head"):
        graph = gd.Graph(_outer(X))
    scopes = {n.origins[0].scope for n in expand(graph).nodes if n.inputs}
    assert scopes == {"head/test_outer", "head/test_outer/test_twice/log_softmax"}
    assert {n.origins[0].file for n in expand(graph).nodes} == {__file__}


def test_a_long_chain_of_composites() -> None:
    node = X
    for _ in range(2000):
        node = gd.softmax(node)
    after = expand(gd.Graph(node))
    assert len(after.nodes) == 1 + 2000 * 8


def test_idle_updates_go() -> None:
    a, b = gd.state("a", ()), gd.state("b", ())
    graph = gd.Graph(a + 1.0, updates={a: a, b: b})
    after = assert_idempotent(dce, graph)
    assert [s.name for s in after.state] == [s.name for s in graph.state] == ["a", "b"]
    assert [s.name for s in after.updates] == ["b"]


def test_other_updates_stay() -> None:
    a = gd.state("a", ())
    graph = gd.Graph(a + 1.0, updates={a: a + 2.0})
    assert dce(graph) is graph
