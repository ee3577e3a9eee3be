"""pad: a constant around, and between, the elements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from graphdl.ir.dims import Shape, Size
from graphdl.ir.dtypes import DType
from graphdl.ir.errors import ShapeError
from graphdl.ir.kinds import AssemblyOp, Contribution, Piece, as_node
from graphdl.ir.node import Node, make, operators, site_text


class Place(AssemblyOp):
    """The input at ``starts`` with ``steps`` in an array of ``shape``; ``value`` elsewhere."""

    def infer(self, inputs: tuple[Node, ...], attrs: Mapping[str, Any]) -> tuple[Shape, DType]:
        """Return the declared shape."""
        return attrs["shape"], inputs[0].dtype

    def pieces(self, node: Node) -> tuple[Piece, ...]:
        """Return the one region."""
        return (Piece(0, node.attr("starts"), node.attr("steps")),)

    def fill(self, attrs: Mapping[str, Any]) -> float | None:
        """Return the value around it."""
        value: float = attrs["value"]
        return value

    def transpose(self, node: Node, cotangent: Node) -> Sequence[Contribution]:
        """Slice the region out."""
        part = operators["slice"](
            cotangent, node.attr("starts"), node.attr("steps"), node.inputs[0].shape
        )
        return [(part, "~{0} += ~{z}[…]")]


_place = Place("pad", "Surround an array with a constant.")


def place(
    x: Node, starts: Sequence[Size], steps: Sequence[int], shape: Shape, value: float = 0.0
) -> Node:
    """Put ``x`` into a larger array: the transpose of slicing."""
    return make(
        _place, [x], starts=tuple(starts), steps=tuple(steps), shape=shape, value=float(value)
    )


def pad(x: Any, widths: Any, value: float = 0.0) -> Node:
    """Surround ``x`` with a constant.

    Parameters
    ----------
    x : node or array_like
        Any shape.
    widths : int, or sequence of (before, after)
        Number of elements on each side of each axis, as in ``numpy.pad``.
    value : float
        What to pad with.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.pad(gd.input("x", ("N", 3)), ((0, 0), (1, 2)))
    <pad float32(N, 6)>
    """
    node = as_node(x)
    pairs = [(widths, widths)] * node.ndim if isinstance(widths, int) else list(widths)
    if len(pairs) != node.ndim or any(a < 0 or b < 0 for a, b in pairs):
        raise ShapeError(f"pad: widths {widths} for {node.ndim} axes", site=site_text())
    shape = tuple(s + a + b for s, (a, b) in zip(node.shape, pairs, strict=True))
    return place(node, [a for a, _ in pairs], [1] * node.ndim, shape, value)


operators["place"] = place

__all__ = ["pad"]
