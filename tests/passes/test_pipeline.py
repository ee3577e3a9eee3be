"""The whole pipeline: networks with gradients, random graphs, traces, debug flags, long graphs."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import graphdl as gd
from graphdl import env
from graphdl.ir.errors import GraphError, PassError
from graphdl.ir.graph import Graph
from graphdl.ir.node import Node
from graphdl.ir.rewrites import REWRITES, Rewrite
from graphdl.ir.text import to_text
from graphdl.passes.canonical import canonical
from graphdl.passes.fold import fold
from graphdl.passes.pipeline import PIPELINE, Pass, Trace, rewrite, run
from graphdl.passes.rewriting import rewritten
from graphdl.passes.simplify import simplify
from graphdl.passes.views import views
from tests.passes.support import assert_idempotent, assert_same_bits, evaluated, values_of


def _mlp_loss() -> Node:
    generator = np.random.default_rng(1)
    x, label = gd.input("x", ("N", 5)), gd.input("label", ("N",), "int32")
    w = gd.param("w", init=generator.normal(size=(5, 7)).astype(np.float32))
    b = gd.param("b", init=np.zeros(7, np.float32))
    v = gd.param("v", init=generator.normal(size=(7, 3)).astype(np.float32))
    logits = gd.tanh(x @ w + b) @ v
    picked = gd.take_along_axis(gd.log_softmax(logits), gd.expand_dims(label, 1), 1)
    return -gd.mean(picked)


def _second_order(loss: Node) -> Graph:
    params = Graph(loss).params
    tangents = [gd.input(f"t_{p.name}", p.shape) for p in params]
    return Graph(gd.hvp(loss, params, tangents))


NETWORKS: dict[str, Callable[[], Graph]] = {
    "forward": lambda: Graph(_mlp_loss()),
    "backward": lambda: gd.backward_graph(_mlp_loss()),
    "second order": lambda: _second_order(_mlp_loss()),
}


def _values(graph: Graph) -> dict[str, np.ndarray]:
    values = values_of(graph, N=4)
    values["label"] = np.array([0, 2, 1, 1], "int32")
    return values


@pytest.mark.parametrize("name", NETWORKS)
def test_networks_keep_their_values(name: str) -> None:
    graph = NETWORKS[name]()
    after = run(graph)
    old, new = evaluated(graph, _values(graph)), evaluated(after, _values(graph))
    for key, value in old.items():
        np.testing.assert_allclose(new[key], value, rtol=2e-5, atol=1e-6)


@pytest.mark.parametrize("name", NETWORKS)
def test_exact_passes_keep_every_bit(name: str) -> None:
    graph = _opened(NETWORKS[name]())
    for step in (fold, simplify, canonical, rewrite):
        assert_same_bits(graph, assert_idempotent(step, graph), _values(graph))


@pytest.mark.parametrize("name", NETWORKS)
def test_running_twice_changes_nothing(name: str) -> None:
    once = run(NETWORKS[name]())
    trace = Trace()
    assert run(once, trace=trace) is once, str(trace)


def test_backward_graph_has_what_is_needed_only() -> None:
    after = run(gd.backward_graph(_mlp_loss()))
    assert len(after.nodes) <= len(_opened(gd.backward_graph(_mlp_loss())).nodes)
    assert sum(n.op.kind == "contract" for n in after.nodes) == 5


def test_golden_before_and_after() -> None:
    x, w = gd.input("x", ("N", 3)), gd.input("w", (2, 3))
    h = gd.relu(x @ w.T)
    loss = gd.sum(gd.stop_gradient(h) * 1.0 - (-h))
    after = run(Graph({"loss": loss}, name="golden"))
    assert to_text(after).splitlines() == [
        "graph golden {",
        "  %x = input : float32(N, 3)",
        "  %w = input : float32(2, 3)",
        '  %0 = contract[spec="ik,jk->ij"](%x, %w) : float32(N, 2)',
        "  %1 = relu(%0) : float32(N, 2)",
        "  %2 = add(%1, %1) : float32(N, 2)",
        "  %3 = sum[axes=(0, 1)](%2) : float32()",
        "  inputs %x, %w",
        "  output loss = %3",
        "}",
    ]


def test_updates_and_names_stay() -> None:
    w = gd.param("w", (2,))
    unused = gd.input("unused", ("N",))
    graph = Graph(
        {"a": w + -0.0, "b": w * 1.0}, updates={w: w - 0.0 * w}, name="step", inputs=[unused]
    )
    after = run(graph)
    assert after.name == "step"
    assert list(after.outputs) == ["a", "b"]
    assert after.outputs["a"] is after.outputs["b"] is w
    assert after.inputs == (unused,)
    assert after.state == (w,)
    assert list(after.updates) == [w]


# Random graphs: whole numbers, so that every order of summation gives the same bits.

_UNARY: list[Callable[[Node], Node]] = [
    lambda a: -a, lambda a: abs(a), lambda a: gd.stop_gradient(a), lambda a: a * 1.0,
    lambda a: a.T, lambda a: gd.relu(a), lambda a: gd.flip(a, 0), lambda a: a / -2.0,
    lambda a: a.reshape(-1).reshape(3, 3), lambda a: a * a, lambda a: gd.minimum(a, np.inf),
    lambda a: gd.broadcast_to(gd.sum(a, 0), (3, 3)), lambda a: gd.concat([a, a])[3:],
    lambda a: gd.pad(a, 1)[1:4, 1:4], lambda a: gd.max(a, 1, keepdims=True) + a,
    lambda a: a[:, 1:2] + a[1], lambda a: gd.sum(a.T, 1) - a, lambda a: a - -0.0,
    lambda a: gd.cast(gd.cast(a, "float64"), "float32"),
]  # fmt: skip
_BINARY: list[Callable[[Node, Node], Node]] = [
    lambda a, b: a + b, lambda a, b: b - a, lambda a, b: a * b, lambda a, b: gd.maximum(a, b),
    lambda a, b: a.T @ b, lambda a, b: gd.where(~(a > b), a, b), lambda a, b: (a @ b).T,
    lambda a, b: gd.einsum("ij,kj->ki", a, b), lambda a, b: a + -b, lambda a, b: -a * b,
    lambda a, b: gd.where(gd.equal(a, b), a, a), lambda a, b: gd.broadcast_to(a[0], (3, 3)) * b,
]  # fmt: skip


@st.composite
def _graphs(draw: st.DrawFn) -> Graph:
    nodes: list[Node] = [gd.input("x", (3, 3)), gd.input("y", (3, 3)), gd.constant(np.eye(3) * 2.0)]
    nodes[2] = nodes[2].astype("float32")
    for _ in range(draw(st.integers(1, 14))):
        if draw(st.booleans()):
            made = draw(st.sampled_from(_UNARY))(draw(st.sampled_from(nodes)))
        else:
            pair = draw(st.tuples(st.sampled_from(nodes), st.sampled_from(nodes)))
            made = draw(st.sampled_from(_BINARY))(*pair)
        nodes.append(gd.clip(made, -9.0, 9.0) if draw(st.booleans()) else made)
    return Graph(nodes[-2:])


@given(_graphs(), st.integers(0, 1000))
@settings(max_examples=150)
def test_random_graphs_keep_every_bit(graph: Graph, seed: int) -> None:
    values = values_of(graph, seed)
    for step in (fold, simplify, canonical, views, rewrite):
        assert_same_bits(graph, assert_idempotent(step, graph), values)
    assert_same_bits(graph, run(graph), values)


def test_trace_tells_what_happened() -> None:
    x = gd.input("x", (3,))
    trace = Trace()
    run(Graph(gd.log(gd.softmax(gd.negative(-x)))), trace=trace)
    assert [e.name for e in trace.entries] == [p.name for p in PIPELINE]
    text = str(trace)
    assert "1 × stabilise: log(softmax(x)) → log_softmax(x)" in text
    assert "1 × simplify: −(−x) → x" in text
    assert "1 × expand: composite → its expansion" in text


def test_debug_flags(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    graph = Graph(gd.negative(-gd.exp(gd.input("x", (3,)))), name="a/b")
    shown = []
    for level in ("", "1", "2", "3"):
        monkeypatch.setenv("GRAPHDL_DEBUG", level)
        run(graph)
        shown.append(capsys.readouterr().err)
    assert shown[0] == ""
    assert "graphdl: a/b: dce: 2 → 2 nodes" in shown[1]
    assert "−(−x) → x" in shown[2]
    assert "−(−x) → x" not in shown[1]
    assert "graph a/b" in shown[3] or "exp(%x)" in shown[3]
    monkeypatch.setenv("GRAPHDL_DEBUG", "no number")
    assert env.debug() == 0
    monkeypatch.setenv("GRAPHDL_DUMP", str(tmp_path / "dump"))
    run(graph, dot=lambda g: f"digraph {{ {len(g.nodes)} }}")
    names = sorted(p.name for p in (tmp_path / "dump").iterdir())
    assert len(names) == 2 * (len(PIPELINE) + 1)
    assert names[:2] == ["a_b.0-built.dot", "a_b.0-built.txt"]


def test_a_pass_may_not_change_the_signature() -> None:
    x = gd.input("x", (3,))
    bad = Pass("bad", "clean", lambda graph, fired: Graph({"out": gd.cast(x, "float64")}))
    with pytest.raises(PassError, match="changed the signature"):
        run(Graph(gd.exp(x)), [bad])


def test_a_rule_may_not_change_the_shape_or_go_on_for_ever() -> None:
    x = gd.input("x", (3,))
    bad = Rewrite("test", "bad", ("exp",), "bad", lambda node: gd.sum(node.inputs[0]))
    with pytest.raises(GraphError, match="made"):
        rewritten(Graph(gd.exp(x)), [bad])
    growing = Rewrite(
        "test", "growing", ("exp",), "grow", lambda node: gd.exp(node.inputs[0] + 1.0)
    )
    with pytest.raises(GraphError, match="do not come to an end"):
        rewritten(Graph(gd.exp(x)), [growing])
    circular = Rewrite("test", "circular", ("exp",), "wrap", lambda node: -gd.tanh(node))
    with pytest.raises(GraphError, match="in circles"):
        rewritten(Graph(gd.exp(x)), [circular])


def test_every_rule_has_its_math_and_a_unique_name() -> None:
    rules = [rule for stage in ("simplify", "views", "stabilise") for rule in REWRITES[stage]]
    assert len({rule.name for rule in rules}) == len(rules)
    assert len({rule.math for rule in rules}) == len(rules)
    assert all("→" in rule.math and rule.roots for rule in rules)


def test_long_graphs_within_the_default_recursion_limit() -> None:
    limit, length = sys.getrecursionlimit(), 17_000
    x = gd.input("x", ("N",))
    node = x
    for k in range(length // 2):
        node = gd.tanh(node) + (-x if k % 2 else x)
    (gradient,) = gd.grad(gd.sum(node), x)
    graph = Graph([node, gradient])
    trace = Trace()
    after = run(graph, trace=trace)
    assert sum(sum(e.fired.values()) for e in trace.entries) <= len(graph.nodes)
    assert len(after.nodes) <= len(graph.nodes)
    assert sys.getrecursionlimit() == limit


def test_shared_paths_are_walked_once() -> None:
    node = gd.input("x", ())
    for _ in range(60):
        node = node + node * 1.0
    after = run(Graph(node))
    assert len(after.nodes) == 61


def _opened(graph: Graph) -> Graph:
    return run(graph, [p for p in PIPELINE if p.name == "expand"])
