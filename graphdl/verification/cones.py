"""What lies between some nodes of a graph and others."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from graphdl.ir.node import Node


def between(given: Collection[Node], roots: Sequence[Node]) -> list[Node]:
    """Return the nodes at and below roots, down to given ones, inputs first."""
    order: list[Node] = []
    done = set(given)
    stack = list(reversed(roots))
    while stack:
        node = stack[-1]
        waiting = [] if node in done else [i for i in reversed(node.inputs) if i not in done]
        if waiting:
            stack.extend(waiting)
            continue
        stack.pop()
        if node not in done:
            done.add(node)
            order.append(node)
    return order
