"""Rules of views of symbolic axes: dims get values that leave elements to say something about."""

import pytest

import graphdl as gd
from graphdl.passes import derivative
from graphdl.verification import remembered
from graphdl.verification.instances import bound
from graphdl.verification.rules import established
from tests.verification.shared import f, kernel

VIEWS = {
    "all but two rows": lambda x: x[2:],
    "every other of all but five": lambda x: x[5::2],
    "all but the last": lambda x: x[:-1],
    "rows less a border": lambda x: gd.reshape(x[3:], (-1,)),
    "a repeated piece": lambda x: gd.broadcast_to(gd.sum(x), x[2:].shape),
}


@pytest.fixture(autouse=True)
def nothing_remembered(monkeypatch, tmp_path):
    monkeypatch.setattr(remembered, "_known", {})
    monkeypatch.setenv("GRAPHDL_CACHE_DIR", str(tmp_path))


@pytest.mark.parametrize("name", VIEWS)
def test_instances_have_elements(name):
    node = bound(kernel(VIEWS[name](f("x", "N", 3))))
    assert 0 not in (*node.shape, *node.inputs[0].shape)


@pytest.mark.parametrize("name", VIEWS)
def test_a_wrong_rule_is_refuted(name, monkeypatch):
    node = VIEWS[name](f("x", "N", 3))
    kind = node.op.kind
    assert established(node).verdict == "proved"
    remembered._known.clear()
    rule = derivative._RULES[kind]

    def wrong(served, cotangent, operand):
        value, math = rule(served, cotangent, operand)
        return -value, math

    monkeypatch.setitem(derivative._RULES, kind, wrong)
    assert established(node).verdict == "refuted"


def test_what_has_no_elements_at_any_size_stays_so():
    assert bound(f("x", "N", 3)[:0]).shape == (0, 3)
