"""GRAPHDL_VALIDATE: planted mistakes in rules, passes and code generation are found and named."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest

import graphdl as gd
from graphdl import losses, nn, optim
from graphdl.codegen.lower import lower as lowering
from graphdl.ir.errors import PassError
from graphdl.ir.graph import Graph
from graphdl.ir.leaves import constant
from graphdl.ir.node import Node, make, operators
from graphdl.ir.rewrites import REWRITES, Rewrite, is_number, operands_of
from graphdl.passes import canonical, fold, pipeline, views
from graphdl.passes.pipeline import PIPELINE, Pass, run
from graphdl.passes.rewriting import Rewriter, rewritten
from graphdl.validation import Validator
from graphdl.validation.points import points

X, Y = gd.input("x", ("N", 3)), gd.input("y", ("N", 3))
W = gd.param("w", (3, 4), init=np.arange(12.0).reshape(3, 4) / 7)


def classifier() -> Graph:
    x, y = gd.input("x", ("N", 8)), gd.input("y", ("N",), "int32")
    net = nn.Sequential(nn.Dense(8, 6, activation="tanh"), nn.Dense(6, 3))
    loss = losses.softmax_cross_entropy(net(x), y)
    return gd.train_step(loss, optim.Adam(1e-2))


@pytest.fixture
def plant(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Add a wrong rule to a stage, in front of the right ones."""
    planted: list[tuple[list[Rewrite], Rewrite]] = []

    def planting(stage: str, root: str, math: str, function: Callable[[Node], Node | None]) -> None:
        rules = fold.RULES if stage == "fold" else REWRITES[stage]
        rule = Rewrite(stage, "planted", (root,), math, function)
        rules.insert(0, rule)
        planted.append((rules, rule))

    yield planting
    for rules, rule in planted:
        rules.remove(rule)


def refused(graph: Graph) -> PassError:
    with pytest.raises(PassError) as caught:
        run(graph, check=Validator(graph).passed)
    return caught.value


def test_right_passes_are_not_refused() -> None:
    for graph in (classifier(), Graph(gd.log(gd.softmax(X)) * 1.0)):
        run(graph, check=Validator(graph).passed)


def test_a_wrong_rewrite_is_found_among_right_ones(plant: Callable[..., None]) -> None:
    plant("simplify", "tanh", "tanh(x) → x", lambda node: node.inputs[0])
    graph = Graph({"h": gd.tanh((gd.exp(X * 1.0) - -Y) @ W)}, name="net")
    error = refused(graph)
    text = str(error)
    assert "fold, simplify, canonical, views changed what 'net' means" in text
    assert "rule: simplify: tanh(x) → x" in text
    assert f"{__file__}:" in text.split("rule:")[1].split("\n")[0]  # where the rule stands
    assert "at: " + error.blame.node.site in text
    assert error.blame.node.op.name == "tanh"
    assert [n.op.name for n in error.blame.before.nodes] == ["input", "tanh"]
    assert len(error.blame.after.nodes) == 1
    found = gd.interpret(error.blame.before, error.blame.inputs)["out"]
    assert not np.allclose(found, gd.interpret(error.blame.after, error.blame.inputs)["out"])


def test_only_the_wrong_firing_is_named(plant: Callable[..., None]) -> None:
    """A rule that is right at its first two nodes."""

    def function(node: Node) -> Node | None:
        (x,) = node.inputs
        return x.inputs[0] if operands_of(x, "neg") and x.inputs[0].name == "y" else None

    plant("simplify", "tanh", "wrong for y", function)
    graph = Graph([gd.tanh(-X), gd.tanh(gd.negative(-X)), gd.tanh(-Y)])
    error = refused(graph)
    assert "wrong for y" in str(error)
    assert error.blame.before.inputs[0].name == "y"


@pytest.mark.parametrize(
    ("instruction", "math", "number", "result", "node"),
    [
        ("mul", "x·0 → 0", 0.0, 0.0, X * 0.0),
        ("add", "x + 0 → x", 0.0, None, X + 0.0),
        ("max", "max(x, 0) → x", 0.0, None, gd.maximum(X, 0.0)),
    ],
)
def test_what_only_edge_values_tell_is_found(
    plant: Callable[..., None],
    instruction: str,
    math: str,
    number: float,
    result: float | None,
    node: Node,
) -> None:
    """NaN and infinities, and the sign of zero."""

    def function(found: Node) -> Node | None:
        x, known = found.inputs
        if not is_number(known, number):
            return None
        zero: Node = operators["broadcast_to"](constant(0.0), found.shape)
        return x if result is None else zero

    plant("simplify", instruction, math, function)
    error = refused(Graph(node))
    assert f"simplify: {math}" in str(error)


