"""Running combinations along an axis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphdl.ir.dims import Shape
from graphdl.ir.dtypes import DType, int64, promote
from graphdl.ir.kinds.op import Adjoint, Op, broadcast, require_direction
from graphdl.ir.node import Node


class PrefixOp(Op):
    """At each place of an axis, a combination of all elements up to there.

    Attributes of its nodes: ``axis``; ``reverse``, to go from the last place to the first;
    ``exclusive``, to leave the element of the place itself out, so that the first place gets the
    neutral element.

    Parameters
    ----------
    combine : str
        ``add``, ``mul``, ``min``, ``max``, ``argmin`` or ``argmax`` (the place of the winner so
        far, the first one at ties), or ``linear`` of two inputs: ``h[i] = a[i]·h[i-1] + b[i]``,
        whose first element is ``b[0]``, whatever ``a[0]`` is.
    adjoint : Adjoint, optional
        Its derivative; None for results that have none.
    """

    kind = "prefix"
    attributes = frozenset(["axis", "reverse", "exclusive"])

    def __init__(
        self, name: str, combine: str, *, adjoint: Adjoint | None, doc: str | None = None
    ) -> None:
        self.combine = combine
        self.adjoint = adjoint
        super().__init__(name, doc)

    @property
    def gives_index(self) -> bool:
        """Whether the result is a position rather than a value."""
        return self.combine.startswith("arg")

    def infer(self, inputs: tuple[Node, ...], attrs: Mapping[str, Any]) -> tuple[Shape, DType]:
        """Keep the shape; sums and products of integers are int64, positions are int64."""
        shape = broadcast(self.name, [i.shape for i in inputs])
        dtype = promote(*(i.dtype for i in inputs))
        if self.gives_index or (self.combine in ("add", "mul") and not dtype.is_float):
            return shape, int64
        return shape, dtype

    def check(self, node: Node) -> None:
        """Refuse an axis that does not exist, too."""
        super().check(node)
        require_direction(node)
