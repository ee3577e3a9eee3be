"""The text form prints deterministically and reads back to the same graph.

After a change on purpose, ``GRAPHDL_UPDATE_GOLDEN=1 pytest tests/ir/test_text.py`` writes the
golden files anew; look at the difference before you commit it.
"""

import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphdl as gd
from graphdl import nn
from graphdl.ir import dims
from graphdl.ir.compare import same_structure
from graphdl.ir.dtypes import DTYPES
from graphdl.ir.errors import ParseError
from graphdl.ir.kinds import OPS, LeafOp, leaf
from graphdl.ir.text import parse, to_text

GOLDEN = Path(__file__).parents[1] / "golden"
ROOT = Path(__file__).parents[2]


def mlp_loss():
    x, label = gd.input("x", ("N", 4)), gd.input("label", ("N",), "int32")
    with gd.scope("hidden"):
        w, b = gd.param("w", (4, 5), init=nn.init.he()), gd.param("b", (5,))
        h = gd.relu(x @ w + b)
    with gd.scope("head"):
        logits = h @ gd.param("w", (5, 3), init=0.5)
    return -gd.mean(gd.take_along_axis(gd.log_softmax(logits), label[:, None], 1))


def forward():
    return gd.Graph({"loss": mlp_loss()}, name="forward")


def backward():
    return gd.backward_graph(mlp_loss())


def step():
    """Return a hand-written training step with state, and an unused input."""
    x, y, unused = gd.input("x", ("N",)), gd.input("y", ("N",)), gd.input("unused", (2, "M"))
    w = gd.param("w", (), init=0.5)
    count = gd.state("steps done", (), "int64")
    loss = gd.mean((w * x - y) ** 2)
    (gradient,) = gd.grad(loss, w)
    return gd.Graph(
        {"loss": loss, "a strange name\n": loss * 2.0},
        updates={w: w - 0.1 * gradient, count: count + 1},
        name="train",
        inputs=[y, x, unused],
    )


def shapes():
    """Return a graph with all kinds of attributes."""
    n = dims.symbol("N")
    x = gd.input("x", (2 * n + 1, 3), "float64")
    part = gd.pad(x[::-2, 1:], ((0, 1), (2, 0)), constant_values=-np.inf)
    joined = gd.concat([part, gd.flip(part, 0)], 1).reshape(-1)
    table = gd.constant(np.arange(40, dtype=np.int64).reshape(8, 5) % 7)
    taken = gd.gather(x, table[1, :2] * 0, 1).astype("int32")
    hot = gd.one_hot(gd.argmax(x, 1), 3, "uint8")
    return gd.Graph([joined, taken, hot, gd.gelu(x, approximate="tanh"), x**-3], name="shapes")


GRAPHS = [forward, backward, step, shapes]


@pytest.mark.parametrize("build", GRAPHS)
def test_golden(build):
    text, path = to_text(build()), GOLDEN / f"{build.__name__}.txt"
    if os.environ.get("GRAPHDL_UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("build", GRAPHS)
def test_reads_back(build):
    graph = build()
    again = parse(to_text(graph))
    assert same_structure(again, graph)
    assert [i.name for i in again.inputs] == [i.name for i in graph.inputs]
    assert list(again.outputs) == list(graph.outputs)
    assert [s.name for s in again.updates] == [s.name for s in graph.updates]
    assert to_text(parse(to_text(again))) == to_text(again)
    assert without_comments(to_text(again)) == without_comments(to_text(graph))


def without_comments(text):
    return [line.partition("  # ")[0] for line in text.splitlines()]


def test_the_same_text_whatever_the_hash_seed_and_the_checkout():
    code = (
        "import importlib.util, sys\n"
        f"spec = importlib.util.spec_from_file_location('t', {__file__!r})\n"
        "t = importlib.util.module_from_spec(spec); spec.loader.exec_module(t)\n"
        "sys.stdout.reconfigure(encoding='utf-8')\n"
        "print(''.join(t.to_text(b()) for b in t.GRAPHS), end='')"
    )
    texts = [
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed, "LC_ALL": "C"},
            capture_output=True,
            check=True,
        ).stdout.decode()
        for seed in ("1", "2")
    ]
    assert texts[0] == texts[1] == "".join(to_text(build()) for build in GRAPHS)
    assert str(ROOT) not in texts[0]


def test_lines_and_scopes_of_what_was_read():
    text = "graph g {\n\n  %x = input : float32(3,) @ a, b\n  output y = %x\n}\n"
    graph = parse(text, "here.txt")
    (x,) = graph.inputs
    assert [o.scope for o in x.origins] == ["a", "b"]
    assert x.site == "here.txt:3"


def test_rules_stand_in_comments():
    lines = to_text(backward()).splitlines()
    assert any("# ~%hidden/w += %xᵀ·~%0" in line for line in lines)


text = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)  # no halves of characters


@given(text, text, text)
def test_any_name_reads_back(graph_name, output, name):
    name = name.replace("\0", "") or "x"
    graph = gd.Graph({output: gd.input(name, ())}, name=graph_name)
    again = parse(to_text(graph))
    assert same_structure(again, graph)
    assert again.inputs[0].name == name


