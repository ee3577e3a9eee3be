"""Random graphs: every function takes part, values are defined, and failures become small."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest

import graphdl as gd
from graphdl.ir import scalar as s
from graphdl.ir.errors import ArgumentError, DTypeError
from graphdl.ir.kinds import CompositeOp, ElementwiseOp
from graphdl.ir.kinds.op import OPS
from graphdl.ir.rewrites import Rewrite
from graphdl.ir.text import parse, to_text
from graphdl.ops import FUNCTIONS
from graphdl.passes.expand import expand
from graphdl.passes.rewriting import rewritten
from graphdl.verification.random_graphs import Case, elementwise, families, random_case
from graphdl.verification.random_graphs.behaviour import ABOVE_ONE, POSITIVE, WIDE, domains
from graphdl.verification.random_graphs.builder import Builder

NEVER_DRAWN: dict[str, str] = {}
"""Function -> why no random graph holds it."""


def test_the_whole_catalogue_is_drawn():
    used: set[str] = set()
    for seed in range(2000):
        used |= random_case(seed).used
        if used == set(FUNCTIONS):
            break
    assert set(FUNCTIONS) - used == set(NEVER_DRAWN)


def test_a_seed_gives_one_graph():
    assert len({str(random_case(7).graph) for _ in range(3)}) == 1
    assert len({str(gd.verify.random_graph(7).graph) for _ in range(3)}) == 1


def test_bounds_of_nothing_but_zeros_have_no_sign():
    """NumPy draws nothing between 0 and -0."""
    builder = Builder(random.Random(0).randint, "g")
    known = builder.add(gd.zeros((2,)), -0.0, 0, 0.0)
    assert math.copysign(1.0, known.low) == math.copysign(1.0, known.high) == 1.0


def test_text_of_a_graph_gives_it_back():
    for seed in range(40):
        text = to_text(random_case(seed).graph)
        again = parse(text)
        assert [n.op for n in again.nodes] == [n.op for n in random_case(seed).graph.nodes]


@pytest.fixture
def catalogue(monkeypatch):
    """Takes new functions, and forgets them."""
    known = dict(OPS)

    def add(name, function):
        monkeypatch.setitem(FUNCTIONS, name, function)
        families.families.cache_clear()
        elementwise.rules.cache_clear()

    yield add
    OPS.clear()
    OPS.update(known)
    monkeypatch.undo()
    families.families.cache_clear()
    elementwise.rules.cache_clear()


def drawn(name: str, count: int = 40) -> list[Case]:
    return [c for seed in range(count) if name in (c := random_case(seed, ops=[name])).used]


def test_a_new_elementwise_op_is_drawn_where_it_is_defined(catalogue):
    op = ElementwiseOp("log_of_log", lambda x: s.log(s.log(x)))
    catalogue("log_of_log", op)
    (found,) = domains(op, ())
    assert found.spans == (ABOVE_ONE,)
    assert found.smooth
    for case in drawn("log_of_log"):
        env = case.dims(0)[0]
        values = gd.interpret(case.graph, case.inputs(env, 0), case.state(0), dims=env)
        assert all(np.isfinite(v).all() for v in values.values())


def test_a_new_op_with_a_kink_takes_exact_operands(catalogue):
    op = ElementwiseOp("shrinkage", lambda x: s.select(abs(x) > 0.5, x, 0.0 * x))
    catalogue("shrinkage", op)
    (found,) = domains(op, ())
    assert found.spans == (WIDE,)
    assert not found.smooth
    assert len(drawn("shrinkage")) > 30


def test_a_new_function_is_drawn_by_its_signature(catalogue):
    op = CompositeOp("centred_rows", lambda x, axis: x - gd.mean(x, axis, keepdims=True))

    def centred_rows(x: gd.ir.node.Node, axis: int = -1, scaled: bool = False) -> gd.ir.node.Node:
        centred = op(x, axis=axis % x.ndim)
        return centred * 0.5 if scaled else centred

    catalogue("centred_rows", centred_rows)
    assert len(drawn("centred_rows")) > 30


def test_domains_are_seen():
    def spans(name):
        (rule,) = elementwise.rules(name)
        return [d.spans for d in domains(rule.op, rule.attrs)]

    assert spans("log") == [(POSITIVE,)]
    assert spans("acosh") == [(ABOVE_ONE,)]
    assert spans("relu") == [(WIDE,)]


def test_values_are_defined_and_gradients_are_checked():
    for seed in range(12):
        case = gd.verify.random_graph(seed, nodes=4, dtype="float64")
        results = gd.interpret(case.graph, case.inputs, case.state, dims=case.dims, double=True)
        assert all(np.isfinite(v).all() for v in results.values())
        loss = case.graph.outputs["loss"]
        wrt = [n for n in case.graph.nodes if f"grad_{n.name}" in case.graph.outputs and n.name]
        alone = gd.Graph(loss)
        given = {i.name: case.inputs[i.name] for i in alone.inputs}
        dims = {d: case.dims[d] for d in alone.dims}
        verdict = gd.verify(loss, wrt, inputs=given, dims=dims, points=1)
        assert verdict, (seed, str(verdict))


def test_no_value_lies_on_a_kink():
    for seed in range(6):
        case = gd.verify.random_graph(seed, nodes=3, ops=["relu", "abs"], dtype="float64")
        values = gd.interpret(case.graph, case.inputs, case.state, dims=case.dims)
        near = {k: v + 1e-6 for k, v in case.inputs.items() if v.dtype.kind == "f"}
        moved = gd.interpret(case.graph, {**case.inputs, **near}, case.state, dims=case.dims)
        for name in values:
            if name.startswith("grad_"):
                np.testing.assert_allclose(moved[name], values[name], atol=1e-3)


def test_dtype_and_functions_are_kept_to():
    case = gd.verify.random_graph(0, dtype="float64", ops=["exp", "matmul"])
    assert {n.dtype.name for n in case.graph.nodes if n.dtype.is_float} == {"float64"}
    allowed = {
        "exp",
        "matmul",
        "transpose",
        "tanh",
        "full",
        "abs",
        "concat",
        "flip",
        "pad",
        "where",
    }
    assert case.functions <= allowed
    assert "loss" not in gd.verify.random_graph(0, gradient=False).graph.outputs


@pytest.mark.parametrize(
    ("given", "error"),
    [({"nodes": 0}, ArgumentError), ({"ops": ["no_such"]}, ArgumentError),
     ({"dtype": "int32"}, DTypeError)],
)  # fmt: skip
def test_bad_arguments_are_refused(given, error):
    with pytest.raises(error):
        gd.verify.random_graph(0, **given)


def _planted(node):
    """Rewrite tanh(x)·y wrongly."""
    a, b = node.inputs
    return gd.add(node.inputs[0], b) if a.op.name == "tanh" else None


PLANTED = Rewrite("simplify", "planted", (OPS["multiply"],), "tanh x · y → tanh x + y", _planted)


def _is_rewritten_wrongly(graph: gd.Graph) -> bool:
    case = Case(graph)
    env = dict.fromkeys(graph.dims, 4)
    given = case.inputs(env, 0), case.state(0)
    wanted = gd.interpret(graph, *given, dims=env, double=True)
    got = gd.interpret(rewritten(expand(graph), [PLANTED]), *given, dims=env, double=True)
    return any(
        not np.allclose(got[k], v, atol=1e-9, equal_nan=True)
        for k, v in wanted.items()
        if v.dtype.kind == "f"
    )


def test_a_wrong_rewrite_in_200_nodes_becomes_a_few():
    graphs = (random_case(seed, nodes=90).graph for seed in range(100))
    graph = next(g for g in graphs if len(g.nodes) >= 200 and _is_rewritten_wrongly(g))
    small = gd.verify.shrink(graph, _is_rewritten_wrongly)
    assert _is_rewritten_wrongly(small)
    assert len(small.nodes) <= 5
    assert sum(math.prod(map(int, n.shape)) for n in small.nodes) <= 8


def test_shrinking_reaches_updates_sizes_and_state():
    w, x = gd.param("w", (5, 7)), gd.input("x", ("N", 5))
    graph = gd.Graph(gd.exp(x @ w), updates={w: gd.flip(w, 0) * 2.0})
    flip = gd.flip(w, 0).op
    small = gd.verify.shrink(graph, lambda g: any(n.op is flip for n in g.nodes))
    assert [n.op.name for n in small.nodes] == ["param", flip.name]
    assert small.nodes[0].shape == (1, 1)


def test_what_does_not_fail_is_not_shrunk():
    with pytest.raises(ArgumentError, match="does not fail"):
        gd.verify.shrink(gd.Graph(gd.exp(gd.input("x", ()))), lambda g: False)
