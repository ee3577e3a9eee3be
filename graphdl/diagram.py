"""gd.draw: a graph as a picture."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from graphdl.codegen.diagram import render
from graphdl.codegen.diagram.boxes import make_picture
from graphdl.codegen.diagram.dot import to_dot
from graphdl.codegen.diagram.layout import lay_out
from graphdl.codegen.diagram.summary import summarised
from graphdl.ir.errors import ArgumentError
from graphdl.ir.graph import Graph
from graphdl.ir.node import Node

DIRECTIONS = ("TB", "BT", "LR", "RL")
FORMATS = ("svg", "png", "pdf", "dot")


class DiagramWarning(UserWarning):
    """A picture could not be drawn here; what was written instead is said."""


class Diagram:
    """A drawing: DOT text, and pictures where this machine has a renderer.

    Attributes
    ----------
    dot : str
        Graphviz's text, the same for the same graph.
    """

    def __init__(self, dot: str, simpler: str | None = None) -> None:
        self.dot = dot
        self._simpler = simpler  # drawn where Graphviz fails on the layout
        self._drawn: dict[str, bytes | None] = {}

    def _render(self, form: str) -> bytes | None:
        if form not in self._drawn:
            drawn = render.render(self.dot, form)
            if drawn is None and self._simpler not in (None, self.dot):
                drawn = render.render(str(self._simpler), form)
            self._drawn[form] = drawn
        return self._drawn[form]

    @property
    def svg(self) -> str | None:
        """The picture as SVG text; None if there is no renderer."""
        drawn = self._render("svg")
        return None if drawn is None else drawn.decode("utf-8")

    @property
    def png(self) -> bytes | None:
        """The picture as PNG; None if no renderer here can draw it."""
        return self._render("png")

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the drawing in the format of the suffix: .svg, .png, .pdf or .dot.

        Where this machine cannot draw that, the best it can do is written beside, as ``.svg`` or
        ``.dot``, with a warning that says so.

        Parameters
        ----------
        path : path-like
            File to write; folders are made.

        Returns
        -------
        Path
            The file that was written.

        Raises
        ------
        ArgumentError
            If the suffix is none of these.

        Examples
        --------
        >>> import graphdl as gd, tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     gd.draw(gd.exp(gd.input("x", ("N",)))).save(folder + "/exp.dot").name
        'exp.dot'
        """
        target = Path(path)
        form = target.suffix.lower().removeprefix(".") or "svg"
        if form not in FORMATS:
            raise ArgumentError(
                f"cannot draw as {target.suffix!r}", remedy="use .svg, .png, .pdf or .dot"
            )
        drawn = self.dot.encode() if form == "dot" else self._render(form)
        if drawn is None and form != "svg":
            drawn, form = self._render("svg"), "svg"
        if drawn is None:
            drawn, form = self.dot.encode(), "dot"
        written = target if target.suffix.lower() == f".{form}" else target.with_suffix(f".{form}")
        written.parent.mkdir(parents=True, exist_ok=True)
        written.write_bytes(drawn)
        if target.suffix and written != target:
            warnings.warn(
                f"nothing here draws {target.suffix[1:]}: wrote {written} instead; {render.REMEDY}",
                DiagramWarning,
                stacklevel=2,
            )
        return written

    @property
    def boxes(self) -> int:
        """Number of boxes drawn."""
        return len(re.findall(r"^ *n\d+ \[label=", self.dot, re.MULTILINE))

    def _repr_svg_(self) -> str | None:
        return self.svg

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        svg = self.svg
        bundle = {"text/plain": self.dot}
        return bundle if svg is None else {"image/svg+xml": svg, **bundle}

    def __repr__(self) -> str:
        return f"<Diagram of {self.boxes} boxes>"


def draw(
    graph: Graph | Node | Sequence[Node],
    *,
    depth: int = 0,
    direction: str | None = None,
    title: str | None = None,
    limit: int = 300,
    mark: Mapping[Node, str] | None = None,
) -> Diagram:
    """Draw a graph: forward pass down one side, each adjoint beside the node that it serves.

    Inputs are ellipses, parameters hexagons, state and its updates cylinders, ops boxes, composites
    boxes with depth; outputs have a double green border. Adjoints are vermilion boxes that show the
    rule that made them; where contributions add up there is an octagon. Dashed edges are forward
    values that the backward pass reads.

    Parameters
    ----------
    graph : Graph, Node or sequence of Node
        Forward, backward or training graph.
    depth : int
        How many nested composites are opened. From 1 on, rules and updates are drawn node by node
        too.
    direction : str, optional
        Where the forward pass goes: ``TB`` (default), ``BT``, ``LR`` or ``RL``.
    title : str, optional
        Default: the graph's name.
    limit : int
        From how many boxes on inner scopes, and then runs of nodes, are drawn as one box.
    mark : mapping of Node to str, optional
        Nodes of the graph that are shown as wrong, by a thick red border and a note.

    Returns
    -------
    Diagram
        With ``.dot``, ``.svg``, ``.png`` and ``.save(path)``; notebooks show it.

    Raises
    ------
    ArgumentError
        If an argument makes no sense. A missing renderer never raises.

    Examples
    --------
    >>> import graphdl as gd
    >>> x, w = gd.input("x", ("N", 3)), gd.param("w", (3,))
    >>> gd.draw(gd.backward_graph(gd.sum(x @ w)))
    <Diagram of 7 boxes>
    """
    if direction is not None and direction not in DIRECTIONS:
        raise ArgumentError(f"direction={direction!r}", remedy=f"use one of {DIRECTIONS}")
    if depth < 0 or limit < 1:
        raise ArgumentError(f"depth={depth!r}, limit={limit!r}", remedy="depth >= 0, limit >= 1")
    given = graph if isinstance(graph, Graph) else Graph(graph, name="")
    picture = summarised(make_picture(given, depth), limit)
    picture.mark(mark or {})
    shown = given.name if title is None else title
    texts = [
        to_dot(picture, lay_out(picture, in_rows=rows), direction or "TB", shown)
        for rows in (True, False)
    ]
    return Diagram(*texts)
