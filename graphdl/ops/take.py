"""take."""

from __future__ import annotations

from typing import Any

from graphdl.ir.dtypes import int64
from graphdl.ir.errors import ArgumentError
from graphdl.ir.kinds import as_node, normalise_axis
from graphdl.ir.leaves import dimension
from graphdl.ir.node import Node, site_text
from graphdl.ops.gather import GATHER
from graphdl.ops.mod import mod
from graphdl.ops.places import as_indices, checked_indices, placed
from graphdl.ops.reshape import reshape


def take(x: Any, indices: Any, axis: int | None = None, mode: str = "raise") -> Node:
    """Return the slices of ``x`` at ``indices`` along an axis, as ``numpy.take``.

    Parameters
    ----------
    x : node or array_like
        Any shape.
    indices : node or array_like
        Integers of any shape, which replaces the axis.
    axis : int, optional
        None takes from the flattened array.
    mode : str
        ``"raise"``: indices lie in ``[-size, size)``, negative ones count from the end. Those
        straight from an input are checked, and a bad one raises before anything is stored; constant
        ones are checked at once; computed ones are clipped. ``"clip"``: all are clipped to
        ``[0, size)``. ``"wrap"``: all are taken modulo the size.

    Returns
    -------
    node
        Its gradient adds up where indices repeat.

    Raises
    ------
    ShapeError, DTypeError, IndexRangeError
        If the axis is empty, indices are no integers, or one is out of range.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.interpret(gd.Graph(gd.take([1.0, 2.0, 3.0], [0, -1])))["out"].tolist()
    [1.0, 3.0]
    """
    if mode not in ("raise", "clip", "wrap"):
        raise ArgumentError(
            f"take: mode {mode!r}", site=site_text(), remedy="use 'raise', 'clip' or 'wrap'"
        )
    node = as_node(x)
    if axis is None:
        node, axis = reshape(node, (-1,)), 0
    place = normalise_axis("take", axis, node.ndim)
    at, size = as_indices(indices), node.shape[place]
    if mode == "wrap" and at.dtype.is_integer:
        at = at.astype(int64)  # the size may be more than a narrow dtype can count
        at = mod(at, dimension(size, int64))
    elif mode == "raise":
        at = checked_indices("take", at, size, negative=True)
    how = {"raise": "negative", "clip": "clip", "wrap": "strict"}[mode]
    return placed(GATHER, [node], [at], [place], how)


__all__ = ["take"]
