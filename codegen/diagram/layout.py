"""Where boxes go: the forward pass runs down, each adjoint stands beside the node it serves.

Graphviz places things; this module says what it must keep: which boxes share a row, in which order,
and which edges pull. All of it is checked to be free of contradictions, since Graphviz fails on
those.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from graphdl.codegen.diagram.picture import Box, Picture
from graphdl.ir.leaves import is_state
from graphdl.ir.node import Node


@dataclass(eq=False)
class Edge:
    """An arrow between boxes.

    Attributes
    ----------
    source, target : Box
        The value flows from source to target.
    kind : str
        ``flow``, ``adjoint``, ``saved`` (a forward value that the backward pass reads) or
        ``update``.
    pulls : bool
        Whether it decides about rows.
    upward : bool
        Whether it is drawn from the lower box to the upper one, or from right to left.
    level : bool
        Whether both boxes are in one row.
    """

    source: Box
    target: Box
    kind: str
    pulls: bool = False
    upward: bool = False
    level: bool = False


@dataclass(eq=False)
class Layout:
    """Edges, and rows of boxes from left to right.

    Attributes
    ----------
    edges : list of Edge
        All arrows.
    rows : list of list of Box
        Boxes that stand side by side; the first is the forward one.
    """

    edges: list[Edge] = field(default_factory=list)
    rows: list[list[Box]] = field(default_factory=list)


def lay_out(picture: Picture, *, in_rows: bool = True) -> Layout:
    """Return edges and rows of a picture.

    Parameters
    ----------
    picture : Picture
        Boxes.
    in_rows : bool
        Whether adjoints stand beside what they serve. Where rules are opened node by node they do
        not: some releases of Graphviz never end on rows across so many clusters.
    """
    layout = Layout(_edges(picture))
    forward = _levels(picture, layout.edges)
    head = _leaf_users(layout.edges, forward)
    for leaf, user in head.items():
        leaf.cluster = leaf.cluster or user.cluster
    level: dict[Box, int] = {}
    beside: dict[Box, list[Box]] = {}
    for box in picture.boxes:
        anchor = box if box in forward else _anchor(picture, box)
        if anchor in forward:
            level[box] = forward[anchor]
            beside.setdefault(head.get(anchor, anchor), []).append(box)
    _place_updates(layout.edges, level, beside)
    for edge in layout.edges:
        _decide(edge, level)
    layout.rows = [_ordered(row, layout.edges) for row in beside.values() if len(row) > 1]
    for row in layout.rows:
        _keep_order(row, layout.edges)
    opened = any(key.startswith(("step:", "update:")) for b in picture.boxes for key in b.cluster)
    if opened or not in_rows:
        layout.rows = []
    if not _feasible(picture.boxes, layout):
        for edge in layout.edges:
            edge.pulls = edge.pulls and edge.source in level and edge.target in level
    return layout


def _leaf_users(edges: list[Edge], level: dict[Box, int]) -> dict[Box, Box]:
    """Return, for leaves that stand beside what uses them first, that box."""
    inner = {e.target for e in edges}
    found: dict[Box, Box] = {}
    for edge in edges:
        same = edge.kind == "flow" and level.get(edge.source) == level.get(edge.target)
        if same and edge.source in level and edge.source not in inner:
            found.setdefault(edge.source, edge.target)
    return found


def _anchor(picture: Picture, box: Box) -> Box | None:
    if box.side != "adjoint" or box.serves is None:
        return None
    return picture.box_of.get(box.serves)


def _edges(picture: Picture) -> list[Edge]:
    found = {pair: Edge(*pair, "adjoint") for pair in picture.links}
    renews: dict[Node, list[Node]] = {}
    for state, value in picture.opened.updates.items():
        renews.setdefault(value, []).append(state)
    for box in picture.boxes:
        updated = {state for value in box.nodes for state in renews.get(value, ())}
        inside = set(box.nodes)
        for node in box.nodes:
            for value in node.inputs:
                source = picture.box_of.get(value)
                if source is None or source is box or value in inside:
                    continue
                if box.kind == "update" and value in updated and is_state(value):
                    continue  # the label says W ← W − …; an arrow from W would cross everything
                found.setdefault((source, box), Edge(source, box, _kind(source, box)))
    for state, value in picture.opened.updates.items():
        maker, target = picture.box_of.get(value), picture.box_of.get(state)
        if maker is None or target is None or maker is target or maker.kind == "update":
            continue
        found.setdefault((maker, target), Edge(maker, target, "update"))
    return list(found.values())


def _kind(source: Box, target: Box) -> str:
    if target.side == "update":
        return "update" if source.side != "forward" else "saved"
    if target.side == "adjoint":
        return "adjoint" if source.side == "adjoint" else "saved"
    return "adjoint" if source.side == "adjoint" else "flow"


def _levels(picture: Picture, edges: list[Edge]) -> dict[Box, int]:
    """Return the depth of forward boxes; leaves stand just above what uses them."""
    boxes = [b for b in picture.boxes if b.side == "forward"]
    incoming: dict[Box, list[Box]] = {b: [] for b in boxes}
    outgoing: dict[Box, list[Box]] = {b: [] for b in boxes}
    for edge in edges:
        if edge.kind == "flow" and edge.source in incoming and edge.target in incoming:
            incoming[edge.target].append(edge.source)
            outgoing[edge.source].append(edge.target)
    level: dict[Box, int] = {}
    missing = {b: len(incoming[b]) for b in boxes}
    ready = [b for b in boxes if not missing[b]]
    for box in ready:  # grows while it is walked
        level[box] = max((level[s] for s in incoming[box] if s in level), default=-1) + 1
        for target in outgoing[box]:
            missing[target] -= 1
            if not missing[target]:
                ready.append(target)
    for box in boxes:
        if box not in level:  # in a circle of boxes, which closing regions can make
            level[box] = max((level[s] for s in incoming[box] if s in level), default=-1) + 1
    top = min((level[t] for b in boxes for t in outgoing[b] if not incoming[b]), default=0)
    for box in boxes:
        if not incoming[box] and outgoing[box]:
            first = min(level[t] for t in outgoing[box])
            # inputs at the top stand above, all other leaves to the left of what uses them first
            level[box] = first - (box.kind == "input" and first == top)
    return level


def _place_updates(edges: list[Edge], level: dict[Box, int], beside: dict[Box, list[Box]]) -> None:
    """Put the update of a parameter beside the gradient that it takes."""
    row_of = {b: row for row in beside.values() for b in row}
    for edge in edges:
        gradient = edge.kind == "update" and edge.source.side == "adjoint"
        free = edge.target.kind == "update" and edge.target not in level
        if gradient and free and edge.source in level:
            level[edge.target] = level[edge.source]
            row_of[edge.source].append(edge.target)


def _decide(edge: Edge, level: dict[Box, int]) -> None:
    """Say whether an edge pulls, and in which direction."""
    source, target = level.get(edge.source), level.get(edge.target)
    known = source is not None and target is not None
    if edge.kind == "flow":
        edge.pulls = not known or source < target  # type: ignore[operator]
    elif edge.kind == "adjoint" and edge.target.side == "adjoint":
        edge.upward = not known or target <= source  # type: ignore[operator]
        edge.pulls = not known or target < source  # type: ignore[operator]
    elif edge.kind in ("update", "saved") and edge.target.side == "update":
        edge.pulls = not known and edge.source.side == "update"


def _ordered(row: list[Box], edges: list[Edge]) -> list[Box]:
    """Order a row: leaves, forward, adjoints that flow on, those that end here, sums, updates."""
    members = set(row)
    flows: dict[Box, list[Edge]] = {}
    for edge in edges:
        if edge.kind == "flow" and edge.source in members:
            flows.setdefault(edge.source, []).append(edge)
    read = {e.source for e in edges if e.kind == "adjoint"}

    def place(box: Box) -> int:
        if box.side == "forward":
            return 0 if any(e.target in members for e in flows.get(box, ())) else 1
        if box.side != "adjoint":
            return 5
        if box.kind in ("total", "seed"):
            return 4 if box.kind == "total" else 2
        return 2 if box in read else 3

    return sorted(row, key=place)


def _keep_order(row: list[Box], edges: list[Edge]) -> None:
    """Write edges within a row from left to right, whatever way the value flows."""
    place = {box: number for number, box in enumerate(row)}
    for edge in edges:
        if edge.source in place and edge.target in place:
            edge.level = True
            edge.upward = place[edge.source] > place[edge.target]


def _feasible(boxes: list[Box], layout: Layout) -> bool:
    """Whether rows and pulling edges allow an order from top to bottom."""
    head = {b: row[0] for row in layout.rows for b in row}
    after: dict[Box, list[Box]] = {}
    missing: dict[Box, int] = dict.fromkeys((head.get(b, b) for b in boxes), 0)
    for edge in layout.edges:
        if edge.pulls:
            upper, lower = head.get(edge.source, edge.source), head.get(edge.target, edge.target)
            if edge.upward:
                upper, lower = lower, upper
            after.setdefault(upper, []).append(lower)
            missing[lower] += 1
    ready = [b for b, count in missing.items() if not count]
    for box in ready:  # grows while it is walked
        for lower in after.get(box, ()):
            missing[lower] -= 1
            if not missing[lower]:
                ready.append(lower)
    return len(ready) == len(missing)
