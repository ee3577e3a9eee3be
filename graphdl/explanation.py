"""gd.explain: the chain rule of a network, step by step."""

from __future__ import annotations

import os.path
from collections.abc import Sequence
from dataclasses import dataclass

from graphdl.codegen.diagram.chain import Chain, Contribution, Passage, walk
from graphdl.codegen.diagram.mathtext import Symbol, atom, printable
from graphdl.codegen.diagram.naming import Formula
from graphdl.differentiation import backward_graph
from graphdl.ir.errors import ArgumentError
from graphdl.ir.graph import Graph
from graphdl.ir.node import Node


@dataclass(frozen=True)
class Line:
    """One line of an explanation: words, a formula, and what is said about the formula.

    Attributes
    ----------
    words : str
        A sentence in plain ASCII; empty for a line that is a formula.
    formula : Formula or None
        Math.
    note : str
        The shape of what the formula gives.
    """

    words: str = ""
    formula: Formula | None = None
    note: str = ""


@dataclass(frozen=True)
class Section:
    """One step: a title, where it was written, and its lines.

    Attributes
    ----------
    title : str
        What the step is about.
    formula : Formula or None
        The forward computation that it goes back through.
    site : str
        The user's ``file:line`` and scope.
    lines : tuple of Line
        The explanation.
    """

    title: str
    formula: Formula | None
    site: str
    lines: tuple[Line, ...]


class Explanation:
    """A walk through the chain rule; ``str()`` of it is the text.

    Attributes
    ----------
    steps : tuple of Section
        One a forward node, in the order of the backward pass.
    """

    def __init__(self, intro: Section, steps: Sequence[Section], closing: Section) -> None:
        self.intro = intro
        self.steps = tuple(steps)
        self.closing = closing

    @property
    def text(self) -> str:
        """The explanation as plain text."""
        return "\n".join(_section_text(s) for s in (self.intro, *self.steps, self.closing))

    @property
    def latex(self) -> str:
        """The explanation as LaTeX: the body of a document that loads amsmath."""
        return "\n".join(_section_latex(s) for s in (self.intro, *self.steps, self.closing))

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"<Explanation of {len(self.steps)} steps>"

    def _repr_markdown_(self) -> str:
        return f"```text\n{self.text}\n```"


def explain(
    graph: Graph | Node | tuple[Node, Node | Sequence[Node]],
    wrt: Node | Sequence[Node] | None = None,
) -> Explanation:
    """Walk through the chain rule of a network, in the order of the backward pass.

    Parameters
    ----------
    graph : Graph, Node or (loss, wrt)
        A graph of ``gd.backward_graph`` or ``gd.train_step``, or a loss.
    wrt : node or sequence of Node, optional
        With a loss: what it is differentiated by; default: all parameters.

    Returns
    -------
    Explanation
        With ``.text``, ``.latex`` and ``.steps``.

    Raises
    ------
    GradientError
        If there is no loss or no derivative in the graph.

    Examples
    --------
    >>> import graphdl as gd
    >>> x, w = gd.input("x", (3,)), gd.param("w", (3,))
    >>> e = gd.explain(gd.sum(gd.tanh(w * x)))
    >>> len(e.steps)
    3
    >>> print(e.steps[1].lines[1].formula.text)
    v̄₁ = v̄₂·(1 − v₂²)
    """
    if isinstance(graph, (tuple, list)):
        if wrt is not None:
            raise ArgumentError("wrt is given twice", remedy="gd.explain(loss, wrt)")
        graph, wrt = graph
    given = graph if isinstance(graph, Graph) else backward_graph(graph, wrt)
    chain = walk(given)
    steps = [_passage(chain, n, p) for n, p in enumerate(chain.passages, 1)]
    return Explanation(_intro(chain), steps, _closing(chain))


def _named(symbol: Symbol) -> Formula:
    """Return a formula that is just one name."""
    return Formula(atom(0), (symbol,))


def _intro(chain: Chain) -> Section:
    names = chain.names
    lines = []
    for node in chain.opened.order:
        if node.name and names[node].base + names[node].index != node.name:
            words = f"The {node.op.name} {printable(node.name)} is written:"
            lines.append(Line(words, _named(names[node]), _type(node)))
    lines.append(Line("The forward pass computes:"))
    lines += [Line("", chain.names.equation(n), _type(n)) for n in chain.forward]
    first = chain.wrt[0]
    bar = Formula(
        f"{atom(0)} = ∂{atom(1)}/∂{atom(2)}",
        (names.adjoint(first), names[chain.loss], names[first]),
    )
    lines.append(Line("A bar marks an adjoint, the derivative of the loss by that value:", bar))
    if any(count > 1 for count in chain.received.values()):
        lines.append(Line("What is used in several places receives a contribution from each (+=)."))
    words = "The backward pass takes the same steps in reverse, and starts with:"
    start = Formula(f"{atom(0)} = 1", (names.adjoint(chain.loss),))
    lines.append(Line(words, start, _type(chain.loss)))
    return Section("The network", None, "", tuple(lines))


