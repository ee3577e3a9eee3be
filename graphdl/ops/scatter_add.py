"""scatter_add, scatter_add_along_axis: updates that meet add up."""

from __future__ import annotations

from typing import Any

from graphdl.ir.dims import Size
from graphdl.ir.kinds import Contribution
from graphdl.ir.node import Node
from graphdl.ops.scatter import given, read, scatter_ops, scattered


def _adjoint(node: Node, g: Node) -> list[Contribution | None]:
    return given(node, (g, "~{0} += ~{z}"), (read(node, g), "~{1} += ~{z}[{2}]"))


ADD, ADD_ALONG = scatter_ops("add", _adjoint, "Add updates to what is there.")


def scatter_add(
    updates: Any, indices: Any, size: Size | None = None, axis: int = 0, *, base: Any = None
) -> Node:
    """Return ``base`` with slices added at ``indices`` along an axis, as ``numpy.add.at``.

    Parameters
    ----------
    updates : node or array_like
        Of the base's shape, with the axes of ``indices`` in the place of ``axis``.
    indices : node or array_like
        Integers in ``[0, size)``: inputs and constants are checked, computed ones are clipped.
        Slices that meet in one place are taken in row-major order of the indices.
    size : int or dim, optional
        Length of the axis where there is no base; it is zeros then.
    axis : int
        Where slices are put.
    base : node or array_like, optional
        What to start from.

    Returns
    -------
    node
        Of the base's shape. The base's gradient is the cotangent; that of the updates gathers it.

    Raises
    ------
    ShapeError, DTypeError
        If updates and indices don't fit the base, or indices are no integers.
    IndexRangeError
        If a constant index is out of range; when run, if one of an input is.

    Examples
    --------
    >>> import graphdl as gd
    >>> total = gd.scatter_add([1.0, 2.0, 4.0], [2, 0, 2], 4)
    >>> gd.interpret(gd.Graph(total))["out"].tolist()
    [2.0, 0.0, 5.0, 0.0]
    """
    return scattered(ADD, updates, indices, size, axis, base)


def scatter_add_along_axis(
    updates: Any, indices: Any, size: Size | None = None, axis: int = 0, *, base: Any = None
) -> Node:
    """Return ``base`` with each update added at its own index along an axis.

    ``indices`` has the shape of ``updates``; all else is as for :func:`scatter_add`.

    Examples
    --------
    >>> import graphdl as gd
    >>> total = gd.scatter_add_along_axis([[1.0, 2.0], [4.0, 8.0]], [[2, 2], [0, 1]], 3, axis=1)
    >>> gd.interpret(gd.Graph(total))["out"].tolist()
    [[0.0, 0.0, 3.0], [4.0, 8.0, 0.0]]
    """
    return scattered(ADD_ALONG, updates, indices, size, axis, base)


__all__ = ["scatter_add", "scatter_add_along_axis"]
