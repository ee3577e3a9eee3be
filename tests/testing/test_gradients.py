"""assert_grad: right gradients pass, mutated ones fail with a table and a page."""

import re

import numpy as np
import pytest

import graphdl as gd
from graphdl import testing
from graphdl.ir import scalar as s

MUTANTS = {
    "sign": lambda x, y, a, b: (-a, b),
    "factor": lambda x, y, a, b: (a * (1.0 + 1e-6), b),
    "swapped": lambda x, y, a, b: (b, a),
    "dropped": lambda x, y, a, b: (a, None),
    "power": lambda x, y, a, b: (a * y, b),
}


def product(name, mutate):
    """Return an op sin(x)·y², its partial derivatives changed."""

    def grads(x, y, z):
        return mutate(x, y, s.cos(x) * y * y, 2.0 * s.sin(x) * y)

    return gd.define_op(name, lambda x, y: s.sin(x) * y * y, grads=grads, replace=True)


def loss_of(op):
    x, u, v = gd.input("x", ("N", 4), "float64"), gd.param("u", (4,), "float64"), None
    v = gd.param("v", (4,), "float64")
    return gd.mean(op(x * u, x + v)), [u, v]


def test_a_right_gradient_passes_and_says_how():
    loss, wrt = loss_of(product("testing_right", lambda x, y, a, b: (a, b)))
    result = testing.assert_grad(loss, digits=9)
    assert result.verdict in ("proved", "checked")
    assert testing.assert_grad(loss, wrt[0], seed=1, points=1, dims={"N": 2}).digits > 9


@pytest.mark.filterwarnings("ignore:gradient by:graphdl.passes.derivative.GradientWarning")
@pytest.mark.parametrize("mutant", MUTANTS)
def test_every_mutant_fails(mutant):
    loss, wrt = loss_of(product(f"testing_{mutant}", MUTANTS[mutant]))
    with pytest.raises(testing.Disagreement) as caught:
        testing.assert_grad(loss, wrt, digits=9)
    assert isinstance(caught.value, AssertionError)
    assert caught.value.findings
    assert caught.value.page is None
    assert "seed:   0" in str(caught.value)


def test_the_table_tells_expected_got_rule_and_line(tmp_path):
    loss, _ = loss_of(product("testing_sign", MUTANTS["sign"]))
    with pytest.raises(testing.Disagreement) as caught:
        testing.assert_grad(loss, report=tmp_path, seed=5)
    first, finding = caught.value.findings
    assert first.name.startswith("first wrong: adjoint of ")
    assert first.rule.startswith("testing_sign: x̄₀ += ")
    assert re.fullmatch(r"d/du \[\d\]", finding.name)
    assert finding.expected == pytest.approx(-finding.got)
    assert "~u" in finding.rule
    assert re.search(r"test_gradients\.py:\d+$", finding.site)
    lines = str(caught.value).splitlines()
    assert lines[2].split() == ["name", "expected", "got", "digits", "rule", "file:line"]
    assert lines[3].startswith(first.name)
    assert lines[4].startswith(finding.name)
    assert f"report: {caught.value.page}" in lines
    assert "repeat: assert_grad(loss, seed=5)" in lines


def test_too_few_digits_fail():
    """The constant is held in float32, so that a float32 graph agrees to some 8 digits only."""
    w = gd.param("w", (3,))
    loss = gd.sum(gd.leaky_relu(w, 0.3) * gd.tanh(w))
    with pytest.raises(testing.Disagreement, match=r"digits only, not to 16\.5"):
        testing.assert_grad(loss, digits=16.5, method=None)


def test_given_inputs_are_used():
    x, w = gd.input("x", (2,)), gd.param("w", (2,))
    loss = gd.sum(gd.log(x) * w)
    assert testing.assert_grad(loss, inputs={"x": np.array([0.5, 2.0])})
    with pytest.raises(gd.GraphdlError, match="not finite"):
        testing.assert_grad(loss, inputs={"x": np.array([-0.5, 2.0])})
