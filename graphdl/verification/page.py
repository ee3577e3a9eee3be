"""The page that a failed check leaves behind: one file of HTML that needs nothing else."""

from __future__ import annotations

import html
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from graphdl._version import __version__
from graphdl.diagram import Diagram, draw
from graphdl.ir.errors import ArgumentError
from graphdl.ir.graph import Graph
from graphdl.ir.node import Node
from graphdl.verification.finding import HEADINGS, Finding

MOST_ELEMENTS = 1000
"""Of an array that is printed in full."""


def page(
    headline: str,
    rows: Sequence[Sequence[str]],
    facts: Mapping[str, str],
    point: Mapping[str, np.ndarray],
    graphs: Sequence[Graph],
    marks: Mapping[Node, str],
) -> str:
    """Return the page's text.

    Parameters
    ----------
    headline : str
        What is wrong.
    rows : sequence of rows
        The table, its headings first.
    facts : mapping of str to str
        Seed, sizes, how to repeat it ...
    point : mapping of str to ndarray
        Inputs and state at which it shows.
    graphs : sequence of Graph
        Drawn, and printed as text.
    marks : mapping of Node to str
        Nodes that are marked in the diagrams.
    """
    parts = [f"<h1>{_text(headline)}</h1>", _table(rows), _facts(facts)]
    for graph in graphs:
        wrong = {n: note for n, note in marks.items() if n in set(graph.nodes)}
        parts += [f"<h2>Diagram of {_text(graph.name)}</h2>", _drawing(graph, wrong)]
    for graph in graphs:
        parts += [f"<h2>Text of {_text(graph.name)}</h2>", f"<pre>{_text(str(graph))}</pre>"]
    if point:
        parts += ["<h2>Inputs and state</h2>", f"<pre>{_text(values_text(point))}</pre>"]
    body = "\n".join(parts)
    return _PAGE.format(title=_text(headline), body=body, version=_text(__version__))


def save(
    path: str | os.PathLike[str],
    headline: str,
    findings: Sequence[Finding],
    facts: Mapping[str, str],
    point: Mapping[str, np.ndarray],
    graphs: Sequence[Graph],
) -> Path:
    """Write a page; folders are made."""
    rows = [HEADINGS, *(f.cells for f in findings)]
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(page(headline, rows, facts, point, graphs, marks(findings)), "utf-8")
    return target


def drawn(graph: Graph | None, findings: Sequence[Finding], options: Mapping[str, Any]) -> Diagram:
    """Return the diagram of a graph, with the nodes of findings marked."""
    if graph is None:
        raise ArgumentError("there is no graph to draw")
    inside = set(graph.nodes)
    marked = {n: note for n, note in marks(findings).items() if n in inside}
    return draw(graph, **{"mark": marked, **options})


def marks(findings: Sequence[Finding]) -> dict[Node, str]:
    """Return the notes on nodes that findings are about."""
    return {f.node: f.note for f in reversed(findings) if f.node is not None}


def _text(text: str) -> str:
    return html.escape("".join(c if c.isprintable() or c == "\n" else "␣" for c in text))


def _table(rows: Sequence[Sequence[str]]) -> str:
    lines = []
    for number, row in enumerate(rows):
        tag = "td" if number else "th"
        lines.append(f"<tr>{''.join(f'<{tag}>{_text(cell)}</{tag}>' for cell in row)}</tr>")
    return "<table>\n" + "\n".join(lines) + "\n</table>"


def _facts(facts: Mapping[str, str]) -> str:
    rows = (f"<dt>{_text(k)}</dt><dd><code>{_text(v)}</code></dd>" for k, v in facts.items())
    return "<dl>\n" + "\n".join(rows) + "\n</dl>"


def _drawing(graph: Graph, marks: Mapping[Node, str]) -> str:
    diagram = draw(graph, mark=marks)
    if diagram.svg is None:
        return f"<p>Nothing on this machine draws it; in DOT:</p><pre>{_text(diagram.dot)}</pre>"
    return f'<div class="diagram">{inline_svg(diagram.svg)}</div>'


def inline_svg(svg: str) -> str:
    """Return an SVG file as an element of a page, without what points at other sites."""
    inside = svg[svg.index("<svg") :]
    return re.sub(r'\s+xmlns(:\w+)?="[^"]*"', "", inside)


def values_text(point: Mapping[str, np.ndarray]) -> str:
    """Return inputs and state, a line each or more."""
    return "\n".join(f"{name} = {_array(value)}" for name, value in point.items())


def _array(value: np.ndarray) -> str:
    if value.size > MOST_ELEMENTS:
        return f"{value.dtype}{value.shape}, too large to print: drawn again from the seed"
    with np.printoptions(threshold=MOST_ELEMENTS, floatmode="unique"):
        return repr(np.asarray(value))


_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title}</title>
<style>
body {{ font-family: sans-serif; margin: 2em; line-height: 1.4 }}
h1 {{ font-size: 1.4em }}
h2 {{ font-size: 1.1em; margin-top: 2em }}
table {{ border-collapse: collapse }}
td, th {{ padding: 0.2em 1em 0.2em 0; text-align: left; border-bottom: 1px solid #ccc }}
td, code, pre {{ font-family: monospace }}
pre, .diagram {{ overflow-x: auto; border: 1px solid #ccc; padding: 1em }}
dt {{ font-weight: bold }}
dd code {{ white-space: pre-wrap }}
</style>
</head>
<body>
{body}
<p>Written by graphdl {version}.</p>
</body>
</html>
"""
