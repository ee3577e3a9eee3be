"""docs/rules.md holds every rule with its verdict, and is what is made now."""

import re

import pytest

import graphdl as gd
from graphdl.ir.rewrites import REWRITES, Rewrite
from graphdl.passes import expand, fold
from graphdl.passes.pipeline import PIPELINE, Trace, run
from tools.rules import derivatives, rewrites
from tools.rules.__main__ import PAGE, page
from tools.rules.floats import behaviour
from tools.rules.math import call, latex

REMEDY = "run python -m tools.rules"


@pytest.fixture(scope="module")
def made():
    return page()


def test_page_is_current(made):
    assert PAGE.read_text("utf-8") == made, REMEDY


def test_every_rewrite_is_on_it(made):
    rules = [r for stage in ("stabilise", "simplify", "views") for r in REWRITES[stage]]
    for rule in [*rules, *fold.RULES, *expand.RULES]:
        assert f"<br>`{rule.name}` |" in made, REMEDY


def test_every_derivative_rule_is_on_it(made):
    count = int(re.search(r"\| derivative rules \| (\d+) \|", made)[1])
    ruled = [op for op, uses in derivatives.nodes().items() if any(map(derivatives.has_rule, uses))]
    assert len(ruled) == count
    listed = [name for names in derivatives.without_rule().values() for name in names]
    assert len(ruled) + len(listed) == len(derivatives.nodes())


def test_every_rule_has_a_verdict(made):
    """The kinds of verdict add up, and nothing is wrong or unknown."""
    for name in ("rewrites", "derivative rules"):
        cells = re.search(rf"\| {name} \| ([\d |]+) \|", made)[1].split(" | ")
        total, *parts = map(int, cells)
        assert total == sum(parts)
        assert parts[0] > 0.9 * total  # proved
    assert not re.search(r"\| (refuted|open)\b", made)


def test_math_stands_in_tables(made):
    """Bars end a cell, so that math has none; braces are balanced."""
    for line in made.splitlines():
        for math in re.findall(r"\$`(.*?)`\$", line):
            assert "|" not in math
            bare = re.sub(r"\\[{}\\]", "", math)
            assert bare.count("{") == bare.count("}")
            assert math.isascii()
    tables = [line for line in made.splitlines() if line.startswith("| ")]
    for line in tables:
        assert len(re.findall(r"(?<!\\)\|", line)) in (5, 7), line


def test_what_fires_is_listed(made):
    """Every rule that the passes count stands on the page, whatever drives it."""
    w = gd.param("w", (4, 3))
    x = gd.input("x", ("N", 4))
    graph = gd.train_step(gd.sum(gd.log(gd.softmax(x @ w))), gd.optim.SGD(0.1))
    trace = Trace()
    run(graph, trace=trace)
    assert [e.name for e in trace.entries] == [p.name for p in PIPELINE]
    fired = {text.split(": ", 1)[1] for e in trace.entries for text in e.fired}
    assert fired
    for math in fired:
        assert f"| {latex(math)}<br>" in made


def rule(function, examples, exact=True):
    return Rewrite("simplify", "planted", ("tanh",), "tanh(x) → x", function, exact, examples)


def test_a_rule_without_an_example_has_no_verdict():
    with pytest.raises(rewrites.UnestablishedError, match="declares no examples"):
        rewrites.established(rule(lambda node: None, None))


def test_an_example_must_fire():
    with pytest.raises(rewrites.UnestablishedError, match="does not fire"):
        rewrites.established(rule(lambda node: None, lambda gd, x: gd.tanh(x)))


def test_a_wrong_rule_has_no_verdict():
    with pytest.raises(rewrites.UnestablishedError, match="is wrong"):
        rewrites.established(rule(lambda node: node.inputs[0], lambda gd, x: gd.tanh(x)))


def test_a_rule_that_is_right_for_real_numbers_only_is_not_exact():
    odd = rule(lambda node: gd.sinh(node.inputs[0]) / gd.cosh(node.inputs[0]), gd_tanh)
    with pytest.raises(rewrites.UnestablishedError, match="every bit"):
        rewrites.established(odd)


def gd_tanh(gd, x):
    return gd.tanh(x)


def test_floats_that_differ_are_told():
    x = gd.input("x", ("N",), "float64")
    exact, places = behaviour(gd.Graph(x + 0.0), gd.Graph(x))
    assert not exact
    assert places == ["x = −0: 0 → −0"]
    assert behaviour(gd.Graph(x - -0.0), gd.Graph(x + 0.0)) == (True, [])


def test_math_and_calls():
    assert latex("|−x| → |x|") == "$`\\vert -x\\vert  \\to \\vert x\\vert `$"
    assert latex("√x·√x → x") == "$`\\sqrt{x} \\cdot \\sqrt{x} \\to x`$"
    x = gd.input("x", ("N",))
    e = gd.exp(x)
    assert call(gd.Graph(e / (1.0 + e))) == "p = exp(x); divide(p, add(1.0, p))"
