"""diagonal, trace, diag: elements whose two indices go together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from graphdl.ir.dim_text import shape_text
from graphdl.ir.dims import Shape, Size
from graphdl.ir.dtypes import DType
from graphdl.ir.errors import ShapeError
from graphdl.ir.kinds import Affine, Contribution, ViewOp, as_node, normalise_axis
from graphdl.ir.leaves import constant, iota
from graphdl.ir.node import Node, make, site_text
from graphdl.ops.equal import equal
from graphdl.ops.expand_dims import expand_dims
from graphdl.ops.moveaxis import moveaxis
from graphdl.ops.place import place
from graphdl.ops.sum import sum
from graphdl.ops.where import where


class Diagonal(ViewOp):
    """The last axis of the result runs along both ``axes`` of the input at once."""

    def infer(self, inputs: tuple[Node, ...], attrs: Mapping[str, Any]) -> tuple[Shape, DType]:
        """Drop both axes and append the diagonal's."""
        (x,) = inputs
        first, second = attrs["axes"]
        rest = tuple(s for a, s in enumerate(x.shape) if a not in attrs["axes"])
        return (*rest, _length(x, first, second, attrs["offset"])), x.dtype

    def evaluate(self, x: np.ndarray, attrs: Mapping[str, Any], shape: tuple[int, ...]) -> Any:
        """Return the diagonal."""
        return np.diagonal(x, attrs["offset"], *attrs["axes"])

    def transpose(self, node: Node, cotangent: Node) -> Contribution:
        """Put the cotangent back on the diagonal of zeros."""
        axes: tuple[int, int] = node.attr("axes")
        rows, columns = (node.inputs[0].shape[a] for a in axes)
        matrices = _on_diagonal(cotangent, node.attr("offset"), rows, columns)
        return moveaxis(matrices, (-2, -1), axes), f"~{self.math(node)} += ~{{z}}[…, i]"

    def math(self, node: Node) -> str:
        """Write the pair of equal indices."""
        offset, axes = node.attr("offset"), node.attr("axes")
        index = [":"] * (max(axes) + 1)
        index[axes[0]] = f"i+{-offset}" if offset < 0 else "i"
        index[axes[1]] = f"i+{offset}" if offset > 0 else "i"
        return f"{{0}}[{', '.join(index)}]"

    def pull(self, node: Node, index: Sequence[Affine]) -> tuple[Affine, ...] | None:
        """Use the last loop for both axes."""
        (first, second), offset = node.attr("axes"), node.attr("offset")
        rest = iter(index[:-1])
        both = {
            first: index[-1].scaled(1, max(-offset, 0)),
            second: index[-1].scaled(1, max(offset, 0)),
        }
        return tuple(both[a] if a in both else next(rest) for a in range(node.ndim + 1))


def _length(x: Node, first: int, second: int, offset: int) -> Size:
    rows, columns = x.shape[first] - max(-offset, 0), x.shape[second] - max(offset, 0)
    if isinstance(rows, int) and isinstance(columns, int):
        return max(min(rows, columns), 0)
    difference = rows - columns
    if not isinstance(difference, int):
        raise ShapeError(
            f"diagonal: its length in {shape_text(x.shape)} is not known before run time",
            site=site_text(),
            remedy="slice x to a square first, such as x[:, :3] or x[:3]",
        )
    return rows if difference <= 0 else columns


def _on_diagonal(values: Node, offset: int, rows: Size, columns: Size) -> Node:
    """Return matrices that hold the last axis of ``values`` on a diagonal, zeros elsewhere."""
    axis, size = (-1, rows) if offset >= 0 else (-2, columns)
    if values.shape[-1] != size:  # what lies beyond the diagonal's end is never chosen
        origin, steps = [0] * values.ndim, [1] * values.ndim
        values = place(values, origin, steps, (*values.shape[:-1], size))
    chosen = equal(expand_dims(iota(rows), 1) + offset, iota(columns))
    zero = constant(0, values.dtype)
    return where(chosen, expand_dims(values, axis), zero)  # type: ignore[no-any-return]


_diagonal = Diagonal("diagonal", "Return the elements on a diagonal of two axes.")


def diagonal(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Node:
    """Return a diagonal of two axes as the last axis, as ``numpy.diagonal``.

    Parameters
    ----------
    x : node or array_like
        At least two axes.
    offset : int
        Which diagonal: above the main one if positive, below if negative.
    axis1, axis2 : int
        Axes of the rows and of the columns.

    Raises
    ------
    ShapeError
        If there are not two such axes, or the diagonal's length depends on which of two dims is
        smaller. A call in which a symbolic axis is shorter than the offset is refused.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.diagonal(gd.input("x", (5, 3, 4)), 1, 1, 2)
    <diagonal float32(5, 3)>
    """
    node = as_node(x)
    axes = tuple(normalise_axis("diagonal", a, node.ndim) for a in (axis1, axis2))
    if axes[0] == axes[1]:
        raise ShapeError(
            f"diagonal: axes {axis1} and {axis2} of {shape_text(node.shape)} are one",
            site=site_text(),
        )
    return make(_diagonal, [node], offset=int(offset), axes=axes)


def trace(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Node:
    """Return the sum along a diagonal of two axes; see :func:`diagonal`.

    Examples
    --------
    >>> import graphdl as gd
    >>> float(gd.interpret(gd.Graph(gd.trace(gd.eye(3))))["out"])
    3.0
    """
    return sum(diagonal(x, offset, axis1, axis2), -1)


def diag(x: Any, k: int = 0) -> Node:
    """Return the square matrix with a vector on its ``k``-th diagonal, or that of a matrix.

    Parameters
    ----------
    x : node or array_like
        A vector or a matrix.
    k : int
        Which diagonal, as the offset of :func:`diagonal`.

    Raises
    ------
    ShapeError
        If ``x`` has neither one nor two axes.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.interpret(gd.Graph(gd.diag(gd.constant([1, 2]))))["out"].tolist()
    [[1, 0], [0, 2]]
    """
    node = as_node(x)
    if node.ndim == 2:
        return diagonal(node, k)
    if node.ndim != 1:
        raise ShapeError(
            f"diag of {shape_text(node.shape)}",
            site=site_text(),
            remedy="use diagonal for more than two axes",
        )
    size = node.shape[0] + abs(int(k))
    return _on_diagonal(node, int(k), size, size)


__all__ = ["diag", "diagonal", "trace"]
