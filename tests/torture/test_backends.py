"""The trial of backends: it finds a planted error, and shows it as a few nodes."""

from __future__ import annotations

from collections import Counter

import pytest

import graphdl as gd
from graphdl.codegen.numpy.executable import NumpyExecutable
from graphdl.ir.graph import Graph
from graphdl.ir.kinds import OPS
from graphdl.ir.rewrites import Rewrite
from graphdl.ir.text import parse
from graphdl.passes.expand import expand
from graphdl.passes.rewriting import rewritten
from graphdl.verification.random_graphs import random_case
from tests.codegen import agreement
from torture.trials import backends

WRONG = Rewrite(
    "simplify", "planted", (OPS["tanh"],), "tanh x → tanh |x|",
    lambda node: None if node.inputs[0].op.name == "abs" else gd.tanh(gd.abs(node.inputs[0])),
)  # fmt: skip


@pytest.fixture
def _no_compiler(monkeypatch):
    """Run NumPy in place of C."""
    monkeypatch.setattr(backends, "opened", lambda module, build: NumpyExecutable(module))


def _planted(graph: Graph) -> Graph:
    return rewritten(expand(graph), [WRONG])


@pytest.mark.usefixtures("_no_compiler")
def test_nothing_is_wrong():
    assert backends.run(range(10)) == []


@pytest.mark.usefixtures("_no_compiler")
def test_a_planted_error_is_found_and_shrunk(monkeypatch):
    monkeypatch.setattr(agreement, "run", _planted)
    monkeypatch.setattr(backends, "_TRIES", {"numpy": 400, "c": 0})
    found = backends.run(range(12))
    assert found
    texts = [line[line.index("graph ") :] for line in found if ", numpy" in line.splitlines()[0]]
    assert min(len(parse(text).nodes) for text in texts) <= 3


@pytest.mark.usefixtures("_no_compiler")
def test_what_raises_is_found(monkeypatch):
    graphs = [random_case(seed).graph for seed in range(20)]
    ops = Counter(n.op for g in graphs for n in g.nodes if n.inputs)
    ((usual, _),) = ops.most_common(1)

    def fails(graph: Graph) -> Graph:
        if any(n.op is usual for n in graph.nodes):
            raise AssertionError("planted")
        return expand(graph)

    monkeypatch.setattr(agreement, "run", fails)
    found = backends.run(range(20))
    assert found
    assert all("planted" in line for line in found)


def test_builds_take_turns():
    assert len({(b.flags, b.optimise) for b in backends.BUILDS}) == 6
