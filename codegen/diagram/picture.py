"""What a drawing consists of: boxes that stand for one node or several, each in a cluster."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from graphdl.codegen.diagram.mathtext import LONGEST_LINE
from graphdl.codegen.diagram.naming import Names
from graphdl.codegen.diagram.opening import Opened
from graphdl.ir.node import Node

Cluster = tuple[str, ...]
"""A path of cluster keys: ``scope:name``, ``region:number`` or ``step:number``."""


@dataclass(eq=False)
class Box:
    """One shape of a drawing.

    Attributes
    ----------
    kind : str
        ``input``, ``param``, ``state``, ``constant``, ``op``, ``composite``, ``rule``, ``sum``,
        ``seed``, ``update`` or ``group``; decides the look.
    side : str
        ``forward``, ``adjoint``, ``after`` or ``update``.
    nodes : list of Node
        What it stands for.
    lines : list of str
        Its label.
    cluster : Cluster
        Where it is drawn.
    serves : Node or None
        The forward node that it is drawn beside.
    tooltip : str
        Shown by a browser when the mouse is over it.
    is_output : bool
        Whether a call returns it.
    is_marked : bool
        Whether it is shown as wrong.
    """

    kind: str
    side: str
    nodes: list[Node]
    lines: list[str]
    cluster: Cluster = ()
    serves: Node | None = None
    tooltip: str = ""
    is_output: bool = False
    is_marked: bool = False


@dataclass(eq=False)
class Picture:
    """All boxes of a drawing, and in which box a node is.

    Attributes
    ----------
    opened : Opened
        The graph.
    names : Names
        Names of its nodes.
    boxes : list of Box
        In the order of the graph.
    box_of : dict of Node to Box
        Folded nodes are in no box.
    titles : dict of str to str
        What is written on a cluster, by the last part of its path.
    links : dict of (Box, Box)
        Arrows from where a backward pass starts.
    """

    opened: Opened
    names: Names
    boxes: list[Box] = field(default_factory=list)
    box_of: dict[Node, Box] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    links: dict[tuple[Box, Box], None] = field(default_factory=dict)

    def add(self, box: Box) -> None:
        """Put a box into the picture."""
        self.boxes.append(box)
        for node in box.nodes:
            self.box_of[node] = box

    def mark(self, notes: Mapping[Node, str]) -> None:
        """Show the boxes of these nodes as wrong, with a note each; folded nodes are in no box."""
        for node, note in notes.items():
            box = self.box_of.get(node)
            if box is not None:
                box.is_marked = True
                box.lines += [f"✗ {cut(line)}" for line in note.split("\n") if line]


def cut(line: str, longest: int = LONGEST_LINE) -> str:
    """Cut a line that would make a box too wide."""
    return line if len(line) <= longest else line[: longest - 1] + "…"
