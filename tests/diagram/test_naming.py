"""Names and math: as text and as LaTeX, whatever users call things."""

import re

from hypothesis import given
from hypothesis import strategies as st

import graphdl as gd
from graphdl.codegen.diagram import mathtext
from graphdl.codegen.diagram.naming import Names
from graphdl.codegen.diagram.opening import open_graph


def names_of(graph):
    opened = open_graph(graph)
    return Names(opened, opened.order, {}), opened


def test_leaves_keep_their_names_and_equal_ones_are_numbered():
    parts = []
    for scope in ("first", "second"):
        with gd.scope(scope):
            parts.append(gd.param("W", (2,)))
    extra = gd.param("bias7", (2,))
    names, _ = names_of(gd.Graph(parts[0] * parts[1] + extra))
    leaves = {n.name: s.text for n, s in names._known.items() if n.name}
    assert leaves == {"first/W": "W₁", "second/W": "W₂", "bias7": "bias₇"}


def test_names_are_unique_whatever_users_choose():
    leaves = [gd.param(n, ()) for n in ("h", "z", "z1", "u", "v", "v1", "a/W", "b/W", "W1")]
    total = leaves[0]
    for leaf in leaves[1:]:
        total = gd.tanh(total * leaf)
    names, opened = names_of(gd.Graph(total))
    shown = [names[n].text for n in opened.order]
    assert len(set(shown)) == len(shown)


def test_linear_maps_are_z_and_activations_h():
    x, w, b = gd.input("x", ("N", 3)), gd.param("w", (3, 2)), gd.param("b", (2,))
    names, opened = names_of(gd.Graph(gd.relu(x @ w + b)))
    shown = {n.op.name: names[n].text for n in opened.order if n.inputs}
    assert shown == {"contract": "u", "add": "z", "relu": "h"}
    assert [names.formula(n).text for n in opened.order if n.inputs] == [
        "x·w",
        "u + b",
        "relu(z)",
    ]


def test_products_are_written_as_products():
    a, b = gd.input("a", (3, 4)), gd.input("b", (3, 4))
    specs = {"ij,ik->jk": "aᵀ·b", "ij,kj->ik": "a·bᵀ"}
    for spec, text in specs.items():
        names, opened = names_of(gd.Graph(gd.einsum(spec, a, b)))
        assert names.formula(opened.order[-1]).text == text


def test_numbers_are_shown_in_place():
    x = gd.input("x", ("N",))
    names, opened = names_of(gd.Graph({"y": gd.mean(x * 0.5)}))
    math = [names.formula(n).text for n in opened.order if n.inputs and n not in opened.folded]
    assert math == ["x·0.5", "Σ v", "s / N"]


def test_tidy_says_the_same_shorter():
    assert mathtext.tidy("~{z}·(1 if ({z} > 0) else 0)") == "~{z}·[{z} > 0]"
    assert mathtext.tidy("(a if b else c)") == "(a if b else c)"
    assert mathtext.tidy("~{z}·(1 / {1})") == "~{z} / {1}"
    assert mathtext.tidy("~{z}·(a − b)") == "~{z}·(a − b)"


def test_latex_of_what_templates_contain():
    assert mathtext.to_latex("(a if (b > 0) else c)") == (
        r"\begin{cases}a & (b > 0)\\c & \text{else}\end{cases}"
    )
    assert mathtext.to_latex("x ^(p − 1)·2e-05") == r"x ^{p - 1} \cdot 2 \cdot 10^{-5}"
    assert (
        mathtext.to_latex("xᵀᵀ + x²ᵀ") == r"x^{\top \top} + x^{2 \top}"
    )  # one superscript, not two
    assert mathtext.to_latex("√x² + √(a + b)") == r"\sqrt{x}^{2} + \sqrt{a + b}"
    assert mathtext.to_latex("log1p(x)") == r"\operatorname{log1p}(x)"
    assert mathtext.to_latex("onehot(y)") == r"\operatorname{onehot}(y)"


def balanced(latex):
    bare = re.sub(r"\\[{}\\]", "", latex)
    depth = 0
    for character in bare:
        depth += (character == "{") - (character == "}")
        assert depth >= 0
    return depth == 0


@given(st.text(min_size=1, max_size=60))
def test_any_name_is_one_printable_line_and_safe_latex(name):
    symbol = mathtext.symbol(name)
    assert symbol.text.isprintable()
    assert len(symbol.base) <= mathtext.LONGEST_NAME
    for latex in (symbol.latex, symbol.adjoint.latex, symbol.adjoint.adjoint.latex):
        assert latex.isascii()
        assert balanced(latex)
        assert not re.search(r"(?<!\\)[#%&$]", latex)
