"""Whether a graph is linear in one of its inputs, as its nodes show."""

from __future__ import annotations

from collections.abc import Sequence

from graphdl.ir.kinds import PrefixOp, ReduceOp, ScatterOp
from graphdl.ir.node import Node, topological
from graphdl.ir.rewrites import instruction_of, is_number


def is_linear(results: Sequence[Node], source: Node) -> bool:
    """Whether results are linear in a source, without a constant part; composites are not opened.

    Examples
    --------
    >>> import graphdl as gd
    >>> x, c = gd.input("x", (3,)), gd.input("c", (3,))
    >>> is_linear([gd.exp(x) * c], c), is_linear([c * c], c), is_linear([c + 1.0], c)
    (True, False, False)
    """
    moving = {source}
    for node in topological(results):
        if any(i in moving for i in node.inputs):
            if not _keeps(node, [i in moving for i in node.inputs]):
                return False
            moving.add(node)
    return all(r in moving or is_zero(r) for r in results)


def is_zero(node: Node) -> bool:
    """Whether a node is zeros, spread to some shape."""
    while node.op.kind == "view" or (node.op.kind == "elementwise" and len(node.inputs) == 1):
        node = node.inputs[0]
    return is_number(node, 0)


def _keeps(node: Node, moving: list[bool]) -> bool:
    """Whether a node passes linearity on."""
    op, still = node.op, [i for i, m in zip(node.inputs, moving, strict=True) if not m]
    if op.kind == "elementwise":
        return _elementwise(node, moving, still)
    if op.kind == "contract":
        return sum(moving) == 1
    if isinstance(op, ReduceOp):
        return op.combine == "add"
    if isinstance(op, PrefixOp):
        return op.combine == "add" or (op.combine == "linear" and not moving[0])
    if isinstance(op, ScatterOp):
        return (
            op.combine in ("add", "set")
            and not any(moving[2:])
            and all(m or is_zero(i) for i, m in zip(node.inputs[:2], moving[:2], strict=True))
        )
    if op.kind == "gather":
        return not any(moving[1:])
    if op.kind == "assembly":
        return op.fill(dict(node.attrs)) in (None, 0) and all(map(is_zero, still))  # type: ignore[attr-defined]
    return op.kind == "view"


def _elementwise(node: Node, moving: list[bool], still: list[Node]) -> bool:
    instruction = instruction_of(node)
    if instruction is None:
        return len(node.inputs) == 1 and node.op.body(node.attrs).is_argument  # type: ignore[attr-defined]
    if instruction.name in ("neg", "cast"):
        return node.dtype.is_float
    if instruction.result == "select":
        rest = zip(node.inputs[1:], moving[1:], strict=True)
        return not moving[0] and all(m or is_zero(i) for i, m in rest)
    if instruction.infix in ("+", "-"):
        return all(moving) or all(map(is_zero, still))
    if instruction.infix == "*":
        return sum(moving) == 1
    return instruction.infix == "/" and moving == [True, False]
