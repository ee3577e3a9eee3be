"""The page of a failed check: it needs nothing else, and shows table, text, values and marks."""

import re
from html.parser import HTMLParser
from xml.dom import minidom

import pytest

import graphdl as gd
from graphdl import testing
from graphdl.codegen.diagram import render
from graphdl.testing import reporting
from graphdl.verification.page import inline_svg

EMPTY = {"meta", "br"}


class Balanced(HTMLParser):
    """Reads a page and notes its open elements."""

    def __init__(self):
        super().__init__()
        self.open, self.seen = [], set()

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        assert tag not in ("script", "link", "img", "iframe", "object")
        assert not {"src", "href", "xlink:href"} & dict(attrs).keys()
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def page(folder, **options):
    op = gd.define_op("page_wrong", lambda x: x * x, grads=lambda x, y: (3.0 * x,), replace=True)
    with gd.scope("</title><script>alert(1)</script>"):
        w = gd.param("w", (3, 2), "float64")
    x = gd.input("x", ("N", 3))
    with pytest.raises(testing.Disagreement) as caught:
        testing.assert_grad(gd.sum(gd.tanh(op(x @ w))), report=folder, **options)
    return caught.value.page.read_text("utf-8"), caught.value


def test_it_is_self_contained_and_well_formed(tmp_path):
    text, _ = page(tmp_path)
    reader = Balanced()
    reader.feed(text)
    assert reader.open == []
    assert {"table", "pre", "h1", "dl"} <= reader.seen
    assert "http" not in text
    assert "url(" not in text
    assert "@import" not in text


def test_it_has_what_the_message_has_and_more(tmp_path):
    text, error = page(tmp_path, seed=2)
    for finding in error.findings:
        assert f"<td>{finding.got:.10g}</td>" in text
        assert f"<td>{finding.expected:.10g}</td>" in text
    assert "assert_grad(loss, seed=2)" in text
    assert "graph backward {" in text
    assert "= page_wrong(" in text
    assert "<pre>x = array([[" in text
    assert "state &lt;/title&gt;" in text


@pytest.mark.skipif(render.render("digraph {a}", "svg") is None, reason="nothing draws here")
def test_the_diagram_marks_what_is_wrong(tmp_path):
    text, error = page(tmp_path)
    svg = re.search(r"<svg.*</svg>", text, re.DOTALL)[0]
    drawing = minidom.parseString(svg.replace("xlink:", ""))
    labels = [t.firstChild.data for t in drawing.getElementsByTagName("text") if t.firstChild]
    for finding in error.findings:
        assert f"✗ got {finding.got:.10g}" in labels
        assert f"✗ expected {finding.expected:.10g}" in labels
    assert 'stroke="#cc0000"' in svg.lower()


def test_a_drawing_that_cannot_be_made_is_given_as_dot(tmp_path, monkeypatch):
    monkeypatch.setattr(render, "RENDERERS", [])
    text, _ = page(tmp_path)
    assert "Nothing on this machine draws it" in text
    assert "digraph {" in text


def test_marks_in_drawings():
    x = gd.input("x", ("N",))
    g = gd.Graph(gd.exp(x))
    assert "✗" not in gd.draw(g).dot
    dot = gd.draw(g, mark={g.outputs["out"]: "expected 1\ngot 2"}).dot
    assert r"\n✗ expected 1\n✗ got 2" in dot
    assert "penwidth=5" in dot
    assert gd.draw(g, mark={gd.sin(x): "elsewhere"}).dot == gd.draw(g).dot


def test_svg_loses_its_prologue():
    head = '<?xml version="1.0"?>\n<!DOCTYPE svg "x">\n'
    svg = f'{head}<svg width="1" xmlns="u:v" xmlns:x="u"><g/></svg>'
    assert inline_svg(svg) == '<svg width="1"><g/></svg>'


def test_several_failures_of_one_test_have_pages_of_their_own(tmp_path):
    reporter = reporting.Reporter(tmp_path, "a/test.py::test[x y]", "pytest …")
    x = gd.input("x", ("N",))
    for _ in range(3):
        with pytest.raises(testing.Disagreement, match="repeat: pytest …"):
            testing.assert_same(gd.exp(x), gd.expm1(x), report=reporter)
    stem = reporting.file_stem("a/test.py::test[x y]")
    names = {f"{stem}.html", f"{stem}-2.html", f"{stem}-3.html"}
    assert {p.name for p in tmp_path.iterdir()} == names
    assert reporter.properties[:2] == [
        ("graphdl", "failed"),
        ("graphdl report", str(tmp_path / f"{stem}.html")),
    ]


def test_names_of_files_differ_for_different_tests():
    names = ["t.py::a[x/y]", "t.py::a[x-y]", "t.py::a[x y]", "u" * 300, "u" * 301, "", "…"]
    stems = {reporting.file_stem(name) for name in names}
    assert len(stems) == len(names)
    assert all(re.fullmatch(r"[\w.-]{1,100}", stem, re.ASCII) for stem in stems)
