"""Which nodes the chain rule made together, what each of these steps gives, and to whom."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from graphdl.codegen.diagram.opening import Opened, Region, Use
from graphdl.ir.leaves import CONSTANT
from graphdl.ir.node import Node

Key = tuple[object, int]
"""The forward node that a rule serves (or a closed region), and the operand."""


@dataclass(eq=False)
class Step:
    """One instance of a rule, or several that share their result.

    Attributes
    ----------
    uses : list of Use
        The rules, in the order of the graph.
    nodes : list of Node
        What they made, inputs first; numbers and the like left out.
    results : list of Node
        Those that are read by others.
    region : Region or None
        The closed composite whose whole derivative this is.
    aliases : list of Node
        Forward nodes whose adjoint is the same value, because an op in between passes it on.
    """

    uses: list[Use] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    results: list[Node] = field(default_factory=list)
    region: Region | None = None
    aliases: list[Node] = field(default_factory=list)

    @property
    def is_sum(self) -> bool:
        """Whether this adds up contributions."""
        return self.region is None and all(u.operand < 0 for u in self.uses)


@dataclass(eq=False)
class Provenance:
    """The steps of a graph's backward passes.

    Attributes
    ----------
    steps : list of Step
        In the order of the graph.
    step_of : dict of Node to Step
        The step that made a node.
    adjoints : dict of Node to Node
        From a value to the forward node whose adjoint, or a contribution to it, it is.
    seeds : dict of Node to list of Node
        From a cotangent that the pass starts with to forward nodes whose adjoint it is.
    started : dict of Node to list of Step
        From a cotangent that the pass starts with to the steps that read it.
    """

    steps: list[Step]
    step_of: dict[Node, Step]
    adjoints: dict[Node, Node]
    seeds: dict[Node, list[Node]]
    started: dict[Node, list[Step]] = field(default_factory=dict)


def closed_region(opened: Opened, node: Node, depth: int) -> Region | None:
    """Return the outermost region round a node that a drawing of that depth keeps closed."""
    region, found = opened.regions.get(node), None
    while region is not None:
        if region.level >= depth:
            found = region
        region = region.outer
    return found


def find_steps(opened: Opened, depth: int = 0) -> Provenance:
    """Group adjoint nodes by the rule that made them."""
    made = [n for n in opened.order if opened.side[n] == "adjoint"]
    results = _results(opened, made, depth)
    leader = _joined(results)
    steps: dict[Key, Step] = {}
    found = Provenance([], {}, {}, {})
    for node in made:
        keys = results.get(node) or [_key(opened, opened.uses[node][0], depth)]
        step = steps.setdefault(leader(keys[0]), Step())
        found.step_of[node] = step
        if node in opened.folded:
            continue
        step.nodes.append(node)
        if node in results:
            step.results.append(node)
        chosen = [u for u in opened.uses[node] if _key(opened, u, depth) in keys]
        step.uses.extend(u for u in chosen if u not in step.uses)
        region = keys[0][0]
        step.region = region if isinstance(region, Region) else step.region
    found.steps = [s for s in steps.values() if s.nodes]
    for step in found.steps:
        step.results = step.results or step.nodes[-1:]
        for node in step.results:
            targets = _targets(opened, step, node, depth)
            if targets:
                found.adjoints.setdefault(node, targets[0])
    _find_aliases(opened, found, depth)
    return found


def _key(opened: Opened, use: Use, depth: int) -> Key:
    region = closed_region(opened, use.serves, depth)
    return (use.serves, use.operand) if region is None else (region, 0)


def _results(opened: Opened, made: list[Node], depth: int) -> dict[Node, list[Key]]:
    """Find, for each step, the nodes it made that others read; a step's key may have several."""
    roots = set(opened.roots)
    found: dict[Node, list[Key]] = {}
    for node in made:
        if node in opened.folded:
            continue
        for key in dict.fromkeys(_key(opened, u, depth) for u in opened.uses[node]):
            outside = node in roots or any(
                key not in [_key(opened, v, depth) for v in opened.uses[user]]
                for user in opened.users.get(node, ())
            )
            if outside:
                found.setdefault(node, []).append(key)
    return found


def _joined(results: dict[Node, list[Key]]) -> Callable[[Key], Key]:
    """Join steps whose result is one node."""
    parent: dict[Key, Key] = {}

    def leader(key: Key) -> Key:
        while key in parent:
            key = parent[key]
        return key

    for keys in results.values():
        for key in keys[1:]:
            if leader(key) != leader(keys[0]):
                parent[leader(key)] = leader(keys[0])
    return leader


def _targets(opened: Opened, step: Step, node: Node, depth: int) -> list[Node]:
    """Return the forward nodes whose adjoint a result contributes to, sums first."""
    uses = [u for u in opened.uses[node] if u in step.uses]
    uses.sort(key=lambda u: u.operand >= 0)
    targets = dict.fromkeys(u.target for u in uses)
    if step.region is None:
        return list(targets)
    return [t for t in targets if closed_region(opened, t, depth) is not step.region]


def _find_aliases(opened: Opened, found: Provenance, depth: int) -> None:
    """See where a step reads an adjoint under another name: an op in between passed it on."""
    for step in found.steps:
        own = set(step.nodes)
        read = list(dict.fromkeys(i for n in step.nodes for i in n.inputs if i not in own))
        values = [i for i in read if opened.side[i] == "adjoint" and i not in opened.folded]
        for use in step.uses:
            if use.operand < 0 or "~{z}" not in use.template or len(values) > 1:
                continue
            served = use.serves if step.region is None else step.region.result
            for value in values:
                producer = found.step_of[value]
                if served not in _targets(opened, producer, value, depth):
                    _add(producer.aliases, served)
            if not values:
                _add_seed(opened, found, step, served, [i for i in read if i not in use.inputs])
    losses = [
        n for n in opened.outputs.values() if n.dtype.is_float and opened.side[n] == "forward"
    ]
    for seed, begun in found.seeds.items():
        ends = [n for n in losses if n in begun] or losses[:1] or begun[-1:]
        found.seeds[seed] = list(dict.fromkeys([ends[0], *begun]))


def _add_seed(
    opened: Opened, found: Provenance, step: Step, served: Node, read: Sequence[Node]
) -> None:
    """Note the number with which a backward pass starts: it is no adjoint node, but a constant."""
    for source in read:
        value = source
        while value in opened.folded and value.inputs:
            value = value.inputs[0]
        if value.op is CONSTANT and value in opened.folded and value.shape == served.shape:
            _add(found.seeds.setdefault(value, []), served)
            found.started.setdefault(value, []).append(step)
            return


def _add(nodes: list[Node], node: Node) -> None:
    if node not in nodes:
        nodes.append(node)