def test_an_op_name_that_is_no_identifier():
    op = LeafOp("strange op!")
    try:
        graph = gd.Graph(leaf(op, (), DTYPES["float32"]))
        assert '"strange op!"' in to_text(graph)
        assert same_structure(parse(to_text(graph)), graph)
    finally:
        del OPS[op.name]


BAD = {
    "": "line 1: 'the end' where graph",
    "graph": "line 1: 'the end' where word",
    "graph g {": "line 1: 'the end' where update",
    "graph g {\n}\nmore": "line 3: 'more' where end",
    "graph g {\n  %x = foo : float32()\n}": "line 2: no op is named 'foo'",
    "graph g {\n\n  output y = %x\n}": "line 3: %x is not defined above",
    "graph g {\n  %x = input : float16()\n}": "line 2: unknown dtype 'float16'",
    "graph g {\n  %x = input : float32(N N)\n}": "line 2: 'N N' is not a value",
    "graph g {\n  %x = input : float32(²)\n}": "line 2: '²' is not a value",
    "graph g {\n  %0 = input : float32()\n}": "line 2: input: attribute 'name' is missing",
    "graph g {\n  %x = param : float32()\n}": "line 2: param: attribute 'init' is missing",
    "graph g {\n  %0 = iota : int32()\n}": "line 2: iota: positions have one axis",
    "graph g {\n  %x = input : float32()\n  %x = input : float32()\n}":
        "line 3: %x is defined twice",
    "graph g {\n  %x = input : float32(3,)\n  %0 = exp(%x) : float32(4,)\n}":
        "line 3: exp: the type is float32",
    "graph g {\n  %x = input : float32(3,)\n  %0 = exp(%x, %x) : float32(3,)\n}":
        "line 3: exp: takes 1 inputs",
    "graph g {\n  %x = input : float32(3,)\n  %0 = sum(%x) : float32()\n}":
        "line 3: sum: inputs or attributes do not fit",
    "graph g {\n  %x = input : float32(3,)\n  %0 = sum[axes=(0,), axes=(0,)](%x) : float32()\n}":
        "line 3: attribute 'axes' occurs twice",
    'graph g {\n  %0 = constant[value=array(float32, (2,), "AAA")] : float32(2,)\n}':
        "line 2: bad array",
    "graph g {\n  %0 = constant[value=array(uint8, [300])] : uint8(1,)\n}": "line 2: bad array",
    "graph g {\n  %0 = constant[value=array(uint8, [[1], [1, 2]])] : uint8(2,)\n}":
        "line 2: bad array",
    "graph g {\n  %0 = constant[value=array(uint8, [1])] : int32(1,)\n}":
        "line 2: constant: value must be of dtype int32",
    "graph g {\n  %0 = constant[value=1.0] : float32()\n}":
        "line 2: constant: value must be an array",
    "graph g {\n  %w = param[init=evil()] : float32()\n}":
        "line 2: no initialiser is named 'evil'",
    "graph g {\n  %w = param[init=he(evil=1)] : float32()\n}": "line 2: he:",
    'graph g {\n  %x = input[name="\\q"] : float32()\n}': "line 2: unknown escape",
    'graph g {\n  %x = input[name="open] : float32()\n}': "line 2: '\"' is unexpected",
    "graph g {\n  %x = input : float32()\n  update %x = %x\n}": "line 1: only state can be updated",
    "graph g {\n  %x = input : float32()\n  output a = %x\n  output a = %x\n}":
        "line 4: output 'a' occurs twice",
}  # fmt: skip


@pytest.mark.parametrize("text", BAD)
def test_errors_name_the_line(text):
    with pytest.raises(ParseError) as caught:
        parse(text, "file.txt")
    line, _, message = BAD[text].partition(": ")
    assert message in str(caught.value)
    assert f"at: file.txt:{line.removeprefix('line ')}" in str(caught.value)


@pytest.mark.parametrize("opening", ["(", "<" + "(" * 50_000, "array(float32, [", "he(gain=", "-"])
def test_deep_nesting_is_refused(opening):
    tail = ">" if opening[0] == "<" else ""
    count = 1 if tail else 50_000
    text = f"graph g {{\n  %0 = constant[value={opening * count}{tail}] : float32()\n}}"
    with pytest.raises(ParseError):
        parse(text)


@given(st.data())
def test_damaged_text_never_raises_anything_else(data):
    whole = to_text(backward())
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(len(whole), start + 30)))
    junk = data.draw(st.text('%(){}[]<>",=:@#0123456789.eNfloatinxy \n\\-+*/', max_size=4))
    with contextlib.suppress(ParseError):
        parse(whole[:start] + junk + whole[end:])


def test_a_hundred_thousand_nodes_in_linear_time():
    def seconds(n):
        h = gd.input("x", ())
        for _ in range(n):
            h = gd.tanh(h)
        graph = gd.Graph(h)
        start = time.perf_counter()
        again = parse(to_text(graph))
        taken = time.perf_counter() - start
        assert same_structure(again, graph)
        return taken

    small = min(seconds(2500) for _ in range(3))
    assert seconds(100_000) < 40 * 4 * small  # quadratic would be 1600 times
