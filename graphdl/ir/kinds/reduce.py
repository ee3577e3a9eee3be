"""Reductions over axes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphdl.ir.dim_text import shape_text
from graphdl.ir.dims import Shape
from graphdl.ir.dtypes import DType, int64
from graphdl.ir.errors import ShapeError
from graphdl.ir.kinds.op import Adjoint, Op, require_axes
from graphdl.ir.node import Node, site_text


class ReduceOp(Op):
    """A combination of all elements along axes, which it drops.

    Parameters
    ----------
    combine : str
        ``add``, ``mul``, ``min``, ``max``, ``and``, ``or``, ``argmin`` or ``argmax``.
    adjoint : Adjoint, optional
        Its derivative; None for results that have none.
    of_nothing : bool
        Whether the extremum of no elements is the least or the largest number of the dtype (the
        place of one is 0) rather than an error. Sums, products, ``and`` and ``or`` always have one.
    """

    kind = "reduce"
    attributes = frozenset(["axes"])

    def __init__(
        self,
        name: str,
        combine: str,
        *,
        adjoint: Adjoint | None,
        of_nothing: bool = False,
        doc: str | None = None,
    ) -> None:
        self.combine = combine
        self.needs_elements = combine[-3:] in ("min", "max") and not of_nothing
        self.adjoint = adjoint
        super().__init__(name, doc)

    @property
    def gives_index(self) -> bool:
        """Whether the result is a position rather than a value."""
        return self.combine.startswith("arg")

    def infer(self, inputs: tuple[Node, ...], attrs: Mapping[str, Any]) -> tuple[Shape, DType]:
        """Drop the axes; sums of integers are int64, positions are int64."""
        (x,) = inputs
        axes = attrs["axes"]
        shape = tuple(s for i, s in enumerate(x.shape) if i not in axes)
        if self.needs_elements and any(x.shape[a] == 0 for a in axes) and 0 not in shape:
            raise ShapeError(
                f"{self.name} of an empty axis: {shape_text(x.shape)}",
                site=site_text(),
                remedy="gd.max and gd.min take an initial value, the result for no elements",
            )
        if self.gives_index or (self.combine in ("add", "mul") and not x.dtype.is_float):
            return shape, int64
        return shape, x.dtype

    def check(self, node: Node) -> None:
        """Refuse axes that do not exist, too."""
        super().check(node)
        require_axes(node, node.attr("axes"), node.inputs[0].ndim)
