"""A whole gradient, proved in steps: each rule for all inputs, and their composition.

The chain rule says: if every step passes its cotangent on by a right rule, and every node's adjoint
is the sum of what its uses pass on, the whole is right, however deep it is. So two things are
looked at. Each op on the way from the variables to the loss has an established rule (``rules``).
And the gradient at hand *is* the composition: node for node it has the structure that ``reverse``
builds from these rules, zeros of branches not taken moved outside of products included.

What is assumed: numbers are real, nothing rounds or overflows; arguments lie in the domains that
the rules state, and on no kink or tie, where the derivative is a convention. Formulas that were
stabilised before (``log(softmax(x))``) are differentiated in their stable form.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from graphdl.ir.graph import intern
from graphdl.ir.node import Node, topological
from graphdl.passes.derivative import open_composites
from graphdl.passes.stabilise import stabilised
from graphdl.verification.outcome import Outcome
from graphdl.verification.remembered import rule_key
from graphdl.verification.rules import established
from graphdl.verification.wording import counted


@dataclass(frozen=True)
class Step:
    """One rule, or update, that a gradient or a training step rests on.

    Attributes
    ----------
    op : str
        The op.
    count : int
        How many nodes of the graph use it in this way.
    outcome : Outcome
        How far it is established.
    site : str
        Where the first of these nodes was made.
    role : str
        ``"rule of"`` an op, or ``"update of"`` state.
    """

    op: str
    count: int
    outcome: Outcome
    site: str = ""
    role: str = "rule of"

    @property
    def verdict(self) -> str:
        """``proved``, ``checked``, ``refuted`` or ``open``."""
        return self.outcome.verdict

    def __str__(self) -> str:
        found = self.outcome
        uses = f" ×{self.count}" if self.count > 1 else ""
        text = f"{self.op}{uses}: {found.verdict} {found.how}".rstrip()
        if found.verdict == "checked":
            text += f", {found.digits} digits at {counted(found.points, 'point')}"
        if found.conditions:
            text += f", where {', '.join(found.conditions)}"
        if found.fault is not None:
            text += f": {found.fault}"
        return "; ".join([text, *found.remarks])


def steps(loss: Node, wrt: Sequence[Node]) -> tuple[Step, ...]:
    """Return the rules of all nodes between variables and a loss, each once."""
    found: dict[object, list[Node]] = {}
    for node in path(loss, wrt):
        found.setdefault(rule_key(node), []).append(node)
    merged: dict[tuple[str, str], tuple[Outcome, list[Node]]] = {}
    for nodes in found.values():
        outcome = established(nodes[0])
        alike = merged.setdefault((nodes[0].op.name, repr(outcome)), (outcome, []))
        alike[1].extend(nodes)
        if outcome.verdict == "refuted":
            break
    return tuple(
        Step(name, len(nodes), outcome, nodes[0].site)
        for (name, _), (outcome, nodes) in merged.items()
    )


def path(loss: Node, wrt: Sequence[Node]) -> list[Node]:
    """Return the nodes through which a derivative flows from a loss to variables, inputs first."""
    (value,) = stabilised([loss], wrt)
    interned = intern([value, *wrt])
    opened = open_composites([interned[value]])
    moving = {opened.get(interned[w], interned[w]) for w in wrt}
    found = []
    for node in topological([opened[interned[value]]]):
        if node not in moving and node.dtype.is_float and any(i in moving for i in node.inputs):
            moving.add(node)
            found.append(node)
    return found


def is_composed(given: Iterable[Node], built: Sequence[Node]) -> bool:
    """Whether gradients at hand are, node for node, those that the chain rule builds."""
    pairs = list(zip(given, built, strict=True))
    interned = intern([node for pair in pairs for node in pair])
    return all(interned[a] is interned[b] for a, b in pairs)
