"""Group what is computed for updates of state: one group a parameter, one for what they share."""

from __future__ import annotations

from dataclasses import dataclass, field

from graphdl.codegen.diagram.expressions import expression
from graphdl.codegen.diagram.mathtext import atom
from graphdl.codegen.diagram.naming import Names
from graphdl.codegen.diagram.opening import Opened
from graphdl.ir.leaves import PARAM
from graphdl.ir.node import Node

LONGEST_UPDATE = 48
"""Characters up to which a new value is written out."""


@dataclass(eq=False)
class UpdateGroup:
    """Nodes that only the update of one parameter, and of the state with it, needs.

    Attributes
    ----------
    nodes : list of Node
        Inputs first; optimizer state that nothing else reads is among them.
    updates : list of (Node, Node)
        The states that get a new value here, and the values.
    """

    nodes: list[Node] = field(default_factory=list)
    updates: list[tuple[Node, Node]] = field(default_factory=list)


def find_updates(opened: Opened) -> dict[Node, UpdateGroup]:
    """Return the group of every node that is computed for updates only."""
    masters: dict[Node, set[Node]] = {}
    weights = {v for s, v in opened.updates.items() if s.op is PARAM}
    for state, value in opened.updates.items():
        if state.op is PARAM or _alone(opened, state, weights):
            masters.setdefault(value, set()).add(state)
    reached: dict[Node, frozenset[Node]] = {}
    for node in reversed(opened.order):
        if opened.side[node] == "update" or node in masters:
            found = set(masters.get(node, ()))
            for user in opened.users.get(node, ()):
                if opened.side[user] == "update":
                    found |= reached[user]
            reached[node] = frozenset(found)
    groups: dict[object, UpdateGroup] = {}
    group_of: dict[Node, UpdateGroup] = {}
    for node in opened.order:
        if opened.side[node] == "update" and node not in opened.folded:
            owners = reached[node]
            key = owners if len(owners) == 1 else "shared"
            group = group_of[node] = groups.setdefault(key, UpdateGroup())
            group.nodes.append(node)
    for state, value in opened.updates.items():
        if value in group_of:
            group_of[value].updates.append((state, value))
    return group_of


def _alone(opened: Opened, state: Node, weights: set[Node]) -> bool:
    """Whether a state's update serves no parameter: a running mean, a counter."""
    pending, seen = [opened.updates[state], state], set()
    while pending:
        node = pending.pop()
        if node in weights:
            return False
        if node not in seen and (opened.side[node] == "update" or node is state):
            seen.add(node)
            pending.extend(opened.users.get(node, ()))
    return True


def inlined(names: Names, value: Node, group: UpdateGroup) -> str:
    """Write a new value out in terms of what comes from outside; ``f(…)`` where that is long.

    A state that was given its new value before is written by its name, as in textbooks.
    """
    texts: dict[Node, str] = {}
    inside = set(group.nodes)
    renewed = {v: names[s].text for s, v in group.updates if v is not value}
    for node in group.nodes:
        if not node.inputs or node in renewed:
            continue
        shown = expression(node)
        product = "·" in shown or "/" in shown
        for number, source in enumerate(node.inputs):
            part = renewed.get(source) or texts.get(source) or ""
            if source in texts and (product or "−" in shown) and _is_sum(part):
                part = f"({part})"
            elif not part:
                outside = source not in inside or not source.inputs
                part = names[source].text if outside else "…"
            shown = shown.replace(atom(number), part)
        texts[node] = shown
        if node is value:
            break
    if len(texts.get(value, "")) <= LONGEST_UPDATE and value in texts:
        return texts[value]
    return _summary(names, value, inside, renewed)


def _is_sum(text: str) -> bool:
    """Whether a sum, a difference or a quotient stands outside of brackets."""
    depth = 0
    for character in text:
        depth += (character in "([") - (character in ")]")
        if depth == 0 and character in "+−/":
            return True
    return False


def _summary(names: Names, value: Node, inside: set[Node], renewed: dict[Node, str]) -> str:
    """Return ``f(everything from outside that a value depends on)``."""
    found: dict[str, None] = {}
    pending: list[Node] = [value]
    seen: set[Node] = set()
    while pending:
        node = pending.pop()
        if node in seen or node in names.opened.folded:
            continue
        seen.add(node)
        if node in renewed:
            found[renewed[node]] = None
        elif node in inside and node.inputs:
            pending.extend(reversed(node.inputs))
        else:
            found[names[node].text] = None
    return f"f({', '.join(found)})"


def shared_results(opened: Opened, group: UpdateGroup) -> list[Node]:
    """Return what others read of a group, but for new values of state."""
    inside, renewed = set(group.nodes), {v for _, v in group.updates}
    return [
        n
        for n in group.nodes
        if n.inputs and n not in renewed
        and any(u not in inside for u in opened.users.get(n, ()))
    ]  # fmt: skip