def test_a_wrong_fold_is_found(plant: Callable[..., None]) -> None:
    def function(node: Node) -> Node | None:
        known = all(i.op.name == "constant" for i in node.inputs)
        return constant(5.0) if known and node.shape == () else None

    plant("fold", "mul", "f(constants) → 5", function)
    error = refused(Graph(X + gd.constant(2.0) * gd.constant(3.0)))
    assert "fold: f(constants) → 5" in str(error)
    assert "%0 = constant" in str(error)


def test_a_wrong_stabilise_rule_is_found_before_differentiation(
    plant: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    plant("stabilise", "log", "log(x) → log1p(x)", lambda node: gd.log1p(node.inputs[0]))
    error = refused(Graph(gd.log(gd.exp(X) + 2.0)))
    assert str(error).startswith("stabilise changed")
    assert "stabilise: log(x) → log1p(x)" in str(error)
    loss = gd.sum(gd.log(gd.exp(W) + 2.0))
    gd.grad(loss, W)
    monkeypatch.setenv("GRAPHDL_VALIDATE", "1")
    with pytest.raises(PassError, match="log1p"):
        gd.grad(loss, W)


def test_a_wrong_view_rule_is_found(plant: Callable[..., None]) -> None:
    def function(node: Node) -> Node | None:
        (x,) = node.inputs
        square = node.shape == x.shape and node.op.name == "transpose"
        return x if square else None

    plant("views", "view", "xᵀ → x", function)
    square = gd.input("s", (3, 3))
    error = refused(Graph(gd.exp(square).T @ W))
    assert "views: xᵀ → x" in str(error)
    assert error.blame.node.op.name == "transpose"


def test_a_wrong_absorbed_order_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    known = views._in_order

    def wrong(contraction: Node, view: Node, order: tuple[int, ...]) -> Node:
        made = known(contraction, view, order)
        return Node(made.op, made.inputs[::-1], made.attrs, made.shape, made.dtype, made.origins)

    monkeypatch.setattr(views, "_in_order", wrong)
    a, b = gd.input("a", (3, 3)), gd.input("b", (3, 3))
    error = refused(Graph((a @ b).T))
    assert str(error).startswith("absorb orders changed")
    assert "firing 1 of 1" in str(error)
    assert error.blame.node.op.name == "transpose"


def test_what_is_wrongly_taken_for_equal_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canonical, "COMMUTATIVE", canonical.COMMUTATIVE | {"sub"})
    error = refused(Graph([X - Y, gd.exp(Y - X)]))
    assert "or what it takes for equal" in str(error)
    assert error.blame.rule == ""
    assert error.blame.node.op.name == "subtract"


def test_a_dropped_update_is_found() -> None:
    graph = Graph({"loss": gd.sum(W)}, updates={W: W * 0.5})
    bad = Pass("forget", "clean", lambda g, fired: Graph(g.outputs, name=g.name, inputs=g.inputs))
    with pytest.raises(PassError, match="new w") as caught:
        run(graph, [bad], check=Validator(graph).passed)
    assert caught.value.blame.node.op.name == "multiply"


def test_a_graph_that_is_no_graph_is_found() -> None:
    def broken(graph: Graph, fired: object) -> Graph:
        (x,) = graph.inputs
        wrong = Node(gd.exp(x).op, (x,), (), (x.shape[0], 7), x.dtype, x.origins)
        return Graph({"out": operators["sum"](wrong)}, inputs=graph.inputs)

    graph = Graph(gd.sum(gd.exp(X)))
    with pytest.raises(PassError, match=r"no graph.*should be"):
        run(graph, [Pass("broken", "algebra", broken)], check=Validator(graph).passed)


def test_a_pass_that_makes_evaluation_fail_is_found() -> None:
    def broken(graph: Graph, fired: object) -> Graph:
        rows = make(X[1:].op, [X], starts=(2, 0), steps=(1, 1), sizes=(X.shape[0] - 2, 3))
        return Graph(operators["sum"](rows) + operators["sum"](X), inputs=graph.inputs)

    graph = Graph(gd.sum(X))
    with pytest.raises(PassError) as caught:
        run(graph, [Pass("broken", "algebra", broken)], check=Validator(graph).passed)
    assert "broken changed" in str(caught.value)


