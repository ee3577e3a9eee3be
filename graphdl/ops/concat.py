"""concat and stack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from graphdl.ir.dims import Shape, Size, shape_text
from graphdl.ir.dtypes import DType
from graphdl.ir.errors import ShapeError
from graphdl.ir.kinds import (
    AssemblyOp,
    Contribution,
    Piece,
    as_node,
    common_dtype,
    normalise_axis,
)
from graphdl.ir.node import Node, make, operators, site_text
from graphdl.ops.reshape import expand_dims


class Concat(AssemblyOp):
    """Inputs one after the other along an axis."""

    def infer(self, inputs: tuple[Node, ...], attrs: Mapping[str, Any]) -> tuple[Shape, DType]:
        """Add up the sizes along the axis; all others must agree."""
        axis, first = attrs["axis"], inputs[0].shape
        total: Size = 0
        for node in inputs:
            total = total + node.shape[axis]
            if node.shape[:axis] + node.shape[axis + 1 :] != first[:axis] + first[axis + 1 :]:
                raise ShapeError(
                    f"concat along axis {axis}: {shape_text(first)} and {shape_text(node.shape)}",
                    site=site_text(),
                    remedy="all other axes must have equal sizes",
                )
        return (*first[:axis], total, *first[axis + 1 :]), inputs[0].dtype

    def pieces(self, node: Node) -> tuple[Piece, ...]:
        """Return the regions, side by side."""
        axis, start, result = node.attr("axis"), 0, []
        position: Size = start
        for operand, part in enumerate(node.inputs):
            starts = tuple(position if i == axis else 0 for i in range(node.ndim))
            result.append(Piece(operand, starts, (1,) * node.ndim))
            position = position + part.shape[axis]
        return tuple(result)

    def fill(self, attrs: Mapping[str, Any]) -> float | None:
        """Nothing lies between the pieces."""
        return None

    def transpose(self, node: Node, cotangent: Node) -> Sequence[Contribution]:
        """Cut the cotangent into the regions."""
        cut = operators["slice"]
        return [
            (
                cut(cotangent, p.starts, p.steps, node.inputs[p.operand].shape),
                f"~{{{p.operand}}} += ~{{z}}[…]",
            )
            for p in self.pieces(node)
        ]


_concat = Concat("concat", "Join arrays along an axis.")


def concat(xs: Sequence[Any], axis: int = 0) -> Node:
    """Join arrays along an axis that they have.

    Examples
    --------
    >>> import graphdl as gd
    >>> a, b = gd.input("a", ("N", 2)), gd.input("b", ("N", 3))
    >>> gd.concat([a, b], axis=1)
    <concat float32(N, 5)>
    """
    if not xs:
        raise ShapeError("concat of nothing", site=site_text())
    dtype = common_dtype(xs)
    nodes = [as_node(x, dtype) for x in xs]
    if len(nodes) == 1:
        return nodes[0]
    return make(_concat, nodes, axis=normalise_axis("concat", axis, nodes[0].ndim))


def stack(xs: Sequence[Any], axis: int = 0) -> Node:
    """Join arrays of one shape along a new axis."""
    return concat([expand_dims(x, axis) for x in xs], axis)


operators["stack"] = stack

__all__ = ["concat", "stack"]
