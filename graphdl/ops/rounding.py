"""floor, ceil, trunc, rint, round: whole numbers, whose derivative is 0 everywhere."""

from __future__ import annotations

from typing import Any

from graphdl.ir.kinds import ElementwiseOp, as_node
from graphdl.ir.node import Node


def of_floats(op: ElementwiseOp, x: Any) -> Node:
    node = as_node(x)
    return op(node) if node.dtype.is_float else node


__all__: list[str] = []
