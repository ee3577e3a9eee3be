"""DOT text of a picture. Labels are plain text: HTML-like ones are not drawn everywhere."""

from __future__ import annotations

from itertools import pairwise

from graphdl.codegen.diagram.layout import Edge, Layout
from graphdl.codegen.diagram.mathtext import printable
from graphdl.codegen.diagram.picture import Box, Cluster, Picture

FONT = "Helvetica"
# Okabe and Ito's palette, which people with colour blindness tell apart; fills are tints of it.
BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
YELLOW, BLUE, VERMILION, PURPLE, GREY = "#F0E442", "#0072B2", "#D55E00", "#CC79A7", "#8C8C8C"

# kind -> shape, border, fill, further attributes
_LOOKS: dict[str, tuple[str, str, str, str]] = {
    "input": ("ellipse", BLUE, "#DCEFFB", "margin=0.02"),
    "param": ("hexagon", "#B37B00", "#FDEDC9", "margin=0.02"),
    "state": ("cylinder", "#8A8200", "#FBF8C8", ""),
    "constant": ("note", GREY, "#F4F4F4", ""),
    "op": ("box", "#404040", "#FFFFFF", ""),
    "composite": ("box3d", "#404040", "#FFFFFF", 'margin="0.15,0.08"'),
    "group": ("folder", "#404040", "#F4F4F4", ""),
    "rule": ("box", VERMILION, "#FBE6D9", ""),
    "seed": ("box", VERMILION, "#FBE6D9", "penwidth=2"),
    "total": ("octagon", VERMILION, "#F6CDB4", "penwidth=2,margin=0.06"),
    "update": ("cylinder", "#A6557F", "#F6E3ED", 'margin="0.1,0.09"'),
}
_EDGES: dict[str, str] = {
    "flow": 'color="#404040"',
    "adjoint": f'color="{VERMILION}",penwidth=1.8,arrowhead=vee,arrowtail=vee',
    "saved": f'color="{GREY}",style=dashed,penwidth=0.8,arrowsize=0.6',
    "update": 'color="#A6557F",penwidth=1.8,style=dotted,arrowhead=onormal',
}


def to_dot(picture: Picture, layout: Layout, direction: str = "TB", title: str = "") -> str:
    """Return the drawing as DOT text, the same for the same graph.

    Parameters
    ----------
    picture : Picture
        Boxes.
    layout : Layout
        Edges and rows.
    direction : str
        Where the forward pass goes: ``TB``, ``BT``, ``LR`` or ``RL``.
    title : str
        Written above the drawing.
    """
    ids = {box: f"n{number}" for number, box in enumerate(picture.boxes)}
    newrank = "newrank=true," if layout.rows else ""
    lines = [
        "digraph {",
        f"  graph [rankdir={direction},{newrank}fontname={FONT},fontsize=14,labelloc=t,"
        f"ranksep=0.32,nodesep=0.28,label={quoted(printable(title, 100))},tooltip={quoted(' ')}]",
        f'  node [fontname={FONT},fontsize=11,style=filled,height=0.3,margin="0.12,0.05"]',
        f"  edge [fontname={FONT},fontsize=9,arrowsize=0.7]",
    ]
    lines += _clusters(picture, ids)
    for row in layout.rows:
        lines.append("  {rank=same; " + "; ".join(ids[b] for b in row) + "}")
        lines += _side_by_side(row, layout, ids)
    lines += [_edge(edge, ids) for edge in layout.edges]
    return "\n".join([*lines, "}", ""])


def _clusters(picture: Picture, ids: dict[Box, str]) -> list[str]:
    """Return the boxes, nested in their clusters."""
    inside: dict[Cluster, list[Box]] = {}
    below: dict[Cluster, dict[Cluster, None]] = {}
    for box in picture.boxes:
        inside.setdefault(box.cluster, []).append(box)
        for size in range(len(box.cluster)):
            below.setdefault(box.cluster[:size], {})[box.cluster[: size + 1]] = None
    lines: list[str] = []
    number = 0

    def write(cluster: Cluster, margin: str) -> None:
        nonlocal number
        lines.extend(margin + _node(box, ids[box]) for box in inside.get(cluster, ()))
        for inner in below.get(cluster, ()):
            number += 1
            lines.append(f"{margin}subgraph cluster_{number} {{")
            lines.append(f"{margin}  {_frame(picture, inner[-1])}")
            write(inner, margin + "  ")
            lines.append(margin + "}")

    write((), "  ")
    return lines


def _frame(picture: Picture, key: str) -> str:
    colours = {
        "scope": ("#9A9A9A", '"rounded"', "#555555"),
        "region": (BLUE, '"rounded,dashed"', BLUE),
        "step": (VERMILION, '"rounded,dashed"', VERMILION),
        "update": ("#A6557F", '"rounded"', "#A6557F"),
    }
    line, style, text = colours[key.split(":", 1)[0]]
    title = picture.titles.get(key, "")
    return (
        f'graph [label={quoted(title)},color="{line}",fontcolor="{text}",style={style},'
        f"labeljust=l,fontsize=12,margin=10,tooltip={quoted(title or ' ')}]"
    )


def _node(box: Box, name: str) -> str:
    shape, border, fill, more = _LOOKS[box.kind]
    attributes = [f"label={quoted(chr(10).join(box.lines))}", f"shape={shape}"]
    attributes += [f'color="{border}"', f'fillcolor="{fill}"']
    if box.kind in ("op", "rule"):
        attributes.append(f"style={quoted('rounded,filled')}")
    if box.is_output:
        attributes += ["peripheries=2", f'color="{GREEN}"', "penwidth=1.6"]
    if more:
        attributes.append(more)
    if box.is_marked:
        attributes += ['color="#CC0000"', "penwidth=5"]
    attributes.append(f"tooltip={quoted(box.tooltip or ' ')}")
    return f"{name} [{','.join(attributes)}]"


def _side_by_side(row: list[Box], layout: Layout, ids: dict[Box, str]) -> list[str]:
    """Keep the order of a row by edges that nobody sees, where no visible one does it."""
    shown = {(e.source, e.target) for e in layout.edges}
    return [
        f"  {ids[left]} -> {ids[right]} [style=invis,weight=2]"
        for left, right in pairwise(row)
        if (left, right) not in shown and (right, left) not in shown
    ]


def _edge(edge: Edge, ids: dict[Box, str]) -> str:
    source, target = ids[edge.source], ids[edge.target]
    attributes = [_EDGES[edge.kind]]
    if edge.upward:
        source, target = target, source
        attributes.append("dir=back")
    if edge.pulls:
        attributes.append("weight=" + ("8" if edge.kind == "flow" else "4"))
    elif not edge.level:
        attributes.append("constraint=false")
    return f"  {source} -> {target} [{','.join(attributes)}]"


def quoted(text: str) -> str:
    r"""Return text as a DOT string that means just this text.

    Examples
    --------
    >>> quoted('a "b" &c')
    '"a \\"b\\" &amp;c"'
    """
    lines = [
        "".join(c if c.isprintable() else "␣" for c in line)
        .replace("&", "&amp;")
        .replace("\\", "\\\\")
        .replace('"', '\\"')
        for line in text.split("\n")
    ]
    return '"' + "\\n".join(lines) + '"'
