"""Composites give the same value and gradients kept, expanded, and by their own rule or not."""

import warnings

import numpy as np
import pytest

import graphdl as gd
from graphdl.ir.kinds import CompositeOp
from graphdl.ir.node import topological
from graphdl.passes.derivative import GradientWarning
from graphdl.passes.expand import expand
from tests.ops.cases import arguments, graph_of
from tests.ops.rows import rows
from tests.ops.test_registry import ops_of_the_package


def composites(case):
    return [n.op for n in topological([case.call(*case.nodes("float64"))])
            if isinstance(n.op, CompositeOp)]  # fmt: skip


CASES = [case for case in rows() if composites(case)]


def expanded_first(case):
    """Return value and gradients of the expansion: the rules of composites are never asked."""
    xs = case.nodes("float64")
    value = expand(gd.Graph({"value": case.call(*xs)})).outputs["value"]
    outputs = {"value": value}
    variables = [x for x in xs if x.dtype.is_float]
    if value.dtype.is_float and variables:
        weights = gd.input("weights", value.shape, value.dtype)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", GradientWarning)
            gradients = gd.grad(gd.sum(value * weights), variables)
        outputs |= {f"first{k}": g for k, g in enumerate(gradients)}
    return gd.Graph(outputs, name="expanded")


@pytest.mark.filterwarnings("ignore::graphdl.passes.derivative.GradientWarning")
@pytest.mark.parametrize("case", CASES, ids=str)
def test_kept_expanded_and_hand_ruled_agree(case):
    kept = graph_of(case, "float64")
    given = arguments(case, kept)
    expected = gd.interpret(kept, given, dims=case.dims)
    opened = expanded_first(case)
    assert all(n.op.kind != "composite" for n in topological(opened.outputs["value"].inputs))
    needed = {i.name: given[i.name] for i in opened.inputs}
    found = gd.interpret(opened, needed, dims=case.dims)
    np.testing.assert_array_equal(found["value"], expected["value"])
    for name in found.keys() - {"value"}:
        scale = np.max(np.abs(expected[name]), initial=1.0)
        np.testing.assert_allclose(found[name], expected[name], rtol=0, atol=1e-12 * scale)


def test_every_composite_is_tried():
    tried = {op.name for case in CASES for op in composites(case)}
    known = ops_of_the_package().values()
    assert {op.name for op in known if isinstance(op, CompositeOp)} - tried == set()
