"""Draw large graphs in fewer boxes: inner scopes become one box each, then runs of boxes do."""

from __future__ import annotations

from graphdl.codegen.diagram.picture import Box, Picture, cut


def summarised(picture: Picture, limit: int) -> Picture:
    """Return a picture of at most about ``limit`` boxes.

    Scopes are closed from the innermost outward until there are few enough boxes; where scopes do
    not help, consecutive boxes are drawn as one.
    """
    deepest = max((len(b.cluster) for b in picture.boxes), default=0)
    for level in range(deepest, -1, -1):
        if len(picture.boxes) <= limit:
            break
        picture = _closed(picture, level) if level else _runs(picture, limit)
    return picture


def _closed(picture: Picture, level: int) -> Picture:
    """Close the clusters of one level: one box each, or one a side of the graph that it holds."""
    groups: dict[object, list[Box]] = {}
    for box in picture.boxes:
        deep = len(box.cluster) >= level
        key = (box.side, box.cluster[:level]) if deep else box
        groups.setdefault(key, []).append(box)
    return _merged(picture, list(groups.values()))


def _runs(picture: Picture, limit: int) -> Picture:
    """Join consecutive boxes of one side. Order is kept, so no circle can arise."""
    sides: dict[str, list[Box]] = {}
    for box in picture.boxes:
        sides.setdefault(box.side, []).append(box)
    size = -(-len(picture.boxes) // max(limit - len(sides), 1))
    groups = [
        boxes[start : start + size]
        for boxes in sides.values()
        for start in range(0, len(boxes), size)
    ]
    return _merged(picture, groups)


def _merged(picture: Picture, groups: list[list[Box]]) -> Picture:
    result = Picture(picture.opened, picture.names, titles=picture.titles)
    stands_for: dict[Box, Box] = {}
    for group in groups:
        box = group[0] if len(group) == 1 else _group(picture, group)
        result.add(box)
        stands_for.update(dict.fromkeys(group, box))
    for source, target in picture.links:
        ends = stands_for[source], stands_for[target]
        if ends[0] is not ends[1]:
            result.links[ends] = None
    return result


def _group(picture: Picture, group: list[Box]) -> Box:
    shared = group[0].cluster
    for box in group:
        while box.cluster[: len(shared)] != shared:
            shared = shared[:-1]
    nodes = [n for box in group for n in box.nodes]
    first, last = group[0].lines[0], group[-1].lines[0]
    title = picture.titles.get(shared[-1], "") if shared else ""
    lines = [title] if title else [cut(first, 40), "…", cut(last, 40)]
    outputs = [line for box in group for line in box.lines if line.startswith("output ")]
    more = [f"… and {len(outputs) - 4} outputs"] if len(outputs) > 4 else []
    count = f"{len(nodes)} nodes" + ("" if group[0].side == "forward" else f", {group[0].side}")
    serves = next((b.serves for b in group if b.serves is not None), None)
    box = Box("group", group[0].side, nodes, [*lines, count, *outputs[:4], *more], shared[:-1])
    box.serves, box.is_output = serves, any(b.is_output for b in group)
    box.tooltip = "\n".join(b.lines[0] for b in group[:20])
    return box
