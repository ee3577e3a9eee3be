"""concat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from graphdl.ir.dim_text import region_text, shape_text
from graphdl.ir.dims import Shape, Size
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


class Concat(AssemblyOp):
    """Inputs one after the other along an axis."""

    def infer(self, inputs: tuple[Node, ...], attrs: Mapping[str, Any]) -> tuple[Shape, DType]:
        """Add up the sizes along the axis; all others must agree."""
        axis, first = attrs["axis"], inputs[0].shape
        total: Size = 0
        for node in inputs:
            rest = node.shape[:axis] + node.shape[axis + 1 :]
            if node.ndim != len(first) or rest != first[:axis] + first[axis + 1 :]:
                raise ShapeError(
                    f"concat along axis {axis}: {shape_text(first)} and {shape_text(node.shape)}",
                    site=site_text(),
                    remedy="all other axes must have equal sizes",
                )
            total = total + node.shape[axis]
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
        result = []
        for p in self.pieces(node):
            region = p.starts, p.steps, node.inputs[p.operand].shape
            math = f"~{{{p.operand}}} += ~{{z}}{region_text(*region, node.shape)}"
            result.append((operators["slice"](cotangent, *region), math))
        return result


_concat = Concat("concat", "Join arrays along an axis.")


def concat(xs: Sequence[Any], axis: int = 0) -> Node:
    """Join arrays along an axis that they have.

    Parameters
    ----------
    xs : sequence of node or array_like
        At least one; they meet at one dtype. Sizes agree along all other axes.
    axis : int
        Where.

    Raises
    ------
    ShapeError
        If there is nothing to join, or other axes differ.

    Examples
    --------
    >>> import graphdl as gd
    >>> a, b = gd.input("a", ("N", 2)), gd.input("b", ("N", 3))
    >>> gd.concat([a, b], axis=1)
    <concat float32(N, 5)>
    """
    if len(xs) == 0:
        raise ShapeError("concat of nothing", site=site_text(), remedy="give one array at least")
    dtype = common_dtype(xs)
    nodes = [as_node(x, dtype) for x in xs]
    place = normalise_axis("concat", axis, nodes[0].ndim)
    return nodes[0] if len(nodes) == 1 else make(_concat, nodes, axis=place)


__all__ = ["concat"]