def _passage(chain: Chain, number: int, passage: Passage) -> Section:
    node, names = passage.node, chain.names
    lines: list[Line] = []
    if passage.received > 1:
        words = f"It received {passage.received} contributions; with their sum, go on:"
        lines.append(Line(words, _named(names.adjoint(node)), _type(node)))
    said = ""
    for contribution in passage.contributions:
        reason, local = _reason(node, contribution), _local(chain, passage, contribution)
        if reason != said or local is not None:
            lines.append(Line(reason, local))
        said = reason
        if contribution.repeated:
            words = "That input was repeated to fit, so its adjoint is summed over the repeats:"
            lines.append(Line(words, _named(names[contribution.target]), ""))
        lines.append(Line("", chain.rule(contribution), _type(contribution.target)))
    for target in dict.fromkeys(c.target for c in passage.contributions):
        if target in chain.wrt and chain.last_giver[target] is passage:
            total = chain.received[target]
            how = f", the sum of {total} contributions" if total > 1 else ""
            words = f"This completes the gradient by {_called(target)}{how}:"
            lines.append(Line(words, _named(names.adjoint(target)), _type(target)))
    return Section(f"Step {number}: back through", names.equation(node), _place(node), tuple(lines))


def _place(node: Node) -> str:
    if not node.origins:
        return ""
    origin = node.origins[0]
    place = f"{os.path.basename(origin.file)}:{origin.line}"
    return f"{origin.scope}, {place}" if origin.scope else place


def _called(node: Node) -> str:
    return f"{node.op.name} {printable(node.name)}" if node.name else f"this {node.op.name}"


_REASONS = {
    "contract": "A product: each factor receives the adjoint times the other factor.",
    "view": "Elements only changed their place: their adjoints go back the same way.",
    "assembly": "Each piece receives its region of the adjoint.",
    "gather": "The adjoint goes back to where the elements were taken from.",
    "scatter": "Each element receives the adjoint of the place where it was added.",
    "prefix": "Each element receives what the places from it on pass back.",
    "composite": "This op declares its derivative as a whole.",
}


def _reason(node: Node, contribution: Contribution) -> str:
    if node.op.kind == "elementwise":
        again = node.inputs.count(contribution.target) > 1
        place = f"As input {contribution.operand + 1}: element" if again else "Element"
        return f"{place} by element, with the local derivative:"
    if node.op.kind == "reduce":
        if getattr(node.op, "combine", "") == "add":
            return "Every element counts once in the sum: each receives the adjoint of the sum."
        return f"The adjoint goes to the elements that decide the {node.op.name}."
    return _REASONS.get(node.op.kind, "")


def _local(chain: Chain, passage: Passage, contribution: Contribution) -> Formula | None:
    if contribution.local is None:
        return None
    symbols = contribution.local.symbols
    count = len(symbols)
    ends = chain.names[passage.node], chain.names[contribution.target]
    return Formula(
        f"∂{atom(count)}/∂{atom(count + 1)} = {contribution.local.pattern}", (*symbols, *ends)
    )


def _closing(chain: Chain) -> Section:
    count = len(chain.passages)
    lines = [Line(f"The loss was followed back through {count} operations. That gave:")]
    for node in chain.wrt:
        received = chain.received.get(node, 0)
        many = f"from {received} contributions" if received > 1 else "from one contribution"
        what = many if received else "zero, as the loss does not depend on it"
        words = f"the gradient by {_called(node)}, {what}:"
        lines.append(Line(words, _named(chain.names.adjoint(node)), _type(node)))
    return Section("Summary", None, "", tuple(lines))


def _type(node: Node) -> str:
    sizes = ", ".join(str(s) for s in node.shape)
    return f"{node.dtype} [{sizes}]" if node.shape else f"{node.dtype} scalar"


def _section_text(section: Section) -> str:
    title = section.title if section.formula is None else f"{section.title} {section.formula.text}"
    rows = [f"{title}    ({section.site})" if section.site else title]
    for line in section.lines:
        math = "" if line.formula is None else line.formula.text
        note = f"    {line.note}" if line.note else ""
        joined = f"{line.words} {math}".strip() if line.words else f"    {math}"
        rows.append(f"  {joined}{note}")
    return "\n".join([*rows, ""])


def _section_latex(section: Section) -> str:
    title = _prose(section.title)
    if section.formula is not None:
        title += rf" \({section.formula.latex}\)"
    rows = [rf"\paragraph{{{title}}}"]
    if section.site:
        rows.append(rf"\texttt{{{_prose(section.site)}}}")
    for line in section.lines:
        note = rf"\qquad \text{{{_prose(line.note)}}}" if line.note else ""
        rows.append(_prose(line.words))
        if line.formula is not None:
            rows.append(rf"\[ {line.formula.latex} {note} \]")
    return "\n".join(r for r in rows if r) + "\n"


_PROSE = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "_": r"\_", "#": r"\#", "%": r"\%",
    "&": r"\&", "$": r"\$", "^": r"\^{}", "~": r"\~{}", "[": "{[}", "]": "{]}", "…": r"\ldots{}",
    "<": r"\textless{}", ">": r"\textgreater{}",
}  # fmt: skip


def _prose(text: str) -> str:
    """Return text for LaTeX's text mode; characters beyond ASCII by their number."""
    return "".join(
        _PROSE.get(c) or (c if c.isascii() and c.isprintable() else f"U+{ord(c):04X}") for c in text
    )
