"""Walk through the chain rule of a graph in the order of its backward pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from graphdl.codegen.diagram import mathtext
from graphdl.codegen.diagram.mathtext import atom
from graphdl.codegen.diagram.naming import Formula, Names
from graphdl.codegen.diagram.opening import Opened, Use, open_graph
from graphdl.codegen.diagram.provenance import find_steps, is_one
from graphdl.ir import scalar
from graphdl.ir.errors import GradientError
from graphdl.ir.graph import Graph
from graphdl.ir.kinds import ElementwiseOp
from graphdl.ir.leaves import PARAM
from graphdl.ir.node import Node
from graphdl.passes.partials import partials


@dataclass(frozen=True)
class Contribution:
    """What one step adds to the adjoint of one input.

    Attributes
    ----------
    target : Node
        The forward node that receives it.
    operand : int
        Which input of the step's node that is.
    rule : Formula
        The rule with names put in.
    local : Formula or None
        The local derivative of an elementwise op.
    repeated : bool
        Whether the input was broadcast, so that the contribution is summed.
    """

    target: Node
    operand: int
    rule: Formula
    local: Formula | None
    repeated: bool


@dataclass(eq=False)
class Passage:
    """One step of the chain rule: back through one forward node.

    Attributes
    ----------
    node : Node
        The forward node.
    received : int
        How many contributions its adjoint was summed from.
    contributions : list of Contribution
        What its inputs receive.
    """

    node: Node
    received: int
    contributions: list[Contribution] = field(default_factory=list)


@dataclass(eq=False)
class Chain:
    """The chain rule of a whole graph.

    Attributes
    ----------
    opened : Opened
        The graph.
    names : Names
        Names of its nodes.
    loss : Node
        Where it starts.
    wrt : list of Node
        Where it ends.
    forward : list of Node
        What the loss is computed from, inputs first; leaves and numbers left out.
    passages : list of Passage
        In the order of the backward pass.
    received : dict of Node to int
        How many contributions each adjoint is summed from.
    last_giver : dict of Node to Passage
        The passage after which an adjoint is complete.
    """

    opened: Opened
    names: Names
    loss: Node
    wrt: list[Node]
    forward: list[Node]
    passages: list[Passage]
    received: dict[Node, int]
    last_giver: dict[Node, Passage] = field(default_factory=dict)

    @property
    def contributions(self) -> list[Contribution]:
        """What all steps contribute, in the order of the backward pass."""
        return [c for p in self.passages for c in p.contributions]

    def rule(self, contribution: Contribution) -> Formula:
        """Return a contribution as math; the only one to an adjoint as an equation."""
        rule = contribution.rule
        if self.received[contribution.target] > 1:
            return rule
        return Formula(rule.pattern.replace(" += ", " = ", 1), rule.symbols)


def walk(graph: Graph) -> Chain:
    """Reconstruct the chain rule of a backward or training graph from its provenance.

    Raises
    ------
    GradientError
        If the graph has no loss, or no adjoint nodes.
    """
    opened = open_graph(graph)
    provenance = find_steps(opened, depth=_ALL)
    uses: dict[tuple[Node, int], Use] = {}
    for node in opened.order:
        for use in opened.uses[node]:
            uses.setdefault((use.serves, use.operand), use)
    loss = _loss(opened)
    below = _below(opened, loss)
    wrt = _variables(opened, below, {u.target for u in uses.values()}, provenance.adjoints)
    if not wrt:
        raise GradientError(
            f"{graph!r} holds no derivative",
            remedy="pass a graph of gd.backward_graph or gd.train_step, or (loss, wrt)",
        )
    names = Names(opened, below, provenance.adjoints)
    forward = [n for n in below if n.inputs and n not in opened.folded]
    chain = Chain(opened, names, loss, wrt, forward, [], {loss: 1})
    active = _active(below, wrt)
    for node in reversed(below):
        if node in active and chain.received.get(node) and node.inputs:
            passage = Passage(node, chain.received[node])
            for operand, source in enumerate(node.inputs):
                found = _contribution(chain, node, operand, uses) if source in active else None
                if found is not None:
                    passage.contributions.append(found)
                    chain.received[source] = chain.received.get(source, 0) + 1
                    chain.last_giver[source] = passage
            if passage.contributions:
                chain.passages.append(passage)
    return chain


_RULED = ("reduce", "prefix", "gather", "scatter", "composite")  # never pass on what they get
_ALL = 10**9  # deeper than composites nest: nothing is closed


def _loss(opened: Opened) -> Node:
    scalars = {
        k: n
        for k, n in opened.outputs.items()
        if n.dtype.is_float and n.shape == () and opened.side[n] == "forward"
    }
    if not scalars:
        raise GradientError(
            f"{opened.graph!r} has no floating scalar output to start from",
            remedy="pass gd.backward_graph(loss), or (loss, wrt)",
        )
    return scalars.get("loss", next(iter(scalars.values())))


def _below(opened: Opened, loss: Node) -> list[Node]:
    needed = {loss}
    for node in reversed(opened.order):
        if node in needed:
            needed.update(node.inputs)
    return [n for n in opened.order if n in needed]


def _variables(
    opened: Opened, below: Sequence[Node], targets: set[Node], adjoints: dict[Node, Node]
) -> list[Node]:
    """Return what the graph differentiates by: what its outputs or updates are adjoints of."""
    asked = [k.removeprefix("grad_") for k in opened.outputs if k.startswith("grad_")]
    named = [n for n in below if n.name and n.name in asked]
    ended = [adjoints[n] for n in opened.outputs.values() if n in adjoints]
    updated = [s for s in opened.updates if s.op is PARAM]
    chosen = dict.fromkeys(n for n in (*named, *ended, *updated) if n in set(below))
    return [n for n in chosen if n in targets or n.name in asked or n in updated]


def _active(below: Sequence[Node], wrt: Sequence[Node]) -> set[Node]:
    active = set(wrt)
    for node in below:
        flowing = (k for k, i in enumerate(node.inputs) if i in active and _flows(node, k))
        if node.dtype.is_float and any(True for _ in flowing):
            active.add(node)
    return active


def _flows(node: Node, operand: int) -> bool:
    """Whether an elementwise op passes a derivative on, as it passes none through a comparison."""
    if not isinstance(node.op, ElementwiseOp):
        return True
    partial = partials(node.op, node.attrs)[operand]
    return partial is not None and not (partial.is_constant and partial.payload == 0)


def _contribution(
    chain: Chain, node: Node, operand: int, uses: dict[tuple[Node, int], Use]
) -> Contribution | None:
    """Find the rule that was applied; one that left no node of its own passed the adjoint on."""
    names, local = chain.names, None
    if isinstance(node.op, ElementwiseOp):
        if not _flows(node, operand):
            return None
        partial = partials(node.op, node.attrs)[operand]
        assert partial is not None
        atoms = [atom(i) for i in range(len(node.inputs) + node.op.outputs)]
        symbols = (*(names[i] for i in node.inputs), *[names[node]] * node.op.outputs)
        local = Formula(mathtext.tidy(scalar.text(partial, atoms)), symbols)
    use = uses.get((node, operand))
    if use is None and node.op.kind in _RULED and not is_one(node, operand):
        return None
    if use is None:
        use = Use(f"~{{{operand}}} += ~{{z}}", node, node.inputs, operand)
    rule = names.rule(use)
    repeated = node.op.kind == "elementwise" and node.inputs[operand].shape != node.shape
    return Contribution(node.inputs[operand], operand, rule, local, repeated)
