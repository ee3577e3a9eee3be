"""What is compared at points: edges, budgets, ops without a symbolic form, and how it is told."""

import time

import numpy as np
import pytest

import graphdl as gd
from graphdl.ir import scalar
from graphdl.ir.graph import Graph
from graphdl.ir.instructions import INSTRUCTIONS
from graphdl.verification import precise

W = gd.param("w", (3,), "float64", init=[0.3, 1.7, 2.4])
ROWS = gd.input("x", ("N",))


def test_edges_are_among_the_points():
    result = gd.verify(gd.sum(gd.fmod(W * W, W + 5.0)))
    assert result.verdict == "checked"
    assert result.points == 3 + len(result.edges)
    assert {"large", "ties"} & {e.removeprefix("near ") for e in result.edges}
    assert str(result).startswith("checked to 50.0 digits at ")


def test_kinks_are_approached_not_hit():
    """At 0 the convention of relu makes the derivative of x be 0."""
    result = gd.verify(gd.sum(gd.relu(W) - gd.relu(-W)), method="50 digits")
    assert result.verdict == "checked"
    assert "near zeros" in result.edges


def test_what_is_wrong_at_an_edge_only_is_refuted():
    def slope(x, y):
        return (scalar.select(x * x < 1e-8, 3.0 + 0.0 * x, 1.0 + 0.0 * x),)

    odd = gd.define_op("methods_edge", lambda x: x + 0.0, grads=slope, replace=True)
    result = gd.verify(gd.sum(odd(W)), method="50 digits")
    assert result.verdict == "refuted"


@pytest.fixture
def no_symbolic_form():
    row = INSTRUCTIONS["erf"]
    known = row.sympy
    precise._function.cache_clear()  # another test may have asked before
    object.__setattr__(row, "sympy", None)
    yield
    object.__setattr__(row, "sympy", known)
    precise._function.cache_clear()


@pytest.mark.usefixtures("no_symbolic_form")
def test_an_op_without_a_symbolic_form_is_only_checked(monkeypatch, tmp_path):
    monkeypatch.setenv("GRAPHDL_CACHE_DIR", str(tmp_path))
    op = gd.define_op(
        "methods_plain",
        lambda x: scalar.erf(x) * x,
        grads=lambda x, y: (scalar.erf(x) + x * 1.1283791670955126 * scalar.exp(-x * x),),
        replace=True,
    )
    result = gd.verify(gd.sum(op(W)))
    assert (result.verdict, result.method) == ("checked", "complex step in complex128")


def test_a_composite_from_outside_with_a_wrong_rule_is_named():
    wrong = gd.define_op(
        "methods_composite",
        expand=lambda x: gd.tanh(x) * x,
        grads=lambda x, y, c: [c * (gd.tanh(x) - x * (1.0 - gd.tanh(x) ** 2))],
        replace=True,
    )
    result = gd.verify(gd.sum(gd.exp(wrong(W))))
    assert result.verdict == "refuted"
    assert result.wrong.op == "methods_composite"
    assert result.wrong.drawn is not None


def test_a_refuted_rule_that_no_point_meets_is_marked():
    far = gd.define_op(
        "methods_far",
        lambda x: x * x,
        grads=lambda x, y: (scalar.select(x > 50.0, 3.0 * x, 2.0 * x),),
        replace=True,
    )
    result = gd.verify(gd.sum(far(gd.exp(W))))
    assert result.verdict == "refuted"
    assert result.counterexample is None
    assert result.wrong.op == "methods_far"
    assert result.wrong.expected != result.wrong.got
    assert "expected" in result.draw().dot


def test_the_same_call_gives_the_same_report():
    loss = gd.sum(gd.fmod(W * W, W + 5.0))
    assert gd.verify(loss).to_dict() == gd.verify(loss).to_dict()


def test_a_deep_graph_takes_bounded_time():
    h = W
    for _ in range(5000):
        h = gd.tanh(h) + 0.3
    started = time.process_time()
    result = gd.verify(gd.sum(h), points=1)
    assert result.verdict == "proved"
    assert time.process_time() - started < 60


def test_many_variables_are_moved_together():
    params = [gd.param(f"p{k}", (2, 2), "float64") for k in range(250)]
    h = gd.input("x", ("N", 2), "float64")
    for p in params:
        h = gd.tanh(h @ p) * 2.0
    result = gd.verify(gd.sum(h), points=1)
    assert result.verdict == "proved"
    (gradient, *others) = gd.grad(gd.sum(h), params)
    wrong = {f"grad_{p.name}": g for p, g in zip(params[1:], others, strict=True)}
    found = gd.verify(Graph({"loss": gd.sum(h), **wrong, "grad_p0": gradient * 1.01}), points=1)
    assert found.verdict == "refuted"
    assert found.counterexample.variable == "p0"


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: gd.verify(gd.sum(gd.log(-gd.exp(W)))), "not finite"),
        (lambda: gd.verify(gd.sum(W), []), "by nothing"),
        (lambda: gd.verify(Graph({"loss": W * 2.0, "grad_w": W})), "must be a scalar"),
        (lambda: gd.verify(gd.sum(gd.cast(gd.input("k", (2,), "int32"), "float32")),
                           gd.input("k", (2,), "int32")), "no derivative"),
        (lambda: gd.verify(gd.sum(W), dims={"K": 2}), "no dim"),
        (lambda: gd.verify(gd.mean(ROWS * gd.sum(W)), dims={"N": 0}), "not finite"),
        (lambda: gd.verify(gd.mean(ROWS * gd.sum(W)), dims={"N": -1}), "not a size"),
    ],
)  # fmt: skip
def test_what_cannot_be_verified_is_a_typed_error(build, message):
    with pytest.raises(gd.GraphdlError, match=message):
        build()


def test_empty_axes_have_empty_gradients():
    x = gd.input("x", ("N", 3), "float64")
    result = gd.verify(gd.sum(x * x), x, dims={"N": 0})
    assert result.verdict == "proved"
    assert np.isfinite(result.digits)
