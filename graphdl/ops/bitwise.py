"""Bits of integers; on bools these are the logical operations."""

from __future__ import annotations

from typing import Any

from graphdl.ir.dtypes import bool_
from graphdl.ir.kinds import ElementwiseOp, common_dtype
from graphdl.ir.node import Node


def on_integers_or_bools(bits: ElementwiseOp, logic: ElementwiseOp, *operands: Any) -> Node:
    chosen = logic if common_dtype(operands) is bool_ else bits
    return chosen(*operands)  # type: ignore[no-any-return]


__all__: list[str] = []
