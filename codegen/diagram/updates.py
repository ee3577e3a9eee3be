"""Group what is computed for updates of state: one group a parameter, one for what they share."""

from __future__ import annotations

from dataclasses import dataclass, field

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
    for state, value in opened.updates.items():
        if state.op is PARAM or _alone(opened, state):
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


def _alone(opened: Opened, state: Node) -> bool:
    """Whether a state's update serves no parameter: a running mean, a counter."""
    pending, seen = [opened.updates[state], state], set()
    values = {v for s, v in opened.updates.items() if s.op is PARAM}
    while pending:
        node = pending.pop()
        if node in values:
            return False
        if node not in seen and (opened.side[node] == "update" or node is state):
            seen.add(node)
            pending.extend(opened.users.get(node, ()))
    return True


def inlined(opened: Opened, names: Names, value: Node, group: UpdateGroup) -> str:
    """Write a new value out in terms of what comes from outside; ``f(…)`` where that is long."""
    texts: dict[Node, str] = {}
    inside = set(group.nodes)
    for node in group.nodes:
        if not node.inputs:
            continue
        shown = names.formula(node).pattern
        for number, source in enumerate(node.inputs):
            part = texts.get(source) or names[source].text
            if source in texts and any(c in part for c in "+−/ "):
                part = f"({part})"
            shown = shown.replace(atom(number), part)
        texts[node] = shown if len(shown) <= LONGEST_UPDATE else _summary(opened, names, node, inside)
        if node is value:
            break
    return texts.get(value, names[value].text)


def _summary(opened: Opened, names: Names, value: Node, inside: set[Node]) -> str:
    """Return ``f(everything from outside that a value depends on)``."""
    found: dict[str, None] = {}
    pending, seen = [value], set()
    while pending:
        node = pending.pop()
        if node in seen or node in opened.folded:
            continue
        seen.add(node)
        if node in inside and node.inputs:
            pending.extend(reversed(node.inputs))
        else:
            found[names[node].text] = None
    return f"f({', '.join(found)})"
