"""Random graphs as a strategy for hypothesis."""

import builtins

import numpy as np
import pytest
from hypothesis import HealthCheck, find, given, settings

import graphdl as gd
from graphdl.ir.errors import ArgumentError
from graphdl.testing.strategies import cases


@given(gd.testing.random_graphs(nodes=4))
@settings(max_examples=15, suppress_health_check=list(HealthCheck), deadline=None)
def test_values_are_finite(case):
    results = gd.interpret(case.graph, case.inputs, case.state, dims=case.dims, double=True)
    assert all(np.isfinite(v).all() for v in results.values())


def test_hypothesis_makes_graphs_smaller():
    found = find(cases(), lambda c: any(n.op.name == "multiply" for n in c.graph.nodes))
    assert len(found.graph.nodes) <= 8


def test_without_hypothesis_the_extra_is_named(monkeypatch):
    real = builtins.__import__

    def importing(name, *args, **kwargs):
        if name.startswith("hypothesis"):
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", importing)
    with pytest.raises(ArgumentError, match=r"graphdl\[testing\]"):
        gd.testing.random_graphs()
