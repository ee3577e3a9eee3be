"""The text form of graphs: the language of golden tests, dumps and bug reports.

One line a node, inputs before their users; labels of inputs, parameters and state are their
names, all others are numbers::

    graph forward {
      %x = input : float32(N, 2)
      %head/w = param[init=array(float32, 0.0)] : float32(2, 3) @ head
      %0 = contract[spec="ik,kj->ij"](%x, %head/w) : float32(N, 3) @ head
      inputs %x
      output y = %0
    }

``@`` gives the scopes. ``#`` starts a comment; those of adjoint nodes show the rule that made them.
Neither they nor the user's source lines are read back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphdl.ir.dim_text import shape_text
from graphdl.ir.dims import Shape
from graphdl.ir.dtypes import DTYPES, DType
from graphdl.ir.errors import GraphdlError
from graphdl.ir.graph import Graph
from graphdl.ir.kinds import OPS
from graphdl.ir.leaves import INPUT, PARAM, STATE
from graphdl.ir.literals import Reader, name_text, value_text
from graphdl.ir.node import Attrs, Node, Origin, Rule
from graphdl.ir.size_checks import require_sizes

_NAMED = (INPUT, PARAM, STATE)
"""Leaves whose label is their name."""


def to_text(graph: Graph) -> str:
    """Return a graph as text; the same graph gives the same text everywhere.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", ("N", 3))
    >>> print(to_text(gd.Graph({"total": gd.sum(x * x)}, name="square")), end="")
    graph square {
      %x = input : float32(N, 3)
      %0 = multiply(%x, %x) : float32(N, 3)
      %1 = sum[axes=(0, 1)](%0) : float32()
      inputs %x
      output total = %1
    }
    """
    nodes = list(dict.fromkeys([*graph.inputs, *graph.nodes]))
    labels = _labels(nodes)
    lines = [f"graph {name_text(graph.name)} {{"]
    lines += [f"  {_node_text(node, labels)}" for node in nodes]
    if graph.inputs:
        lines.append(f"  inputs {', '.join(labels[i] for i in graph.inputs)}")
    lines += [f"  output {name_text(k)} = {labels[v]}" for k, v in graph.outputs.items()]
    lines += [f"  update {labels[s]} = {labels[v]}" for s, v in graph.updates.items()]
    return "\n".join([*lines, "}", ""])


def _labels(nodes: list[Node]) -> dict[Node, str]:
    labels: dict[Node, str] = {}
    count = 0
    for node in nodes:
        if _is_named(node):
            labels[node] = f"%{name_text(node.name)}"
        else:
            labels[node] = f"%{count}"
            count += 1
    return labels


def _is_named(node: Node) -> bool:
    return node.op in _NAMED and node.attrs[:1] == (("name", node.name),)


def _node_text(node: Node, labels: Mapping[Node, str]) -> str:
    attrs = node.attrs[1:] if _is_named(node) else node.attrs
    given = ", ".join(f"{name_text(k)}={value_text(v)}" for k, v in attrs)
    inputs = ", ".join(labels[i] for i in node.inputs)
    text = f"{labels[node]} = {name_text(node.op.name)}"
    text += (f"[{given}]" if given else "") + (f"({inputs})" if inputs else "")
    text += f" : {node.dtype}{shape_text(node.shape)}"
    scopes = dict.fromkeys(o.scope for o in node.origins if o.scope)
    if scopes:
        text += f" @ {', '.join(map(name_text, scopes))}"
    rules = dict.fromkeys(rule_text(o.rule, labels) for o in node.origins if o.rule)
    return text + (f"  # {'; '.join(rules)}" if rules else "")


def rule_text(rule: Rule, labels: Mapping[Node, str] | None = None) -> str:
    """Return a rule with the labels of the node it serves and of that node's inputs.

    What has no label is called by its name, or by its op: ``~w += xᵀ·~<tanh>``.
    """
    served, given = rule.serves, labels or {}

    def called(node: Node) -> str:
        return given.get(node) or node.name or f"<{node.op.name}>"

    slots = {**{str(i): called(n) for i, n in enumerate(served.inputs)}, "z": called(served)}
    text = rule.template
    for slot, label in slots.items():
        text = text.replace(f"{{{slot}}}", label)
    return text.replace("\n", " ")


def parse(text: str, source: str = "<text>") -> Graph:
    """Read a graph from its text form.

    Parameters
    ----------
    text : str
        What :func:`to_text` wrote, or a person in its manner.
    source : str
        Its name in errors, and the file of the nodes' source lines.

    Raises
    ------
    ParseError
        If it cannot be read, or a node is none that its op would have made (`Op.check`); it names
        the line. Nothing of the text is evaluated as code.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", ("N", 3))
    >>> g = gd.Graph(gd.exp(x))
    >>> parse(to_text(g))
    <Graph graph: x float32(N, 3) -> out float32(N, 3)>
    """
    return _Parser(text, source).graph()


class _Parser:
    """Recursive descent over the lines of a graph."""

    def __init__(self, text: str, source: str) -> None:
        self.reader = Reader(text, source)
        self.nodes: dict[tuple[str, bool], Node] = {}

    def graph(self) -> Graph:
        """Read the whole text."""
        reader, line = self.reader, self.reader.next.line
        reader.take("graph")
        name = reader.name()
        inputs: list[Node] = []
        outputs: dict[str, Node] = {}
        updates: dict[Node, Node] = {}
        reader.take("{")
        while not reader.accept("}"):
            if reader.next.kind == "label":
                self._node()
            elif reader.accept("inputs"):
                inputs += self._references()
            elif reader.accept("output"):
                key = reader.name()
                if key in outputs:
                    raise reader.error(f"output {key!r} occurs twice")
                reader.take("=")
                outputs[key] = self._reference()
            else:
                reader.take("update")
                target = self._reference()
                if target in updates:
                    raise reader.error(f"{target.name!r} is updated twice")
                reader.take("=")
                updates[target] = self._reference()
        reader.take("end")
        try:
            return Graph(outputs, updates=updates, name=name, inputs=inputs)
        except GraphdlError as error:
            raise reader.error(str(error).splitlines()[0], line) from error

    def _reference(self) -> Node:
        line = self.reader.next.line
        label = self.reader.label()
        if label not in self.nodes:
            raise self.reader.error(f"%{label[0]} is not defined above", line)
        return self.nodes[label]

    def _references(self) -> list[Node]:
        found = [self._reference()]
        while self.reader.accept(","):
            found.append(self._reference())
        return found

    def _node(self) -> None:
        reader, line = self.reader, self.reader.next.line
        label = reader.label()
        if label in self.nodes:
            raise reader.error(f"%{label[0]} is defined twice", line)
        reader.take("=")
        op_name = reader.name()
        if op_name not in OPS:
            message = f"no op is named {op_name!r}; import the module that defines it"
            raise reader.error(message, line)
        op = OPS[op_name]
        attrs = self._attributes()
        if op in _NAMED and label[1] and all(k != "name" for k, _ in attrs):
            attrs = (("name", label[0]), *attrs)
        inputs: list[Node] = []
        if reader.accept("("):
            inputs = [] if reader.next.text == ")" else self._references()
            reader.take(")")
        shape, dtype = self._type()
        origins = tuple(Origin(s, reader.source, line) for s in self._scopes())
        node = Node(op, tuple(inputs), attrs, shape, dtype, origins)
        try:
            node.op.check(node)
            require_sizes(node)
        except GraphdlError as error:
            raise reader.error(f"{op.name}: {str(error).splitlines()[0]}", line) from error
        except Exception as error:  # whatever the op makes of what it never expected
            message = f"{op.name}: inputs or attributes do not fit: {error!r}"
            raise reader.error(message, line) from error
        self.nodes[label] = node

    def _attributes(self) -> Attrs:
        reader = self.reader
        attrs: dict[str, Any] = {}
        if reader.accept("["):
            while not reader.accept("]"):
                key = reader.name()
                if key in attrs:
                    raise reader.error(f"attribute {key!r} occurs twice")
                reader.take("=")
                attrs[key] = reader.value()
                if reader.next.text != "]":
                    reader.take(",")
        return tuple(attrs.items())

    def _type(self) -> tuple[Shape, DType]:
        reader = self.reader
        reader.take(":")
        kind = reader.take("word")
        if kind not in DTYPES:
            raise reader.error(f"unknown dtype {kind!r}")
        reader.take("(")
        sizes = []
        while not reader.accept(")"):
            sizes.append(reader.size())
            if reader.next.text != ")":
                reader.take(",")
        return tuple(sizes), DTYPES[kind]

    def _scopes(self) -> list[str]:
        if not self.reader.accept("@"):
            return [""]
        scopes = [self.reader.name()]
        while self.reader.accept(","):
            scopes.append(self.reader.name())
        return scopes
