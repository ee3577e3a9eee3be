"""The driver of rewrite rules: one walk, inputs first, until no rule fires any more.

Nodes are interned on the way, so that a rule sees equal operands as one object. New nodes get the
origins of what they replace. The walk is iterative and visits every node once, plus what rules
build.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from graphdl.ir.errors import GraphError
from graphdl.ir.graph import Graph
from graphdl.ir.kinds import Op
from graphdl.ir.node import Attrs, Node, Origin, origin_of, structural_key, topological
from graphdl.ir.rewrites import Rewrite, Root, instruction_of

Key = Callable[[Node], object]

_FILE = "<rewrite>"
"""Marks nodes that a rule has just built: their origins are those of what they replace."""


class Firing(NamedTuple):
    """One application of a rule.

    Attributes
    ----------
    rule : str
        Its stage and math.
    before, after : Node
        What it found, and what it made of it.
    source : str
        ``file:line`` of the rule.
    """

    rule: str
    before: Node
    after: Node
    source: str


class Watched(Counter[str]):
    """A counter of fired rules that stops them after some, and remembers the last.

    Rules fire in the same order in every run, so that the first wrong one can be bisected.

    Parameters
    ----------
    most : int
        How many may fire.

    Examples
    --------
    >>> import graphdl as gd
    >>> from graphdl.passes.simplify import simplify
    >>> x = gd.input("x", (3,))
    >>> watched = Watched(1)
    >>> simplify(gd.Graph(gd.abs(-x * 1.0)), watched).nodes
    (<input 'x' float32(3,)>, <negative float32(3,)>, <abs float32(3,)>)
    >>> watched.last.rule, watched.last.before
    ('simplify: x·1 → x', <multiply float32(3,)>)
    """

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most
        self.last: Firing | None = None


def may_fire(fired: Counter[str] | None) -> bool:
    """Whether one more rule may fire."""
    return not isinstance(fired, Watched) or fired.total() < fired.most


def note(fired: Counter[str] | None, rule: str, before: Node, after: Node, by: object) -> None:
    """Count a rule that has fired; ``by`` is the function that did it."""
    if fired is not None:
        fired[rule] += 1
    if isinstance(fired, Watched):
        code = getattr(by, "__code__", None)
        source = f"{code.co_filename}:{code.co_firstlineno}" if code else ""
        fired.last = Firing(rule, before, after, source)


def rewritten(
    graph: Graph,
    rules: Iterable[Rewrite],
    fired: Counter[str] | None = None,
    key: Key | None = None,
) -> Graph:
    """Apply rules to a graph until none fires; return the graph itself where nothing changed.

    Parameters
    ----------
    graph : Graph
        What to rewrite.
    rules : iterable of Rewrite
        Tried in order at every node.
    fired : Counter, optional
        Receives how often each rule fired.
    key : callable, optional
        What makes nodes equal, if not their structure.
    """
    rewriter = Rewriter(rules, key, fired)
    if key is None and not any(map(rewriter.fits, graph.nodes)):
        return graph  # its nodes are interned already
    mapping = rewriter.run(graph.roots, graph.nodes)
    if all(mapping[r] is r for r in graph.roots):
        return graph
    return graph.replace(mapping)


class Rewriter:
    """Rules, filed under what they start from, and the nodes that are done.

    Parameters
    ----------
    rules : iterable of Rewrite
        Tried in order at every node.
    key : callable, optional
        What makes nodes equal, if not their structure.
    fired : Counter, optional
        Receives how often each rule fired.
    """

    def __init__(
        self,
        rules: Iterable[Rewrite],
        key: Key | None = None,
        fired: Counter[str] | None = None,
    ) -> None:
        self._fired: Counter[str] = Counter() if fired is None else fired
        self._key = key or structure
        self._filed: dict[Root, list[tuple[int, Rewrite]]] = {}
        for place, rule in enumerate(rules):
            for root in rule.roots:
                self._filed.setdefault(root, []).append((place, rule))
        self._candidates: dict[tuple[Op, Attrs], list[Rewrite]] = {}
        self._normal: dict[Node, Node] = {}
        self._forward: dict[Node, Node] = {}
        self._by_key: dict[object, Node] = {}
        self._cause: dict[Node, tuple[Origin, ...]] = {}
        self._gained: dict[Node, dict[Origin, None]] = {}
        self._fuel = 0

    def fits(self, node: Node) -> bool:
        """Whether some rule would fire at a node as it is."""
        rules = self._candidates.get((node.op, node.attrs)) if node.inputs else ()
        if rules is None:
            rules = self._rules_for(node)
        with_result = (rule.function(node) for rule in rules)
        return bool(rules) and any(r is not None for r in with_result)

    def run(self, roots: Sequence[Node], order: Sequence[Node] | None = None) -> dict[Node, Node]:
        """Return what every node below the roots has become.

        ``order`` are all nodes below the roots, inputs first, if the caller knows them.
        """
        order = topological(roots) if order is None else order
        self._fuel = 100 + 30 * len(order)
        normal, settle = self._normal, self._settle
        with origin_of(Origin("", _FILE, 0)):
            for node in order:
                if node not in normal:
                    found = settle(node)
                    if found is not None:
                        self._normalise(found)
                        normal[node] = normal[found]
        return self._with_gained_origins(roots)

    def _normalise(self, root: Node) -> None:
        """Bring what a rule has built into normal form, inputs first."""
        normal, stack = self._normal, [root]
        while stack:
            node = stack[-1]
            if node in normal:
                stack.pop()
            elif node in self._forward:
                if self._forward[node] not in normal:
                    raise GraphError(f"rewrite rules go round in circles at {node!r}")
                normal[node] = normal[self._forward[node]]
                stack.pop()
            else:
                waiting = [i for i in node.inputs if i not in normal]
                self._pass_cause_on(node, waiting)
                if not waiting:
                    found = self._settle(node)
                    waiting = [] if found is None else [found]
                stack.extend(reversed(waiting))

    def _settle(self, node: Node) -> Node | None:
        """Rewrite a node whose inputs are done; return what must be done instead, if anything."""
        normal = self._normal
        current = self._interned(node)
        if current in normal:
            normal[node] = normal[current]
            return None
        found = self._fire(current)
        if found is None:
            normal[current] = normal[node] = current
            return None
        self._forward[node] = self._forward[current] = found
        if _just_built(found):
            self._cause.setdefault(found, current.origins)
        else:
            self._gain(found, current.origins)
        return found

    def _interned(self, node: Node) -> Node:
        """Return the one node for this structure on finished inputs."""
        normal, rebuilt, origins = self._normal, node, node.origins
        if _just_built(node):
            origins = self._cause[node]
        inputs = tuple([normal[i] for i in node.inputs])
        # Nodes are equal only to themselves: this compares identities, in C.
        if inputs != node.inputs or origins is not node.origins:
            rebuilt = Node(node.op, inputs, node.attrs, node.shape, node.dtype, origins)
        first = self._by_key.setdefault(self._key(rebuilt), rebuilt)
        if first is not rebuilt:
            self._gain(first, origins)
        return first

    def _fire(self, node: Node) -> Node | None:
        """Apply the first rule that fits."""
        if not node.inputs or not may_fire(self._fired):
            return None  # there are no rules about leaves, whose attributes may be arrays
        rules = self._candidates.get((node.op, node.attrs))
        if rules is None:
            rules = self._rules_for(node)
        for rule in rules:
            found = rule.function(node)
            if found is not None and found is not node:
                if found.shape != node.shape or found.dtype is not node.dtype:
                    raise GraphError(f"{rule!r} made {found!r} of {node!r}", site=node.site)
                note(self._fired, f"{rule.stage}: {rule.math}", node, found, rule.function)
                self._fuel -= 1
                if self._fuel < 0:
                    raise GraphError(f"rewrite rules do not come to an end: {self._fired}")
                return found
        return None

    def _rules_for(self, node: Node) -> list[Rewrite]:
        """Return the rules that start from a node's op, kind or instruction, in their order."""
        roots: list[Root] = [node.op, node.op.kind]
        instruction = instruction_of(node)
        if instruction is not None:
            roots.append(instruction.name)
        filed = sorted((e for r in roots for e in self._filed.get(r, ())), key=lambda e: e[0])
        rules = list(dict.fromkeys(rule for _, rule in filed))
        self._candidates[(node.op, node.attrs)] = rules
        return rules

    def _pass_cause_on(self, node: Node, inputs: Iterable[Node]) -> None:
        if node in self._cause:
            for made in inputs:
                if _just_built(made):
                    self._cause.setdefault(made, self._cause[node])

    def _gain(self, node: Node, origins: tuple[Origin, ...]) -> None:
        """Note that a node now also stands for others; leaves keep what their makers said."""
        if origins is not node.origins:
            self._gained.setdefault(node, {}).update(dict.fromkeys(origins))

    def _with_gained_origins(self, roots: Sequence[Node]) -> dict[Node, Node]:
        """Give nodes the origins of those that they also stand for now."""
        normal = self._normal
        gained: dict[Node, dict[Origin, None]] = {}
        for node, more in self._gained.items():
            result = normal.get(node, node)
            if result.inputs:
                gained.setdefault(result, {}).update(more)
        if not gained:
            return normal
        final: dict[Node, Node] = {}
        for node in topological([normal[r] for r in roots]):
            origins = tuple(dict.fromkeys((*node.origins, *gained.get(node, ()))))
            inputs = tuple([final[i] for i in node.inputs])
            same = len(origins) == len(node.origins) and all(
                a is b for a, b in zip(inputs, node.inputs, strict=True)
            )
            final[node] = (
                node if same else Node(node.op, inputs, node.attrs, node.shape, node.dtype, origins)
            )
        return {node: final[result] for node, result in normal.items() if result in final}


def _just_built(node: Node) -> bool:
    return node.origins[0].file is _FILE


def structure(node: Node) -> object:
    """Return what makes a node equal to another: cheap where there are no attributes."""
    if not node.attrs:
        return (node.op, node.inputs, node.shape, node.dtype)
    return structural_key(node, node.inputs)
