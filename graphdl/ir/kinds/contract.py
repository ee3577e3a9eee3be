"""Contractions of two operands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphdl.ir.dim_text import shape_text
from graphdl.ir.dims import Shape, Size
from graphdl.ir.dtypes import DType, promote
from graphdl.ir.errors import ShapeError
from graphdl.ir.kinds.op import Op, require
from graphdl.ir.node import Node, site_text


class ContractOp(Op):
    """A two-operand einsum; ``spec`` gives each operand distinct labels: ``"ij,jk->ik"``.

    Every label of an operand stands in the other operand or in the result, so that summation is
    always over labels that both have.
    """

    kind = "contract"
    attributes = frozenset(["spec"])

    def infer(self, inputs: tuple[Node, ...], attrs: Mapping[str, Any]) -> tuple[Shape, DType]:
        """Match the sizes of equal labels."""
        left, right, out = split_spec(attrs["spec"])
        sizes: dict[str, Size] = {}
        for node, labels in zip(inputs, (left, right), strict=True):
            for label, size in zip(labels, node.shape, strict=True):
                if sizes.setdefault(label, size) != size:
                    raise ShapeError(
                        f"{self.name} {attrs['spec']}: {shape_text(inputs[0].shape)} and "
                        f"{shape_text(inputs[1].shape)} do not fit: {sizes[label]} against {size}",
                        site=site_text(),
                        remedy="the summed axes must have one size; transpose an operand?",
                    )
        return tuple(sizes[label] for label in out), promote(*(i.dtype for i in inputs))

    def check(self, node: Node) -> None:
        """Refuse labels that stand alone or twice, too."""
        super().check(node)
        spec = node.attr("spec")
        operands = left, right, out = split_spec(spec)
        fits = set(left) ^ set(right) <= set(out) and all(
            len(set(labels)) == len(labels) and (labels.isalpha() or not labels)
            for labels in operands
        )
        require(fits, f"{spec!r} does not contract two operands")


def split_spec(spec: str) -> tuple[str, str, str]:
    """Split ``"ij,jk->ik"`` into its three label strings."""
    operands, out = spec.split("->")
    left, right = operands.split(",")
    return left, right, out
