"""gd.explain: the words and the math of a small network."""

import re

import pytest

import graphdl as gd
from graphdl.codegen.diagram import provenance
from graphdl.ir.errors import ArgumentError, GradientError
from graphdl.ir.kinds import CompositeOp
from tests.diagram.networks import mlp, shared, train

EXPECTED = """\
The network
  The forward pass computes:
      v₁ = exp(x)    float32 scalar
      v₂ = v₁·v₁    float32 scalar
      v₃ = v₁·x    float32 scalar
      loss = v₂ + v₃    float32 scalar
  A bar marks an adjoint, the derivative of the loss by that value: x̄ = ∂loss/∂x
  What is used in several places receives a contribution from each (+=).
  The backward pass takes the same steps in reverse, and starts with: l̅o̅s̅s̅ = 1    float32 scalar

Step 1: back through loss = v₂ + v₃    (SITE)
  Element by element, with the local derivative: ∂loss/∂v₂ = 1
      v̄₂ = l̅o̅s̅s̅    float32 scalar
  Element by element, with the local derivative: ∂loss/∂v₃ = 1
      v̄₃ = l̅o̅s̅s̅    float32 scalar

Step 2: back through v₃ = v₁·x    (SITE)
  Element by element, with the local derivative: ∂v₃/∂v₁ = x
      v̄₁ += v̄₃·x    float32 scalar
  Element by element, with the local derivative: ∂v₃/∂x = v₁
      x̄ += v̄₃·v₁    float32 scalar

Step 3: back through v₂ = v₁·v₁    (SITE)
  As input 1: element by element, with the local derivative: ∂v₂/∂v₁ = v₁
      v̄₁ += v̄₂·v₁    float32 scalar
  As input 2: element by element, with the local derivative: ∂v₂/∂v₁ = v₁
      v̄₁ += v̄₂·v₁    float32 scalar

Step 4: back through v₁ = exp(x)    (SITE)
  It received 3 contributions; with their sum, go on: v̄₁    float32 scalar
  Element by element, with the local derivative: ∂v₁/∂x = v₁
      x̄ += v̄₁·v₁    float32 scalar
  This completes the gradient by input x, the sum of 2 contributions: x̄    float32 scalar

Summary
  The loss was followed back through 4 operations. That gave:
  the gradient by input x, from 2 contributions: x̄    float32 scalar
"""


def test_a_shared_node_is_explained_word_by_word():
    text = re.sub(r"networks\.py:\d+", "SITE", str(gd.explain(*shared())))
    assert text == EXPECTED


def test_every_parameter_is_reached_in_backward_order():
    explained = gd.explain(gd.backward_graph(mlp()))
    completed = re.findall(r"completes the gradient by param (\S+):", explained.text)
    assert completed == ["output/b", "output/W", "hidden/b", "hidden/W"]
    assert len(explained.steps) == 9
    assert "z̄₁ = h̄·[h > 0]    float32 [N, 3]" in explained.text
    assert "(hidden, networks.py:" in explained.text


def test_the_ways_to_ask_agree():
    loss, x = shared()
    asked = [gd.explain(loss, x), gd.explain((loss, [x])), gd.explain(gd.backward_graph(loss, x))]
    assert len({e.text for e in asked}) == 1
    with pytest.raises(ArgumentError):
        gd.explain((loss, x), x)


def test_a_training_step_can_be_explained():
    text = gd.explain(train(gd.optim.Adam())).text
    assert "softmax(z₂) − onehot(labels)" in text
    assert text.count("This completes the gradient") == 4


def test_a_composite_without_a_rule_is_explained_through_its_expansion():
    op = CompositeOp("explain_test_op", lambda a: gd.sum(gd.exp(a)))
    x = gd.input("x", (3,))
    assert [s.formula.text for s in gd.explain(op(x) * 2.0, x).steps] == [
        "loss = s·2",
        "s = Σ v",
        "v = exp(x)",
    ]


def test_a_graph_without_derivative_is_refused():
    x = gd.input("x", (3,))
    with pytest.raises(GradientError):
        gd.explain(gd.Graph({"loss": gd.sum(x)}))
    with pytest.raises(GradientError):
        gd.explain(gd.Graph({"y": x}))


@pytest.mark.parametrize("name", ["x", "a_b", "50%", "x\\y", "ключ", "ζ_2", "{", "$#&~^"])
def test_latex_is_ascii_and_balanced(name):
    x = gd.input(name, ("N", 3))
    latex = gd.explain(gd.mean(gd.gelu(x) * gd.sigmoid(x)), x).latex
    assert latex.isascii()
    bare = re.sub(r"\\[\\{}]", "", latex)
    assert bare.count("{") == bare.count("}")
    assert latex.count(r"\[") == latex.count(r"\]")
    assert latex.count(r"\(") == latex.count(r"\)")
    assert latex.count(r"\begin{") == latex.count(r"\end{")
    assert r"\bar{" in latex
    assert not re.search(r"(?<!\\)[#%$]", latex)


def test_wide_sums_are_explained_as_narrow_ones(monkeypatch):
    """What shares an adjoint is found at once where it is much, and step by step where not."""
    w, x = gd.param("w", ()), gd.input("x", (3,))
    total = x * w
    for k in range(60):
        total = total + gd.sin(x * w * float(k))
    loss = gd.sum(total + gd.relu(total))
    at_once = str(gd.explain(loss))
    monkeypatch.setattr(provenance, "_NEAR", 10**9)
    assert at_once == str(gd.explain(loss))