def compiled(graph: Graph, monkeypatch: pytest.MonkeyPatch, target: str = "numpy") -> object:
    monkeypatch.setenv("GRAPHDL_VALIDATE", "1")
    return gd.compile(graph, target, name="m", dims={"N": 6} if graph.dims else {})


@pytest.mark.parametrize("target", ["numpy", "c", "interp"])
def test_a_training_step_compiles(
    target: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    if target == "c":
        request.getfixturevalue("needs_cc")
    graph = classifier()
    plain = gd.compile(graph, target, name="m", dims={"N": 6}, seed=3)
    monkeypatch.setenv("GRAPHDL_VALIDATE", "1")
    checked = gd.compile(graph, target, name="m", dims={"N": 6}, seed=3)
    assert checked.source == plain.source
    for name, value in plain.state.items():
        np.testing.assert_array_equal(checked.state[name], value)


def test_a_wrong_rule_is_found_by_compile(
    plant: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    plant("simplify", "tanh", "tanh(x) → x", lambda node: node.inputs[0])
    with pytest.raises(PassError, match="tanh"):
        compiled(Graph(gd.tanh(X)), monkeypatch)


def test_a_wrong_lowering_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    known = lowering.normalise

    def wrong(graph: Graph) -> Graph:
        mapping = {n: operators["neg"](n.inputs[0]) for n in graph.nodes if n.op.name == "tanh"}
        return known(graph.replace(_substituted(graph, mapping)))

    monkeypatch.setattr(lowering, "normalise", wrong)
    with pytest.raises(PassError, match="differs from its graph") as caught:
        compiled(Graph(gd.exp(gd.tanh(X) * 2.0)), monkeypatch)
    assert "part: a kernel" in str(caught.value)
    assert "node: <tanh float32(N, 3)>" in str(caught.value)


def _substituted(graph: Graph, mapping: dict[Node, Node]) -> dict[Node, Node]:
    full = {}
    for node in graph.nodes:
        inputs = tuple(full[i] for i in node.inputs)
        kept = Node(node.op, inputs, node.attrs, node.shape, node.dtype, node.origins)
        full[node] = mapping.get(node, kept if inputs else node)
    return full


def test_a_wrong_plan_of_memory_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    known = lowering.plan

    def wrong(kernels: list[object], maxima: dict[str, int]) -> int:
        size = known(kernels, maxima)
        for kernel in kernels:
            for buffer in lowering.used_buffers(kernel):
                buffer.offset = 0
        return size

    monkeypatch.setattr(lowering, "plan", wrong)
    a, b = gd.input("a", (5, 5)), gd.input("b", (5, 5))
    with pytest.raises(PassError, match="plan of memory"):
        compiled(Graph((a @ b) @ (b @ a) + (a @ a)), monkeypatch)


def test_wrong_emitted_code_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    from graphdl.codegen.numpy import executable

    known = executable.emit
    monkeypatch.setattr(
        executable, "emit", lambda *args: known(*args).replace("np.tanh", "np.sinh")
    )
    with pytest.raises(PassError, match="for target 'numpy' differs from the interpreter"):
        compiled(Graph({"h": gd.tanh(X)}), monkeypatch)


def test_nothing_is_checked_without_the_flag(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GRAPHDL_VALIDATE", raising=False)
    monkeypatch.setattr(
        "graphdl.validation.Validator.__init__", lambda *a: pytest.fail("it was made")
    )
    gd.compile(Graph(gd.tanh(X)), "numpy", name="m", dims={"N": 2})
    gd.grad(gd.sum(gd.log(gd.softmax(W))), W)


def test_points_cover_sizes_and_keep_to_maxima() -> None:
    found = list(points(Graph(gd.exp(X)), {"N": 3}))
    assert [p.dims["N"] for p in found] == [3, 3, 1, 0, 3, 3]
    assert not np.isfinite(found[-1].arrays["x"]).all()
    assert any(np.signbit(p.arrays["x"][p.arrays["x"] == 0]).any() for p in found[-2:])


def test_rules_stop_where_they_are_told() -> None:
    from graphdl.passes.rewriting import Watched

    graph = Graph([gd.negative(-X), Y * 1.0, gd.abs(-Y)])
    for most in range(4):
        watched = Watched(most)
        pipeline.rewrite(graph, watched)
        assert watched.total() == min(most, 3)
    assert PIPELINE[0].exact is False
    assert rewritten(graph, (), Watched(0)) is graph
    assert Rewriter(()).run(graph.roots)
