"""Graphs: named outputs and state updates over interned nodes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from graphdl.ir import dims
from graphdl.ir.collector import paused
from graphdl.ir.dim_text import shape_text
from graphdl.ir.dims import Shape
from graphdl.ir.errors import ArgumentError, DTypeError, DuplicateNameError, ShapeError
from graphdl.ir.leaves import INPUT, PARAM, is_state
from graphdl.ir.node import Node, Origin, Rule, require_text, structural_key, topological
from graphdl.ir.state import check_owners

if TYPE_CHECKING:
    import networkx


class Graph:
    """A network, frozen: inputs and state are found by themselves.

    Making a graph interns its nodes: equal structure becomes one node, which keeps the origins of
    all its makers.

    Parameters
    ----------
    outputs : node, sequence of nodes, or mapping of str to node
        What a call returns. Without names they are ``out`` or ``out0``, ``out1`` ...
    updates : mapping of state node to node, optional
        What state becomes when a call has ended; every update reads the state of before.
    name : str
        Names the entry point of a compiled module.
    inputs : sequence of nodes, optional
        Fixes the order of inputs (and allows unused ones); by default they come in the order in
        which the outputs reach them.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", ("N", 3))
    >>> g = gd.Graph({"total": gd.sum(x * x)}, name="square")
    >>> g
    <Graph square: x float32(N, 3) -> total float32()>
    """

    def __init__(
        self,
        outputs: Node | Sequence[Node] | Mapping[str, Node],
        *,
        updates: Mapping[Node, Node] | None = None,
        name: str = "graph",
        inputs: Sequence[Node] | None = None,
    ) -> None:
        named = _named_outputs(outputs)
        for text in (name, *named):
            require_text(text)
        pairs = list((updates or {}).items())
        _check_updates(pairs)
        roots = [*named.values(), *(v for _, v in pairs), *(s for s, _ in pairs), *(inputs or ())]
        with paused():
            interned = intern(roots)
        check_owners(interned)
        self.name = name
        self.outputs: dict[str, Node] = {k: interned[v] for k, v in named.items()}
        self.updates: dict[Node, Node] = {interned[s]: interned[v] for s, v in pairs}
        self.nodes: tuple[Node, ...] = tuple(
            topological([*self.outputs.values(), *self.updates.values(), *self.updates])
        )
        declared = [interned[i] for i in inputs or ()]
        _check_inputs(declared)
        found = [n for n in self.nodes if n.op is INPUT]
        self.inputs: tuple[Node, ...] = tuple(dict.fromkeys([*declared, *found]))
        self.state: tuple[Node, ...] = tuple(n for n in self.nodes if is_state(n))
        _check_names((*self.inputs, *self.state))

    @property
    def params(self) -> tuple[Node, ...]:
        """The parameters, in the order in which the outputs reach them."""
        return tuple(n for n in self.state if n.op is PARAM)

    @property
    def roots(self) -> tuple[Node, ...]:
        """Outputs, then new values of state."""
        return (*self.outputs.values(), *self.updates.values())

    @property
    def dims(self) -> tuple[str, ...]:
        """Names of the symbolic dims, in the order in which inputs bring them."""
        found: dict[str, None] = {}
        for node in (*self.inputs, *self.nodes):
            for size in (*node.shape, *(v for _, v in node.attrs if isinstance(v, dims.Dim))):
                found.update(dict.fromkeys(dims.symbols(size)))
        return tuple(found)

    def replace(self, mapping: Mapping[Node, Node], *, name: str | None = None) -> Graph:
        """Return the graph with its roots looked up in a mapping (a pass's result)."""
        return Graph(
            {k: mapping.get(v, v) for k, v in self.outputs.items()},
            updates={s: mapping.get(v, v) for s, v in self.updates.items()},
            name=name or self.name,
            inputs=self.inputs,
        )

    def __repr__(self) -> str:
        def listed(nodes: Iterable[tuple[str, Node]]) -> str:
            return ", ".join(f"{k} {v.dtype}{shape_text(v.shape)}" for k, v in nodes)

        given = listed((i.name, i) for i in self.inputs)
        return f"<Graph {self.name}: {given} -> {listed(self.outputs.items())}>"

    def __str__(self) -> str:
        from graphdl.ir.text import to_text

        return to_text(self)

    def to_networkx(self) -> networkx.MultiDiGraph:
        """Return a NetworkX view: nodes are this graph's nodes, edges carry ``operand``.

        Examples
        --------
        >>> import graphdl as gd
        >>> x = gd.input("x", (3,))
        >>> gd.Graph(x * x).to_networkx().number_of_edges()
        2
        """
        import networkx as nx

        view = nx.MultiDiGraph(name=self.name)
        for node in self.nodes:
            view.add_node(
                node, op=node.op.name, kind=node.op.kind, shape=node.shape, dtype=node.dtype.name
            )
        for node in self.nodes:
            for operand, source in enumerate(node.inputs):
                view.add_edge(source, node, operand=operand)
        return view


def _named_outputs(outputs: Node | Sequence[Node] | Mapping[str, Node]) -> dict[str, Node]:
    if isinstance(outputs, Node):
        return {"out": outputs}
    if not isinstance(outputs, Mapping):
        outputs = {f"out{i}": node for i, node in enumerate(outputs)}
    for key, value in outputs.items():
        if not isinstance(value, Node):
            raise ArgumentError(f"output {key!r} is no node but {type(value).__name__}")
    return dict(outputs)


def _check_inputs(declared: Sequence[Node]) -> None:
    seen: set[Node] = set()
    for node in declared:
        if node.op is not INPUT:
            raise ArgumentError(
                f"{node!r} is listed among the inputs but is none",
                site=node.site,
                remedy="list what gd.input returned",
            )
        if node in seen:
            raise DuplicateNameError(f"input {node.name!r} is listed twice", site=node.site)
        seen.add(node)


def _check_updates(pairs: Sequence[tuple[Node, Node]]) -> None:
    for target, value in pairs:
        if not is_state(target):
            raise ArgumentError(
                f"only state can be updated, not {target!r}",
                site=target.site,
                remedy="declare it with gd.state or gd.param",
            )
        if target.shape != value.shape:
            raise ShapeError(
                f"update of {target!r} has shape {shape_text(value.shape)}", site=value.site
            )
        if target.dtype is not value.dtype:
            raise DTypeError(
                f"update of {target!r} has dtype {value.dtype}",
                site=value.site,
                remedy=f"cast it: value.astype({target.dtype.name!r})",
            )


def _check_names(leaves: Sequence[Node]) -> None:
    seen: dict[str, Node] = {}
    for node in leaves:
        other = seen.setdefault(node.name, node)
        if other is not node:
            raise DuplicateNameError(
                f"two different leaves are named {node.name!r}: {other!r} from {other.site} "
                f"and {node!r}",
                site=node.site,
                remedy="rename one, or wrap it in gd.scope(...)",
            )


def intern(roots: Iterable[Node]) -> dict[Node, Node]:
    """Map every node below the roots to the one node that stands for its structure.

    The mapping is linear in the number of nodes. Nodes that are unique already stand for
    themselves.
    """
    order = topological(roots)
    number: dict[Node, int] = {}
    by_key: dict[object, int] = {}
    groups: list[list[Node]] = []
    for node in order:
        key = structural_key(node, [number[i] for i in node.inputs])
        index = by_key.setdefault(key, len(groups))
        if index == len(groups):
            groups.append([node])
        else:
            groups[index].append(node)
        number[node] = index
    served = {n: n for n in order}
    if len(groups) < len(order):
        for group in groups:
            kept = _merged(group, served)
            for node in group:
                served[node] = kept
    return served


def _merged(group: Sequence[Node], served: Mapping[Node, Node]) -> Node:
    """Return one node for a group of equal ones, with the origins of all."""
    first = group[0]
    inputs = tuple([served[i] for i in first.inputs])
    moved = any(_moved(o, served) for o in first.origins)
    if len(group) == 1 and inputs == first.inputs and not moved:
        return first
    origins = tuple(dict.fromkeys(_resolved(o, served) for node in group for o in node.origins))
    if inputs == first.inputs and origins == first.origins:
        return first
    return Node(first.op, inputs, first.attrs, first.shape, first.dtype, origins)


def _moved(origin: Origin, served: Mapping[Node, Node]) -> bool:
    """Whether the forward node that a rule serves has been merged into another."""
    rule = origin.rule
    return rule is not None and served.get(rule.serves, rule.serves) is not rule.serves


def _resolved(origin: Origin, served: Mapping[Node, Node]) -> Origin:
    """Let a rule point at the interned forward node."""
    rule = origin.rule
    if rule is None or not _moved(origin, served):
        return origin
    return origin._replace(rule=Rule(rule.template, served[rule.serves], rule.operand))


def static_shape(shape: Shape, env: Mapping[str, int]) -> tuple[int, ...]:
    """Return the shape's values where dims have these values."""
    return tuple(dims.evaluate(s, env) for s in shape)


def bind_dims(shape: Shape, actual: Sequence[int], env: dict[str, int], what: str) -> None:
    """Match an array's shape with a declared one; note the values of new dims in ``env``.

    Raises
    ------
    ShapeError
        If the number of axes or a size differs.
    """
    if len(shape) != len(actual):
        raise ShapeError(
            f"{what} has {len(actual)} axes, {tuple(actual)}, but was declared {shape_text(shape)}"
        )
    for size, value in zip(shape, actual, strict=True):
        if isinstance(size, dims.Dim) and size == dims.symbol(dims.symbols(size)[0]):
            size = env.setdefault(dims.symbols(size)[0], value)
        if dims.evaluate(size, env) != value:
            raise ShapeError(
                f"{what} has shape {tuple(actual)} but was declared {shape_text(shape)}"
                + (f" with {env}" if env else "")
            )
