"""top_k."""

from __future__ import annotations

from typing import Any

from graphdl.ir.dim_text import shape_text
from graphdl.ir.errors import ShapeError
from graphdl.ir.kinds import as_node, normalise_axis
from graphdl.ir.node import Node, operators, site_text
from graphdl.ops.argsort import argsort
from graphdl.ops.take_along_axis import element_at


def top_k(x: Any, k: int, axis: int = -1) -> tuple[Node, Node]:
    """Return the ``k`` largest elements along an axis, largest first, and their places (int64).

    Of equal elements the first comes first. NaN counts as the largest, as in :func:`max`.

    Parameters
    ----------
    x : node or array_like
        Any shape with at least one axis.
    k : int
        How many.
    axis : int
        Where to look along; its size is static.

    Raises
    ------
    ShapeError
        If the axis has fewer elements than ``k``, or is symbolic.

    Examples
    --------
    >>> import graphdl as gd
    >>> values, places = gd.top_k(gd.input("x", ("N", 10)), 3)
    >>> places
    <slice int64(N, 3)>
    """
    node = as_node(x)
    place = normalise_axis("top_k", axis, node.ndim)
    size = node.shape[place]
    if not isinstance(size, int) or not 0 <= k <= size:
        raise ShapeError(
            f"top_k: no {k} elements along axis {axis} of {shape_text(node.shape)}",
            site=site_text(),
            remedy="k must lie between 0 and a static size; sort along a symbolic axis instead",
        )
    order = argsort(node, place, descending=True)
    sizes = tuple(int(k) if i == place else s for i, s in enumerate(node.shape))
    first = operators["slice"](order, (0,) * node.ndim, (1,) * node.ndim, sizes)
    return element_at(node, first, place, "strict"), first


__all__ = ["top_k"]
