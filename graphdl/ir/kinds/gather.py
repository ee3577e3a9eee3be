"""Gathers and scatters: elements at places that data decides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphdl.ir.dims import Shape, shape_text
from graphdl.ir.dtypes import DType
from graphdl.ir.errors import DTypeError, ShapeError
from graphdl.ir.kinds.elementwise import ElementwiseOp
from graphdl.ir.kinds.op import Adjoint, LeafOp, Op
from graphdl.ir.node import Node, site_text


class GatherOp(Op):
    """Elements at data-dependent places along one axis; inputs are ``(x, indices)``.

    ``along`` False: whole slices, as ``numpy.take``; True: one an element, as
    ``numpy.take_along_axis``. Indices must lie in ``[0, size)``: those that come straight from an
    input (attribute ``checked``) are checked before anything is stored, computed ones are clipped.
    """

    kind = "gather"

    def __init__(self, name: str, *, along: bool, adjoint: Adjoint, doc: str | None = None) -> None:
        self.along = along
        self.adjoint = adjoint
        super().__init__(name, doc)

    def infer(self, inputs: tuple[Node, ...], attrs: Mapping[str, Any]) -> tuple[Shape, DType]:
        """Replace the axis by the axes of the indices."""
        x, indices = inputs
        axis = attrs["axis"]
        _check_indices(self.name, indices)
        if x.shape[axis] == 0 and 0 not in indices.shape:
            raise ShapeError(
                f"{self.name}: axis {axis} of {shape_text(x.shape)} is empty", site=site_text()
            )
        if not self.along:
            return x.shape[:axis] + indices.shape + x.shape[axis + 1 :], x.dtype
        return _along_shape(self.name, x.shape, indices.shape, axis), x.dtype


class ScatterOp(Op):
    """Sum of updates at data-dependent places of zeros; inputs are ``(updates, indices)``.

    The transpose of gather: indices that occur twice accumulate.
    """

    kind = "scatter"

    def __init__(self, name: str, *, along: bool, adjoint: Adjoint, doc: str | None = None) -> None:
        self.along = along
        self.adjoint = adjoint
        super().__init__(name, doc)

    def infer(self, inputs: tuple[Node, ...], attrs: Mapping[str, Any]) -> tuple[Shape, DType]:
        """Put an axis of the given size in the place of the axes of the indices."""
        updates, indices = inputs
        axis = attrs["axis"]
        _check_indices(self.name, indices)
        taken = 1 if self.along else indices.ndim
        if updates.shape[axis : axis + taken] != (
            indices.shape[axis : axis + 1] if self.along else indices.shape
        ):
            raise ShapeError(
                f"{self.name}: updates {shape_text(updates.shape)} do not fit indices "
                f"{shape_text(indices.shape)} at axis {axis}",
                site=site_text(),
            )
        tail = updates.shape[axis + taken :]
        return (*updates.shape[:axis], attrs["size"], *tail), updates.dtype


def _check_indices(op: str, indices: Node) -> None:
    if not indices.dtype.is_integer:
        raise DTypeError(
            f"{op}: indices must be integers, not {indices.dtype}",
            site=site_text(),
            remedy="cast them: indices.astype('int32')",
        )


def _along_shape(op: str, x: Shape, indices: Shape, axis: int) -> Shape:
    rest_x, rest_i = x[:axis] + x[axis + 1 :], indices[:axis] + indices[axis + 1 :]
    if len(x) != len(indices) or rest_x != rest_i:
        raise ShapeError(
            f"{op}: {shape_text(x)} and indices {shape_text(indices)} differ off axis {axis}",
            site=site_text(),
            remedy="expand the indices first: indices[:, None]",
        )
    return indices


def straight_from_input(node: Node) -> bool:
    """Whether a node is an input seen through views and casts only: then it can be checked.

    It is decided where the graph is built, so that no pass turns clipped indices into checked ones.
    """
    while node.op.kind == "view" or (
        isinstance(node.op, ElementwiseOp)
        and len(node.inputs) == 1
        and node.op.body(node.attrs).instruction is not None
        and isinstance(node.op.body(node.attrs).payload, DType)
    ):
        node = node.inputs[0]
    return isinstance(node.op, LeafOp) and node.op.is_input
