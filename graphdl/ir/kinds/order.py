"""The order of elements along an axis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphdl.ir.dims import Shape
from graphdl.ir.dtypes import DType, int64
from graphdl.ir.kinds.op import Op, require_direction
from graphdl.ir.node import Node


class OrderOp(Op):
    """The places of the elements along an axis, in the order of their values.

    Equal elements stay in their order. NaN counts as larger than everything. Attributes of its
    nodes: ``axis``, and ``descending`` for the largest first.
    """

    kind = "order"
    attributes = frozenset(["axis", "descending"])

    def infer(self, inputs: tuple[Node, ...], attrs: Mapping[str, Any]) -> tuple[Shape, DType]:
        """Keep the shape; places are int64."""
        return inputs[0].shape, int64

    def check(self, node: Node) -> None:
        """Refuse an axis that does not exist, too."""
        super().check(node)
        require_direction(node)
