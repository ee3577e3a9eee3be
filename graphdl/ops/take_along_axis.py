"""take_along_axis."""

from __future__ import annotations

from typing import Any

from graphdl.ir.kinds import as_node, normalise_axis
from graphdl.ir.node import Node
from graphdl.ops.gather import ALONG
from graphdl.ops.places import as_indices, checked_indices, placed


def take_along_axis(x: Any, indices: Any, axis: int) -> Node:
    """Return one element of ``x`` an index, as ``numpy.take_along_axis``.

    Parameters
    ----------
    x : node or array_like
        Any shape.
    indices : node or array_like
        Integers in ``[-size, size)``; of the shape of ``x`` except along ``axis``. They are checked
        or clipped as by :func:`take`.
    axis : int
        Where elements are taken.

    Examples
    --------
    >>> import graphdl as gd
    >>> logits, label = gd.input("logits", ("N", 10)), gd.input("label", ("N", 1), "int32")
    >>> gd.take_along_axis(logits, label, axis=1)
    <take_along_axis float32(N, 1)>
    """
    return element_at(x, indices, axis, "negative")


def element_at(x: Any, indices: Any, axis: int, mode: str) -> Node:
    """Return one element an index; labels are ``strict``: they don't count from the end."""
    node, at = as_node(x), as_indices(indices)
    place = normalise_axis("take_along_axis", axis, node.ndim)
    negative = mode == "negative"
    at = checked_indices("take_along_axis", at, node.shape[place], negative=negative)
    return placed(ALONG, [node], [at], [place], mode)


__all__ = ["take_along_axis"]
