"""The text of a page, section by section."""

from __future__ import annotations

import hashlib
import inspect
import re
from collections.abc import Iterable, Iterator, Sequence

import docstring_parser

import graphdl as gd
from graphdl.codegen.diagram.chain import walk
from graphdl.codegen.diagram.display import display
from graphdl.codegen.diagram.equations import Equations
from graphdl.codegen.diagram.mathtext import symbol
from graphdl.diagram import Diagram
from graphdl.ir.kinds import ElementwiseOp
from graphdl.ir.node import Node
from graphdl.passes.partials import partials
from tools.reference.edges import edges
from tools.reference.samples import Sample

MARK = "<!-- graphdl drawing "
MOST = 3
"""Lines of math up to which a formula is shown."""


def page(name: str, sample: Sample) -> str:
    """Return the Markdown of one op's page."""
    sections = {
        "Formula": formula(sample),
        "Derivative": derivative(sample),
        "Forward and backward": [f"![forward and backward of {name}](images/{name}.svg)"],
        "Parameters": parameters(sample),
        "Errors": errors(sample),
        "At the edges": edges(sample),
        "Example": example(sample),
    }
    lines = [f"# gd.{name}", "", f"`{signature(name, sample)}`", "", *description(sample)]
    for title, content in sections.items():
        found = list(content)
        if found:
            lines += ["", f"## {title}", "", *found]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).rstrip() + "\n"


def _docstring(sample: Sample) -> docstring_parser.Docstring:
    text = inspect.cleandoc(sample.function.__doc__ or "")
    return docstring_parser.parse(text, style=docstring_parser.DocstringStyle.NUMPYDOC)


def _markdown(text: str | None) -> str:
    """Turn a docstring's markup into Markdown: two backticks and roles become one."""
    plain = re.sub(r":\w+:`([^`]+)`", r"`\1`", text or "")
    return plain.replace("``", "`")


def signature(name: str, sample: Sample) -> str:
    """Return how the function is called."""
    function = sample.function
    if isinstance(function, ElementwiseOp):
        extra = [
            k if v is inspect.Parameter.empty else f"{k}={v!r}"
            for k, v in function.defaults.items()
        ]
        star = ["*"] if extra else []
        return f"gd.{name}({', '.join([*function.input_names, *star, *extra])})"
    given = inspect.signature(function)
    bare = [p.replace(annotation=p.empty) for p in given.parameters.values()]
    return f"gd.{name}{given.replace(parameters=bare, return_annotation=given.empty)}"


def description(sample: Sample) -> Iterator[str]:
    """Yield what the docstring says before its sections, and its notes."""
    found = _docstring(sample)
    yield _markdown(found.short_description)
    notes = [m.description for m in found.meta if m.args and m.args[0] in ("notes", "references")]
    for text in (found.long_description, *notes):
        if text:
            yield from ("", _markdown(text))


def formula(sample: Sample) -> Iterator[str]:
    """Yield what is computed, as math; nothing where words say it better."""
    function, attrs = sample.function, sample.value.attrs
    if isinstance(function, ElementwiseOp):
        names = [symbol(n).latex for n in function.input_names]
        shown = display(sample.result, function.body(attrs), names)
        if shown.count(r"\\ ") < MOST:
            yield shown
        return
    for composites in ("opened", "closed"):
        found = Equations(sample.forward(opened=composites == "opened"))
        found.put([symbol(sample.result)])
        if found.lines and len(found.lines) <= MOST and not found.only_calls(sample.value.op.name):
            yield found.latex
            return


def derivative(sample: Sample) -> Iterator[str]:
    """Yield the derivative as math; say so where there is none."""
    function, graph = sample.function, sample.backward()
    if graph is None:
        yield from ["None: nothing flows back through it."] if sample.inputs else []
    elif isinstance(function, ElementwiseOp):
        names = [symbol(n).latex for n in (*function.input_names, sample.result)]
        yield from _partials(sample.value, range(len(sample.inputs)), names)
    else:
        chain = walk(graph)
        back = Equations(map(chain.rule, chain.contributions))
        back.drop(symbol("loss"))
        back.put([symbol(x.name).adjoint for x in sample.inputs])
        where = Equations(map(chain.names.equation, chain.forward))
        where.drop(symbol("loss"))
        named = [p for p in chain.passages if any("∂" in c.rule.pattern for c in p.contributions)]
        read = [*back.read, *(chain.names[i] for p in named for i in p.node.inputs)]
        read = [s for s in read if not s.bar and s != symbol(sample.result)]
        where.put(read)
        where.needed(read)
        yield from ("A bar marks the derivative of a loss by that value.", "")
        if len(back.lines) + len(where.lines) > 3 * MOST:
            yield "The picture shows the steps of the chain rule."
            return
        yield from (back.latex, *(["", "where", "", where.latex] if where.lines else []))
        for passage in named:
            operands = [c.operand for c in passage.contributions if "∂" in c.rule.pattern]
            names = [chain.names[n].latex for n in (*passage.node.inputs, passage.node)]
            yield from ("", *_partials(passage.node, operands, names))


def _partials(node: Node, operands: Iterable[int], names: Sequence[str]) -> Iterator[str]:
    """Yield the derivatives of an elementwise op."""
    assert isinstance(node.op, ElementwiseOp)
    for operand in operands:
        partial = partials(node.op, node.attrs)[operand]
        if partial is not None:
            left = rf"\frac{{\partial {names[-1]}}}{{\partial {names[operand]}}}"
            yield from (display(left, partial, names), "")


def drawing(sample: Sample) -> Diagram:
    """Return the picture itself."""
    return gd.draw(sample.backward() or gd.Graph({sample.result: sample.value}), title="")


def digest(dot: str) -> str:
    """Return what tells whether a stored picture is of this drawing."""
    plain = re.sub(r'\btooltip="[^"]*"', "", dot)
    return f"{MARK}{hashlib.sha256(plain.encode()).hexdigest()[:16]} -->"


def parameters(sample: Sample) -> Iterator[str]:
    """Yield the docstring's parameters and results."""
    found = _docstring(sample)
    for parameter in found.params:
        kind = f" : {_markdown(parameter.type_name)}" if parameter.type_name else ""
        yield f"- **{parameter.arg_name}**{kind}<br>{_flat(parameter.description)}"
    for result in found.many_returns:
        yield f"- returns {_markdown(result.type_name)}<br>{_flat(result.description)}"


def errors(sample: Sample) -> Iterator[str]:
    """Yield what is raised."""
    for raised in _docstring(sample).raises:
        yield f"- `{raised.type_name}`: {_flat(raised.description)}"


def _flat(text: str | None) -> str:
    return " ".join(_markdown(text).split())


def example(sample: Sample) -> Iterator[str]:
    """Yield the docstring's examples: they are run as doctests."""
    text = inspect.cleandoc(sample.function.__doc__ or "")
    found = re.search(r"^Examples\n-+\n(.*?)(?=^\w[\w ]*\n-+\n|\Z)", text, re.DOTALL | re.MULTILINE)
    if found:
        yield from ("```pycon", found.group(1).strip(), "```")
