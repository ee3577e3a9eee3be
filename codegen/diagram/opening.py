"""Open composites to a depth, and resolve provenance: what a diagram or an explanation starts from.

Differentiation opens composites that declare no derivative. So in a backward graph the forward
node may still be the closed composite, while adjoint nodes serve nodes of its expansion. Here the
forward side is opened the same way and interned with the rest, which brings both together; what
came from one composite is noted as a region, so that a drawing may close it again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from graphdl.codegen.diagram.folding import fold
from graphdl.ir.graph import Graph, intern
from graphdl.ir.kinds import CompositeOp
from graphdl.ir.leaves import INPUT
from graphdl.ir.node import Node, Origin, rebuild, topological


@dataclass(eq=False)
class Region:
    """What one composite stands for.

    Attributes
    ----------
    composite : Node
        The composite, on its own inputs.
    outer : Region or None
        The region that it was opened in.
    level : int
        0 for a composite that is in no other.
    inputs : tuple of Node
        What it is computed from, after opening.
    result : Node
        The node that holds its value, after opening.
    """

    composite: Node
    outer: Region | None
    level: int
    inputs: tuple[Node, ...] = ()
    result: Node = field(init=False)


@dataclass(frozen=True)
class Use:
    """A step of the chain rule that a node takes part in.

    Attributes
    ----------
    template : str
        The rule as math.
    serves : Node
        The forward node, after opening.
    inputs : tuple of Node
        Its inputs, after opening.
    operand : int
        Which of them receives the contribution; -1 for the sum of all contributions to it.
    """

    template: str
    serves: Node
    inputs: tuple[Node, ...]
    operand: int

    @property
    def target(self) -> Node:
        """The forward node whose adjoint this contributes to."""
        return self.serves if self.operand < 0 else self.inputs[self.operand]


@dataclass(eq=False)
class Opened:
    """A graph with composites opened and provenance resolved.

    Attributes
    ----------
    order : list of Node
        Every node, inputs first.
    outputs, updates : dict
        As the graph's.
    regions : dict of Node to Region
        The innermost region of each node that was made by opening.
    uses : dict of Node to tuple of Use
        The rules that made a node.
    side : dict of Node to str
        ``forward``; ``adjoint``: made by the chain rule; ``after``: computed from adjoints;
        ``update``: computed for updates of state only.
    users : dict of Node to list of Node
        Who reads a node.
    folded : dict of Node to str
        Scalar constants, sizes and positions, which are written inside of what uses them.
    shared_adjoint : dict of Node to set of Node
        What has the same adjoint as a node, as far as it was asked for.
    """

    graph: Graph
    order: list[Node]
    outputs: dict[str, Node]
    updates: dict[Node, Node]
    regions: dict[Node, Region]
    uses: dict[Node, tuple[Use, ...]]
    side: dict[Node, str] = field(default_factory=dict)
    users: dict[Node, list[Node]] = field(default_factory=dict)
    folded: dict[Node, str] = field(default_factory=dict)
    shared_adjoint: dict[Node, set[Node]] = field(default_factory=dict)

    @cached_property
    def ruled(self) -> set[tuple[Node, int]]:
        """The forward nodes, with an operand, back through which a rule has gone."""
        return {(u.serves, u.operand) for uses in self.uses.values() for u in uses}

    @property
    def roots(self) -> list[Node]:
        """Outputs and new values of state."""
        return [*self.outputs.values(), *self.updates.values()]


def open_graph(graph: Graph, depth: int = 0) -> Opened:
    """Open composites up to a depth, and those whose expansion was differentiated.

    Parameters
    ----------
    graph : Graph
        Forward, backward or training.
    depth : int
        Nested composites to open.
    """
    differentiated = any(o.rule is not None for n in graph.nodes for o in n.origins)
    opener = _Opener(depth, differentiated)
    for node in dict.fromkeys((*graph.nodes, *graph.inputs)):  # an input may have no use
        opener.mapping[node] = opener.opened(node, opener.mapping, None)
    mapping = opener.mapping
    served = {o.rule.serves for n in graph.nodes for o in n.origins if o.rule is not None}
    roots = [mapping[r] for r in (*graph.roots, *graph.updates, *graph.inputs)]
    canonical = intern([*roots, *(mapping.get(s, s) for s in served)])

    def final(node: Node) -> Node:
        current = mapping.get(node, node)
        return canonical.get(current, current)

    opened = Opened(
        graph=graph,
        order=topological(dict.fromkeys(canonical[r] for r in roots)),
        outputs={k: final(v) for k, v in graph.outputs.items()},
        updates={final(s): final(v) for s, v in graph.updates.items()},
        regions={},
        uses={},
    )
    for region in opener.regions:
        region.inputs = tuple(final(i) for i in region.composite.inputs)
        region.result = canonical.get(region.result, region.result)
    inside = {canonical[n]: r for n, r in opener.inside.items() if n in canonical}
    own = {canonical[n]: n.origins for n in opener.inside if n in canonical}
    for node in opened.order:
        plain = [o for o in node.origins if o.rule is None]
        if node in inside and all(o in own[node] or o in _causes(inside[node]) for o in plain):
            opened.regions[node] = inside[node]
        opened.uses[node] = _uses(node.origins, final)
        for source in dict.fromkeys(node.inputs):
            opened.users.setdefault(source, []).append(node)
    _find_sides(opened)
    fold(opened)
    return opened


class _Opener:
    """Opens composites and notes what came from which."""

    def __init__(self, depth: int, differentiated: bool) -> None:
        self.depth = depth
        self.differentiated = differentiated
        self.mapping: dict[Node, Node] = {}
        self.inside: dict[Node, Region] = {}
        self.regions: list[Region] = []

    def opened(self, node: Node, mapping: dict[Node, Node], outer: Region | None) -> Node:
        """Return what a node becomes on opened inputs."""
        current = rebuild(node, [mapping[i] for i in node.inputs])
        level = 0 if outer is None else outer.level + 1
        if not isinstance(current.op, CompositeOp) or not (
            level < self.depth or (self.differentiated and current.op.adjoint is None)
        ):
            if outer is not None:
                self.inside.setdefault(current, outer)
            return current
        region = Region(current, outer, level)
        self.regions.append(region)
        inner: dict[Node, Node] = {i: i for i in current.inputs}
        expansion = current.op.expanded(current)
        for part in _below(expansion, inner):
            inner[part] = self.opened(part, inner, region)
        region.result = inner[expansion]
        return inner[expansion]


def _below(root: Node, known: dict[Node, Node]) -> list[Node]:
    """Return what is below a root down to known nodes, inputs first."""
    order: list[Node] = []
    seen: set[Node] = set(known)
    stack = [(root, False)]
    while stack:
        node, ready = stack.pop()
        if ready:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))
            stack.extend((i, False) for i in reversed(node.inputs) if i not in seen)
    return order


def _causes(region: Region | None) -> list[Origin]:
    """Return where the composites round a node come from: what they open into inherits that."""
    found: list[Origin] = []
    while region is not None:
        found += region.composite.origins
        region = region.outer
    return found


def _uses(origins: Sequence[Origin], final: Callable[[Node], Node]) -> tuple[Use, ...]:
    found: dict[Use, None] = {}
    for origin in origins:
        if origin.rule is not None:
            template, serves, operand = origin.rule
            inputs = tuple(final(i) for i in serves.inputs)
            found[Use(template, final(serves), inputs, operand)] = None
    return tuple(found)


def _find_sides(opened: Opened) -> None:
    """Tell forward, adjoint, what follows from adjoints, and what is computed for updates only."""
    side = opened.side
    for node in opened.order:
        plain = not node.origins or any(o.rule is None for o in node.origins)
        if any(side[i] in ("adjoint", "after") for i in node.inputs) and plain:
            side[node] = "after"
        else:
            side[node] = "forward" if plain else "adjoint"
    needed: set[Node] = set()
    pending = list(opened.outputs.values())
    pending += [n for n in opened.order if side[n] == "adjoint"]
    while pending:
        node = pending.pop()
        if node not in needed:
            needed.add(node)
            pending.extend(node.inputs)
    for node in opened.order:
        if node not in needed and opened.updates and node.op is not INPUT:
            side[node] = "update"
