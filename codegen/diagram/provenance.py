"""Which nodes the chain rule made together, what each of these steps gives, and to whom."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from graphdl.codegen.diagram.opening import Opened, Region, Use
from graphdl.ir.kinds import ElementwiseOp, ScatterOp
from graphdl.ir.leaves import CONSTANT
from graphdl.ir.node import Node, topological
from graphdl.passes.partials import partials

_NEAR = 32
"""Nodes that are looked at one by one before all that share an adjoint are found at once."""

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
    aliases : dict of Node to Node
        Forward nodes whose adjoint is that of another, because an op in between passes it on.
    """

    uses: list[Use] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    results: list[Node] = field(default_factory=list)
    region: Region | None = None
    aliases: dict[Node, Node] = field(default_factory=dict)

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
        of_use = {u: _key(opened, u, depth) for u in opened.uses[node]}
        keys = results.get(node) or list(dict.fromkeys(of_use.values()))
        for first in dict.fromkeys(leader(k) for k in keys):
            step = steps.setdefault(first, Step())
            found.step_of.setdefault(node, step)
            if node in opened.folded:
                continue
            step.nodes.append(node)
            if node in results:
                step.results.append(node)
            chosen = [u for u, key in of_use.items() if key in keys and leader(key) == first]
            step.uses.extend(u for u in chosen if u not in step.uses)
            for key in keys:
                if leader(key) == first and isinstance(key[0], Region):
                    step.region = key[0]
    level: dict[Node, int] = {}
    for node in topological(u.serves for s in steps.values() for u in s.uses):
        level[node] = 1 + max((level[i] for i in node.inputs), default=0)
    found.steps = [s for s in steps.values() if s.nodes]
    for step in found.steps:
        if not step.is_sum:
            step.uses += [p for use in step.uses if use.operand < 0 for p in _plain(opened, use)]
        step.uses.sort(key=lambda use: -level.get(use.serves, 0))
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
    """Find what steps give to others, and of which steps that is the result.

    A node of several steps is the result of those that end with it; where none does, it is a part
    of their work that they have in common, unless others read it too.
    """
    roots = set(opened.roots)
    found: dict[Node, list[Key]] = {}
    for node in made:
        if node in opened.folded or not node.dtype.is_float:
            continue
        keys = list(dict.fromkeys(_key(opened, u, depth) for u in opened.uses[node]))
        users = [
            {_key(opened, v, depth) for v in opened.uses[u]} for u in opened.users.get(node, ())
        ]
        ended = [k for k in keys if node in roots or any(k not in u for u in users)]
        final = [k for k in ended if not any(k in u for u in users)]
        if final:
            found[node] = final
        elif node in roots or any(u.isdisjoint(keys) for u in users):
            found[node] = ended
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
        inner = {u.target for u in step.uses}
        read = list(dict.fromkeys(i for n in step.nodes for i in n.inputs if i not in own))
        values = [i for i in read if opened.side[i] == "adjoint" and i not in opened.folded]
        givers = {t: found.step_of[v] for v in values for t in _received(opened, found, v, depth)}
        for use in step.uses:
            if use.operand < 0 or "~{z}" not in use.template:
                continue
            served = use.serves if step.region is None else step.region.result
            end = _passed_on(opened, served, inner | givers.keys())
            if end is None and not values:
                _add_seed(opened, found, step, served, [i for i in read if i not in use.inputs])
            elif end is not None and end is not served:
                giver = step if end in inner else givers[end]
                giver.aliases.setdefault(served, end)
    leaves = {f"grad_{n.name}": n for n in opened.order if n.name}
    for key, value in opened.outputs.items():
        if key in leaves and value in found.step_of:
            known = set(_received(opened, found, value, depth))
            last = _passed_on(opened, leaves[key], known)
            if last is not None and last is not leaves[key]:
                found.step_of[value].aliases.setdefault(leaves[key], last)
    losses = [
        n for n in opened.outputs.values() if n.dtype.is_float and opened.side[n] == "forward"
    ]
    for seed, begun in found.seeds.items():
        ends = [n for n in losses if n in begun] or losses[:1] or begun[-1:]
        found.seeds[seed] = list(dict.fromkeys([ends[0], *begun]))


def _received(opened: Opened, found: Provenance, value: Node, depth: int) -> list[Node]:
    return _targets(opened, found.step_of[value], value, depth)


def _passed_on(opened: Opened, served: Node, known: set[Node]) -> Node | None:
    """Return a node with the same adjoint, which what is in between passes on unchanged."""
    pending, seen, is_near = [served], {served}, True
    for node in pending:  # grows while it is walked
        if node in known:
            return node
        if is_near and len(seen) > _NEAR:
            is_near = False
            ends = [k for k in known if served in _with_adjoint_of(opened, k)]
            if len(ends) < 2:
                return ends[0] if ends else None
        for user in opened.users.get(node, ()):
            if user not in seen and _passes_on(opened, user, user.inputs.index(node)):
                seen.add(user)
                pending.append(user)
    return None


def _passes_on(opened: Opened, user: Node, operand: int) -> bool:
    return (user, operand) not in opened.ruled and is_one(user, operand)


def _with_adjoint_of(opened: Opened, end: Node) -> set[Node]:
    """Return what a node's adjoint is passed on to; kept, since many terms ask for one sum."""
    if end not in opened.shared_adjoint:
        found, pending = {end}, [end]
        while pending:
            node = pending.pop()
            for source in node.inputs:
                if source not in found and _passes_on(opened, node, node.inputs.index(source)):
                    found.add(source)
                    pending.append(source)
        opened.shared_adjoint[end] = found
    return opened.shared_adjoint[end]


def _plain(opened: Opened, total: Use) -> list[Use]:
    """Return the contributions to a sum that are an adjoint as it is."""
    found = []
    for user in opened.users.get(total.target, ()):
        for operand in [k for k, i in enumerate(user.inputs) if i is total.target]:
            if opened.side[user] == "forward" and _passes_on(opened, user, operand):
                found.append(Use("~{0} += ~{z}", user, (total.target,), 0))
    return found


def is_one(user: Node, operand: int) -> bool:
    """Whether a local derivative is 1."""
    source = user.inputs[operand]
    if isinstance(user.op, ScatterOp):
        return operand == 0
    if not isinstance(user.op, ElementwiseOp) or user.shape != source.shape:
        return False
    if not user.dtype.is_float or user.dtype is not source.dtype:
        return False
    partial = partials(user.op, user.attrs)[operand]
    return partial is not None and partial.is_constant and partial.payload == 1


def _add_seed(
    opened: Opened, found: Provenance, step: Step, served: Node, read: Sequence[Node]
) -> None:
    """Note the number with which a backward pass starts: it is no adjoint node, but a constant."""
    for source in sorted(read, key=lambda i: opened.folded.get(i) != "1"):
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
