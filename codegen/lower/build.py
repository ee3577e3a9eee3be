"""From groups to kernels."""

from __future__ import annotations

from collections.abc import Sequence

from graphdl.codegen.lower.comments import kernel_comment, value_text
from graphdl.codegen.lower.contraction import ContractBuilder
from graphdl.codegen.lower.groups import Group
from graphdl.codegen.lower.loop_nest import LoopBuilder
from graphdl.codegen.lower.pull import Pull, Storage, cast, constant
from graphdl.codegen.lower.sources import Index
from graphdl.codegen.program import (
    Access,
    Axis,
    Buffer,
    Kernel,
    LoopKernel,
    OrderKernel,
    Stage,
    Store,
    Value,
)
from graphdl.ir import kinds
from graphdl.ir.dims import Size
from graphdl.ir.kinds import Affine
from graphdl.ir.node import Node


class Builder:
    """Builds the kernels of a partition.

    Parameters
    ----------
    storage : Storage
        Where values lie and where they are written.
    """

    def __init__(self, storage: Storage) -> None:
        self.storage = storage

    def kernels(self, group: Group, name: str) -> list[Kernel]:
        """Return the kernels of a group (an assembly has one a piece)."""
        anchor = group.anchor
        if anchor is None:
            return [LoopBuilder(self.storage, group, name).kernel()]
        if isinstance(anchor.op, kinds.ContractOp):
            return [ContractBuilder(self.storage, group, name).kernel()]
        if isinstance(anchor.op, kinds.AssemblyOp):
            return self._assembly(anchor, name)
        if isinstance(anchor.op, kinds.OrderOp):
            return [self._order(anchor, name)]
        return self._scatter(anchor, name)

    def copy(self, node: Node, target: Buffer, name: str) -> LoopKernel:
        """Return the kernel that stores any node, a view or a leaf too, in a buffer."""
        index = loop_index(node.shape, "x")
        value = Pull(self.storage, {}).value(node, index)
        store = Store(Access(target, node.shape, index), value)
        return _pointwise(name, node.shape, [store], (node,))

    def _assembly(self, node: Node, name: str) -> list[Kernel]:
        assert isinstance(node.op, kinds.AssemblyOp)
        kernels: list[Kernel] = []
        fill = node.op.fill(dict(node.attrs))
        if fill is not None:
            index = loop_index(node.shape, "x")
            stores = self.storage.stores(node, index, constant(fill, node.dtype))
            kernels.append(_pointwise(f"{name}_fill", node.shape, stores, (node,)))
        for number, piece in enumerate(node.op.pieces(node)):
            part = node.inputs[piece.operand]
            index = loop_index(part.shape, "x")
            value = cast(Pull(self.storage, {}).value(part, index), node.dtype)
            places = tuple(
                i.scaled(step, start)
                for i, step, start in zip(index, piece.steps, piece.starts, strict=True)
            )
            stores = self.storage.stores(node, places, value)
            kernels.append(_pointwise(f"{name}_piece{number}", part.shape, stores, (node,)))
        return kernels

    def _order(self, node: Node, name: str) -> OrderKernel:
        index = loop_index(node.shape, "x")
        value = Pull(self.storage, {}).value(node.inputs[0], index)
        result = Value("reduced", node.dtype)
        along, descending = node.attr("axis"), node.attr("descending")
        axes = [Axis(f"x{i}", s) for i, s in enumerate(node.shape) if s != 1 and i != along]
        return OrderKernel(
            name,
            f"places in {'descending' if descending else 'ascending'} order of {value_text(value)}",
            tuple(axes),
            Axis(f"x{along}", node.shape[along]),
            value,
            descending,
            result,
            tuple(self.storage.stores(node, index, result)),
            (node,),
        )

    def _scatter(self, node: Node, name: str) -> list[Kernel]:
        """Return the kernel that copies the base and the one that changes it."""
        assert isinstance(node.op, kinds.ScatterOp)
        base, updates = node.inputs[:2]
        whole, index = loop_index(node.shape, "x"), loop_index(updates.shape, "x")
        first = self.storage.stores(node, whole, Pull(self.storage, {}).value(base, whole))
        copy = _pointwise(f"{name}_base", node.shape, first, (node,))
        pull = Pull(self.storage, {})
        at = {f"@at{k}": v for k, v in enumerate(pull.positions(node, index))}
        target = node.op.target(node, index, [Affine.index(n) for n in at])
        value = pull.value(updates, index)
        stores = [
            Store(Access(s.access.buffer, node.shape, target, at), value, node.op.combine)
            for s in first
        ]
        return [copy, _pointwise(f"{name}_updates", updates.shape, stores, (node,))]


def _pointwise(
    name: str, shape: Sequence[Size], stores: Sequence[Store], nodes: tuple[Node, ...]
) -> LoopKernel:
    axes = tuple(Axis(f"x{i}", s) for i, s in enumerate(shape) if s != 1)
    stages = (Stage((), tuple(stores)),)
    return LoopKernel(name, kernel_comment(stages), axes, stages, nodes)


def loop_index(shape: Sequence[Size], prefix: str) -> Index:
    """Return one loop an axis, none for axes of size 1."""
    return tuple(Affine() if s == 1 else Affine.index(f"{prefix}{i}") for i, s in enumerate(shape))
