"""Rules of the catalogue are proved; corrupted ones are refuted, every one."""

import pytest

import graphdl as gd
from graphdl.ir.node import operators
from graphdl.passes import derivative, partials
from graphdl.verification import remembered, rules
from graphdl.verification.rules import established
from tests.verification.shared import elementwise_nodes, f, other_nodes

ELEMENTWISE, OTHERS = elementwise_nodes(), other_nodes()
NODES = {**ELEMENTWISE, **OTHERS}
ONLY_CHECKED = {"fmod"}
"""SymPy does not know that trunc(a/b) is sign(a)·sign(b)·floor(|a|/|b|)."""


@pytest.fixture(autouse=True)
def nothing_remembered(monkeypatch, tmp_path):
    monkeypatch.setattr(remembered, "_known", {})
    monkeypatch.setenv("GRAPHDL_CACHE_DIR", str(tmp_path))


@pytest.mark.parametrize("name", sorted(NODES))
def test_a_rule_is_proved(name):
    outcome = established(NODES[name])
    assert outcome.verdict == ("checked" if name in ONLY_CHECKED else "proved"), outcome


def corrupted_partials(node, corrupt):
    """Let an elementwise op have other partial derivatives."""
    known = partials.partials(node.op, node.attrs)
    partials._known[(node.op, node.attrs)] = tuple(None if p is None else corrupt(p) for p in known)
    return known


@pytest.mark.parametrize("factor", [-1.0, 1 + 1e-6])
@pytest.mark.parametrize("name", sorted(ELEMENTWISE))
def test_a_corrupted_partial_is_refuted(name, factor, request):
    node = ELEMENTWISE[name]
    known = partials.partials(node.op, node.attrs)
    if all(p is None or (p.is_constant and p.payload == 0) for p in known):
        return  # there is nothing to corrupt
    corrupted_partials(node, lambda p: factor * p)
    request.addfinalizer(lambda: partials._known.__setitem__((node.op, node.attrs), known))
    outcome = established(node)
    assert outcome.verdict == "refuted", outcome
    assert outcome.fault.expected != outcome.fault.got


@pytest.mark.parametrize("name", ["subtract", "divide", "atan2", "where", "prelu", "maximum"])
def test_swapped_partials_are_refuted(name, request):
    node = ELEMENTWISE[name]
    known = partials.partials(node.op, node.attrs)
    partials._known[(node.op, node.attrs)] = (*known[:-2], known[-1], known[-2])
    request.addfinalizer(lambda: partials._known.__setitem__((node.op, node.attrs), known))
    assert established(node).verdict == "refuted"


@pytest.mark.parametrize("factor", [-1.0, 1 + 1e-6])
@pytest.mark.parametrize("name", sorted(OTHERS))
def test_a_corrupted_adjoint_is_refuted(name, factor, monkeypatch):
    node, kind = OTHERS[name], OTHERS[name].op.kind
    rule = derivative._RULES[kind]

    def wrong(served, cotangent, operand):
        found = rule(served, cotangent, operand)
        return found and (found[0] * factor, found[1])

    monkeypatch.setitem(derivative._RULES, kind, wrong)
    assert established(node).verdict == "refuted"


def test_a_dropped_sum_is_refuted(monkeypatch):
    """Of what was broadcast only the first place gives its share."""

    def first(x, shape):
        keep = tuple(slice(0, 1) if s == 1 else slice(None) for s in shape)
        lead = x.ndim - len(shape)
        return x[(0,) * lead + keep]

    monkeypatch.setitem(operators, "sum_to", first)
    for node in (f("x", 2, 3) * f("w", 3), f("x", 2, 3) + f("w", 2, 1)):
        assert established(node).verdict == "refuted"


def test_swapped_operands_of_a_contraction_are_refuted(monkeypatch):
    rule = derivative._RULES["contract"]
    monkeypatch.setitem(
        derivative._RULES, "contract", lambda node, c, k: rule(node, c * (1.0 + k), k)
    )
    assert established(OTHERS["matmul"]).verdict == "refuted"


def test_moved_elements_in_wrong_order_are_refuted(monkeypatch):
    rule = derivative._RULES["view"]
    monkeypatch.setitem(
        derivative._RULES, "view", lambda node, c, k: (rule(node, c, k)[0][::-1], "")
    )
    assert established(OTHERS["slice"]).verdict == "refuted"


def test_a_rule_that_is_not_linear_is_not_proved():
    square = gd.define_op(
        "rules_square",
        expand=lambda x: x * x,
        grads=lambda x, y, c: [2.0 * x * c * c],
        replace=True,
    )
    assert established(square(f("x", 3))).verdict != "proved"


def test_conditions_kinks_and_limits_are_told():
    assert established(ELEMENTWISE["log"]).conditions == ("x0 > 0",)
    assert established(ELEMENTWISE["relu"]).kinks == ("x0 = 0",)
    (far, near) = sorted(established(ELEMENTWISE["silu"]).remarks)
    assert "only checked" in far
    assert "only checked" in near


def test_a_defined_op_is_proved_or_named():
    import sympy as sp

    x = sp.Symbol("x", real=True)
    right = gd.define_op("rules_bump", x * sp.exp(-(x**2)), [x], replace=True)
    assert established(right(f("a", "N"))).verdict == "proved"
    wrong = gd.define_op("rules_wrong", x**3, [x], grads=[2 * x**2], replace=True)
    outcome = established(wrong(f("a", "N")))
    assert outcome.verdict == "refuted"
    assert "expected" in str(outcome.fault)


def test_outcomes_are_kept_on_disk(tmp_path, monkeypatch):
    first = established(ELEMENTWISE["tanh"])
    assert list(tmp_path.glob("proofs/*.json"))
    monkeypatch.setattr(remembered, "_known", {})
    monkeypatch.setattr(rules, "_all_of", lambda stages: pytest.fail("proved again"))
    assert established(ELEMENTWISE["tanh"]) == first


def test_what_is_refuted_is_not_kept(tmp_path):
    wrong = gd.define_op("rules_lost", lambda x: x * x, grads=lambda x, y: (x,), replace=True)
    assert established(wrong(f("a", "N"))).verdict == "refuted"
    assert not list(tmp_path.glob("proofs/*.json"))


def test_size_1_alone_proves_nothing(monkeypatch):
    """A rule that SymPy decides for one element only stays open."""
    known = rules._established

    def only_small(instance, one):
        wide = rules.is_wide(instance)
        return rules.Outcome("open", "too hard") if wide else known(instance, one)

    monkeypatch.setattr(rules, "_established", only_small)
    assert established(OTHERS["softmax"]).verdict == "open"
