"""Groups with a contraction as contraction kernels with an epilogue."""

from __future__ import annotations

from graphdl.codegen.lower.comments import kernel_comment, value_text
from graphdl.codegen.lower.groups import Group
from graphdl.codegen.lower.pull import Pull, Storage, cast
from graphdl.codegen.program import Axis, ContractKernel, Stage, Store, Value
from graphdl.ir import kinds
from graphdl.ir.kinds import Affine
from graphdl.ir.node import Node


class ContractBuilder(Pull):
    """Builds a contraction with its epilogue."""

    def __init__(self, storage: Storage, group: Group, name: str) -> None:
        super().__init__(storage, dict.fromkeys(group.members))
        self.group = group
        self.name = name
        self.values: dict[Node, Value] = {}

    def kernel(self) -> ContractKernel:
        """Return the finished kernel."""
        node = self.group.anchor
        assert node is not None
        left, right, out = kinds.split_spec(node.attr("spec"))
        names, axes = self._axes(node, left, right, out)
        operands = Pull(self.storage, {})
        x, y = (
            cast(operands.value(i, tuple(names[c] for c in labels)), node.dtype)
            for i, labels in zip(node.inputs, (left, right), strict=True)
        )
        result = Value("reduced", node.dtype)
        stores: list[Store] = []
        for member in self.group.members:
            index = self.group.index(member)
            self.values[member] = result if member is node else self.compute(member, index)
            stores += self.storage.stores(member, index, self.values[member])

        product = f"contract {node.attr('spec')}: {value_text(x)}, {value_text(y)}"

        def pick(labels: str) -> tuple[Axis, ...]:
            return tuple(axes[c] for c in labels if c in axes)

        return ContractKernel(
            self.name,
            f"{product}\n{kernel_comment([Stage((), tuple(stores))])}",
            pick("".join(c for c in out if c in left and c in right)),
            pick("".join(c for c in out if c not in right)),
            pick("".join(c for c in out if c not in left)),
            pick("".join(c for c in left if c not in out)),
            x,
            y,
            result,
            tuple(stores),
            tuple(self.group.members),
        )

    def _axes(
        self, node: Node, left: str, right: str, out: str
    ) -> tuple[dict[str, Affine], dict[str, Axis]]:
        """Return each label's index and, unless its size is 1, its loop."""
        x, y = node.inputs
        sizes = dict(zip(left + right, x.shape + y.shape, strict=True))
        names: dict[str, Affine] = dict(zip(out, self.group.index(node), strict=True))
        axes: dict[str, Axis] = {}
        for label, size in sizes.items():
            if label not in out:
                names[label] = Affine() if size == 1 else Affine.index(f"k{len(axes)}")
            if names[label].terms:
                axes[label] = Axis(names[label].terms[0][0], size)
        return names, axes

    def member(self, node: Node) -> Value:
        """Return a value of the epilogue."""
        return self.values[node]
