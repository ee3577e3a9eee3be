"""Slices with steps, and flips."""

from __future__ import annotations

import builtins
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from graphdl.ir.dim_text import region_text
from graphdl.ir.dims import Dim, Shape, Size
from graphdl.ir.dtypes import DType
from graphdl.ir.errors import IndexRangeError, ShapeError
from graphdl.ir.kinds import Affine, AssemblyOp, Contribution, ViewOp, as_node, normalise_axes
from graphdl.ir.node import Node, make, operators, site_text
from graphdl.ir.rewrites import rewrite
from graphdl.ops.place import place


class Slice(ViewOp):
    """Element ``i`` of an axis is element ``start + i * step`` of the input's."""

    def infer(self, inputs: tuple[Node, ...], attrs: Mapping[str, Any]) -> tuple[Shape, DType]:
        """Return the declared sizes."""
        return attrs["sizes"], inputs[0].dtype

    def evaluate(self, x: np.ndarray, attrs: Mapping[str, Any], shape: tuple[int, ...]) -> Any:
        """Return the elements."""
        places = [
            start + step * np.arange(size)
            for start, step, size in zip(attrs["starts"], attrs["steps"], shape, strict=True)
        ]
        return x[np.ix_(*places)] if places else x

    def transpose(self, node: Node, cotangent: Node) -> Contribution:
        """Put the cotangent back where the elements came from, zeros elsewhere."""
        back = place(cotangent, node.attr("starts"), node.attr("steps"), node.inputs[0].shape)
        return back, f"~{{0}}{self._region(node)} += ~{{z}}"

    def math(self, node: Node) -> str:
        """Write the region in brackets."""
        return f"{{0}}{self._region(node)}"

    def _region(self, node: Node) -> str:
        starts, steps = node.attr("starts"), node.attr("steps")
        return region_text(starts, steps, node.shape, node.inputs[0].shape)

    def pull(self, node: Node, index: Sequence[Affine]) -> tuple[Affine, ...] | None:
        """Scale and shift."""
        return tuple(
            i.scaled(step, start)
            for i, start, step in zip(index, node.attr("starts"), node.attr("steps"), strict=True)
        )


_slice = Slice("slice", "Return every ``step``-th element from ``start`` on.")


def cut(x: Node, starts: Sequence[Size], steps: Sequence[int], sizes: Shape) -> Node:
    """Return every ``step``-th element from ``start`` on, ``size`` of them."""
    if sizes == x.shape and all(s == 1 for s in steps):
        return x
    return make(_slice, [x], starts=tuple(starts), steps=tuple(steps), sizes=tuple(sizes))


def flip(x: Any, axis: Any = None) -> Node:
    """Reverse the order of elements along axes (all by default).

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.interpret(gd.Graph(gd.flip([[1, 2], [3, 4]], 1)))["out"].tolist()
    [[2, 1], [4, 3]]
    """
    node = as_node(x)
    axes = normalise_axes("flip", axis, node.ndim)
    starts = [s - 1 if i in axes else 0 for i, s in enumerate(node.shape)]
    steps = [-1 if i in axes else 1 for i in range(node.ndim)]
    return cut(node, starts, steps, node.shape)


def position(size: Size, item: int) -> Size:
    """Return the place of an integer index in an axis; negative ones count from the end."""
    if isinstance(size, int) and not -size <= item < size:
        raise IndexRangeError(
            f"index {item} is out of range for an axis of size {size}", site=site_text()
        )
    return item if item >= 0 else size + item


def span(size: Size, item: builtins.slice) -> tuple[Size, int, Size]:
    """Return start, step and number of elements of a slice of an axis."""
    step = 1 if item.step is None else int(item.step)
    if step == 0:
        raise ShapeError("slice step cannot be zero", site=site_text())
    if isinstance(size, int):
        start, stop, step = item.indices(size)
        return start, step, len(range(start, stop, step))
    return _symbolic_span(size, item, step)


def _symbolic_span(size: Dim, item: builtins.slice, step: int) -> tuple[Size, int, Size]:
    """As above for a symbolic axis, which must be long enough for the bounds that are given."""

    def bound(value: Any, default: Size) -> Size:
        if value is None:
            return default
        if isinstance(value, Dim):
            return value
        return int(value) if value >= 0 else size + int(value)

    if step > 0:
        start, stop = bound(item.start, 0), bound(item.stop, size)
        length = stop - start
    else:
        start, stop = bound(item.start, size - 1), bound(item.stop, -1)
        length = start - stop
    stride = abs(step)
    return start, step, length if stride == 1 else (length + (stride - 1)) // stride


operators["slice"] = cut


@rewrite("views", _slice, math="x[i][j] → x[i + j]", examples=lambda u: u[1:, ::-1][1:, ::2])
def _sliced_twice(node: Node) -> Node | None:
    (x,) = node.inputs
    if x.op is not _slice:
        return None
    outer = zip(node.attr("starts"), node.attr("steps"), strict=True)
    inner = zip(x.attr("starts"), x.attr("steps"), strict=True)
    both = [(s + t * start, t * step) for (start, step), (s, t) in zip(outer, inner, strict=True)]
    return cut(x.inputs[0], [s for s, _ in both], [t for _, t in both], node.shape)


@rewrite(
    "views",
    _slice,
    math="concat(…, x, …)[place of x] → x, pad(x)[place of x] → x",
    examples=lambda gd, u, w: [gd.concat([w, u], 1)[:, 2:], gd.pad(w, 1)[1:4, 1:3]],
)
def _slice_of_piece(node: Node) -> Node | None:
    (x,) = node.inputs
    if not isinstance(x.op, AssemblyOp):
        return None
    for piece in reversed(x.op.pieces(x)):  # what is written last is seen
        part = x.inputs[piece.operand]
        same = piece.starts == node.attr("starts") and piece.steps == node.attr("steps")
        if same and part.shape == node.shape:
            return part
    return None


__all__ = ["flip"]
