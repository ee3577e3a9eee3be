"""Looking through views: where an operand's elements really lie, and at which index."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from graphdl.ir import kinds
from graphdl.ir.kinds import Affine
from graphdl.ir.node import Node

Index = tuple[Affine, ...]


def is_compute(node: Node) -> bool:
    """Whether a node needs a kernel: it is neither a leaf nor a view."""
    return node.op.kind not in ("leaf", "view")


class Sources:
    """What each operand resolves to.

    A view is looked through where it maps an index to an index. A reshape that does not becomes an
    alias of a stored array; if what lies below it is such a view itself, that must be stored as a
    copy first.

    Attributes
    ----------
    copies : dict used as an ordered set of Node
        Views that have to be stored.
    """

    def __init__(self, nodes: Iterable[Node], stored_views: Iterable[Node] = ()) -> None:
        self.copies: dict[Node, None] = dict.fromkeys(stored_views)
        for node in nodes:
            if node.op.kind == "view" and self._is_alias(node):
                base = node.inputs[0]
                if base.op.kind == "view" and not self._is_alias(base):
                    self.copies[base] = None

    def _is_alias(self, node: Node) -> bool:
        assert isinstance(node.op, kinds.ViewOp)
        return node.op.pull(node, axes_of(node)) is None

    def resolve(self, node: Node, index: Index) -> tuple[Node, Index]:
        """Return the node that holds the element: compute node, leaf, stored copy or alias."""
        while isinstance(node.op, kinds.ViewOp) and node not in self.copies:
            pulled = node.op.pull(node, index)
            if pulled is None:
                return node, index
            node, index = node.inputs[0], pulled
        return node, index

    def same_memory(self, node: Node) -> Node:
        """Return the node whose elements, in the same order, an alias of an alias … shows."""
        while node.op.kind == "view" and node not in self.copies and self._is_alias(node):
            node = node.inputs[0]
        return node

    def stored(self, node: Node) -> Node:
        """Return the node whose buffer an alias shows in another shape."""
        while node.op.kind == "view" and node not in self.copies:
            node = node.inputs[0]
        return node


def axes_of(node: Node, prefix: str = "x") -> Index:
    """Return a node's own index: one loop an axis."""
    return tuple(Affine.index(f"{prefix}{i}") for i in range(node.ndim))


def operand_indices(node: Node, index: Index) -> list[tuple[Node, Index | None]]:
    """Return the operands of an elementwise, prefix, gather or reduce node at its own index.

    None stands for an index that is not a function of the node's own (gathered operands, operands
    of contractions and assemblies).
    """
    op = node.op
    if isinstance(op, (kinds.ElementwiseOp, kinds.PrefixOp)):
        return [(i, broadcast_index(i, node, index)) for i in node.inputs]
    if isinstance(op, kinds.GatherOp):
        places = op.indices_at(node, index)
        return [(node.inputs[0], None), *((i, places) for i in node.inputs[1:])]
    if isinstance(op, kinds.ReduceOp):
        return [(node.inputs[0], index)]  # the caller gives the index of the full domain
    return [(i, None) for i in node.inputs]


def broadcast_index(operand: Node, node: Node, index: Sequence[Affine]) -> Index:
    """Return the operand's index at an index of the elementwise node that it broadcasts to."""
    tail = list(index)[len(index) - operand.ndim :]
    full = node.shape[node.ndim - operand.ndim :]
    return tuple(
        i if size == whole else Affine()
        for i, size, whole in zip(tail, operand.shape, full, strict=True)
    )
