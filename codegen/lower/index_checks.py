"""The index inputs that are checked before anything is stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from graphdl.codegen.program import Access, Axis, Buffer, IndexCheck
from graphdl.ir import kinds
from graphdl.ir.node import Node


def index_checks(nodes: Iterable[Node], buffer_of: Mapping[Node, Buffer]) -> list[IndexCheck]:
    """Return the checks of what a graph reads of inputs as indices, each once."""
    found: dict[object, IndexCheck] = {}
    for node in nodes:
        for place in node.op.places(node) if isinstance(node.op, kinds.IndexedOp) else ():
            part = kinds.known_part(place.indices) if place.checked else None
            if part is not None and part.is_input:
                key = (part.leaf if part.is_whole else part, place.size, place.negative)
                found.setdefault(key, _check(buffer_of[part.leaf], part, place, node))
    return list(found.values())


def _check(buffer: Buffer, part: kinds.Part, place: kinds.Place, node: Node) -> IndexCheck:
    if part.is_whole:
        return IndexCheck(buffer, place.size, node, place.negative)
    axes = tuple(Axis(name, size) for name, size in part.loops)
    shown = Access(buffer, buffer.shape, part.index)
    return IndexCheck(buffer, place.size, node, place.negative, axes, shown)
