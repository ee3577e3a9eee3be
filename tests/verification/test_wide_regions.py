"""Between limits that lie far apart, points are taken near 0, too: that is where values differ."""

import random
from fractions import Fraction

import pytest

import graphdl as gd
from graphdl.passes import partials
from graphdl.verification import regions, remembered
from graphdl.verification.rules import established
from tests.verification.shared import f


@pytest.mark.parametrize(("low", "high"), [(-1000, 1000), (0, 50), (-50, 0), (5, 900), (-1, 800)])
def test_points_lie_inside_and_some_are_small(low, high):
    rng = random.Random(0)
    points = [regions._between(Fraction(low), Fraction(high), rng) for _ in range(200)]
    assert all(low < p < high for p in points)
    nearest = min(max(0, low), high)
    assert sum(abs(p - nearest) <= 3 for p in points) > 50
    assert any(abs(p - nearest) > 30 for p in points)


def test_a_wrong_term_of_a_clipped_rule_is_refuted(monkeypatch, tmp_path):
    """The derivative of gelu with one sign wrong: equal to the right one from 12 on."""
    monkeypatch.setattr(remembered, "_known", {})
    monkeypatch.setenv("GRAPHDL_CACHE_DIR", str(tmp_path))
    node = gd.gelu(f("x", "N"), approximate="tanh")
    key = (node.op, node.attrs)
    (right,) = partials.partials(*key)
    walk = gd.ir.scalar.walk(right)
    (share,) = [v for v in walk if v.instruction and v.instruction.name == "sigmoid"]
    bent = right + 8.0 * share * (1.0 - share)
    monkeypatch.setitem(partials._known, key, (bent,))
    assert established(node).verdict == "refuted"


def test_a_rule_that_divides_by_zero_is_not_proved(monkeypatch, tmp_path):
    """SymPy prints complex infinity by a KeyError."""
    monkeypatch.setattr(remembered, "_known", {})
    monkeypatch.setenv("GRAPHDL_CACHE_DIR", str(tmp_path))
    wrong = gd.define_op(
        "regions_over_nothing",
        expand=lambda x: x * x,
        grads=lambda x, y, c: [c * x / gd.sum(x * 0.0)],
        replace=True,
    )
    node = wrong(f("x", 3))
    assert established(node).verdict != "proved"
    assert gd.verify(gd.sum(wrong(gd.param("w", (3,), "float64")))).verdict == "refuted"
