"""Math on the page: plain rules as LaTeX, examples as calls."""

from __future__ import annotations

from collections.abc import Sequence

from graphdl.codegen.diagram.mathtext import atom, to_latex
from graphdl.ir.graph import Graph
from graphdl.ir.leaves import CONSTANT
from graphdl.ir.literals import value_text
from graphdl.ir.node import Node, topological

_WHOLE = {
    "log1p(": r"\operatorname{log1p}(", "√x": r"\sqrt{x}", "2ᵏ": "2^{k}", "2⁻ᵏ": "2^{-k}",
}  # fmt: skip
"""What is translated as one piece."""


def latex(text: str, atoms: Sequence[str] = ()) -> str:
    r"""Return plain math as inline math that stands in a table.

    Examples
    --------
    >>> latex("|−x| → |x|")
    '$`\\vert -x\\vert  \\to \\vert x\\vert `$'
    """
    shown = list(atoms)
    for plain, whole in _WHOLE.items():
        if plain in text:
            text = text.replace(plain, atom(len(shown)))
            shown.append(whole)
    return inline(to_latex(text, shown))


def inline(math: str) -> str:
    """Return LaTeX between marks that keep Markdown away from it; a bar would end the cell."""
    return f"$`{math.replace('||', '|').replace('|', chr(92) + 'vert ')}`$"


def cell(text: str) -> str:
    """Return text for a cell of a table."""
    return text.replace("|", "\\|").replace("\n", "<br>")


def call(graph: Graph) -> str:
    """Return what a graph computes as nested calls; what is read twice gets a name.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", ("N",))
    >>> call(gd.Graph(gd.log(1.0 + x)))
    'log(add(1.0, x))'
    """
    order = topological(graph.roots)
    readers = [i for n in order for i in n.inputs]
    text: dict[Node, str] = {}
    lines: list[str] = []
    for node in order:
        text[node] = _called(node, [text[i] for i in node.inputs])
        if node.inputs and readers.count(node) > 1:
            lines.append(f"{chr(ord('p') + len(lines))} = {text[node]}")
            text[node] = lines[-1][0]
    return "; ".join([*lines, *(text[r] for r in graph.roots)])


def _called(node: Node, operands: Sequence[str]) -> str:
    if node.name:
        return node.name
    if node.op is CONSTANT:
        value = node.attr("value")
        return str(value.item()) if value.shape == () else str(value.tolist())
    attrs = [f"{k}={value_text(v)}" for k, v in node.attrs]
    return f"{node.op.name}({', '.join([*operands, *attrs])})"
