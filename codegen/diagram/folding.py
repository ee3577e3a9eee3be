"""Numbers, sizes and positions are no boxes: they are written inside of what uses them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphdl.codegen.diagram.expressions import expression, size_text
from graphdl.codegen.diagram.mathtext import atom, needs_brackets
from graphdl.ir.kinds import ElementwiseOp
from graphdl.ir.leaves import CONSTANT, DIMENSION, IOTA
from graphdl.ir.node import Node

if TYPE_CHECKING:
    from graphdl.codegen.diagram.opening import Opened

LONGEST = 24
"""Characters up to which arithmetic with sizes and positions is written in place."""
_LETTERS = "jihg"
"""Positions along the last axis, the one before, and so on."""


def fold(opened: Opened) -> None:
    """Find what is shown inside of its users, and how."""
    roots = set(opened.roots)
    for node in opened.order:
        if node in roots or (node.inputs and _ends_step(opened, node)):
            continue  # an adjoint is shown, even if it is but a number repeated
        text = _text(opened, node)
        if text is not None and len(text) <= LONGEST:
            opened.folded[node] = text


def _text(opened: Opened, node: Node) -> str | None:
    if node.op is CONSTANT:
        return number_text(node) if node.attr("value").size == 1 else None
    if node.op is DIMENSION:
        return size_text(node.attr("size"))
    if node.op is IOTA:
        return _positions(opened, node, node)
    if not node.inputs or any(i not in opened.folded for i in node.inputs):
        return None
    if _only_moves(node):
        return _moved(opened, node)
    return _arithmetic(opened, node) if isinstance(node.op, ElementwiseOp) else None


def number_text(node: Node) -> str:
    """Return a constant's number."""
    value = node.attr("value").reshape(-1)[0]
    shown = str(value) if value.dtype.kind == "b" else f"{value:.5g}".replace("inf", "∞")
    return shown.replace("-", "−", shown.startswith("-"))


def _positions(opened: Opened, node: Node, iota: Node) -> str | None:
    """Return a letter for positions along an axis of a larger array."""
    moving = [a for a, size in enumerate(node.shape) if size != 1]
    users = opened.users.get(node, ())
    rank = max([node.ndim, *(u.ndim for u in users if u.op.kind == "elementwise")])
    if rank < 2 or len(moving) != 1:
        return f"(0 … {size_text(iota.shape[0] - 1)})"
    behind = node.ndim - moving[0] - 1
    return _LETTERS[behind] if behind < len(_LETTERS) else None


def _moved(opened: Opened, node: Node) -> str | None:
    """Return what a view or a cast shows of what is folded."""
    source = node
    while _only_moves(source):
        (source,) = source.inputs
    if source.op is IOTA:
        return _positions(opened, node, source)
    return opened.folded[node.inputs[0]] if not source.inputs else None


def _only_moves(node: Node) -> bool:
    """Whether a node is a view or a cast."""
    if not isinstance(node.op, ElementwiseOp):
        return node.op.kind == "view"
    body = node.op.body(node.attrs)
    return body.instruction is not None and body.instruction.result == "cast"


def _arithmetic(opened: Opened, node: Node) -> str:
    text = expression(node)
    for place, source in enumerate(node.inputs):
        part = opened.folded[source]
        before, _, after = text.partition(atom(place))
        shown = f"({part})" if needs_brackets(before, part, after) else part
        text = text.replace(atom(place), shown)
    return text.removesuffix(" + 0").removesuffix(" − 0")


def _ends_step(opened: Opened, node: Node) -> bool:
    """Whether an adjoint node is the result of the rule that made it, not a part of its work."""
    keys = {(u.serves, u.operand) for u in opened.uses[node]}
    return opened.side[node] == "adjoint" and any(
        keys.isdisjoint((u.serves, u.operand) for u in opened.uses[user])
        for user in opened.users.get(node, ())
    )
