"""maxout."""

from __future__ import annotations

from typing import Any

from graphdl.ir.dim_text import shape_text
from graphdl.ir.errors import ShapeError
from graphdl.ir.kinds import CompositeOp, as_node, normalise_axis
from graphdl.ir.node import Node, make, site_text
from graphdl.ops.max import max
from graphdl.ops.reshape import reshape


def _expand(x: Node, *, pieces: int, axis: int) -> Node:
    size = x.shape[axis]
    assert isinstance(size, int)
    grouped = reshape(x, (*x.shape[:axis], size // pieces, pieces, *x.shape[axis + 1 :]))
    return max(grouped, axis + 1)


_maxout = CompositeOp("maxout", _expand, doc="The largest of each group of neighbours.")


def maxout(x: Any, pieces: int, axis: int = -1) -> Node:
    """Return the largest of each ``pieces`` neighbours along an axis.

    ``y[k] = max(x[k·pieces], ..., x[k·pieces + pieces - 1])`` (Goodfellow et al., 2013,
    arXiv:1302.4389). The layer ``gd.nn.Maxout`` has the linear pieces in front. NaN wins; at ties
    the first has the gradient.

    Parameters
    ----------
    x : node or array_like
        Any shape whose size along ``axis`` is a static multiple of ``pieces``.
    pieces : int
        How many compete.
    axis : int
        Along which they lie.

    Raises
    ------
    ShapeError
        If the size is not such a multiple.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (6,))
    >>> y = gd.maxout(x, 3)
    >>> gd.interpret(gd.Graph(y), {"x": [1, 2, 3, 6, 5, 4]})["out"].tolist()
    [3.0, 6.0]
    """
    node = as_node(x)
    place = normalise_axis("maxout", axis, node.ndim)
    size: Any = node.shape[place]
    count: Any = pieces
    whole = isinstance(size, int) and isinstance(count, int) and count > 0
    if not whole or size % count:
        raise ShapeError(
            f"maxout: axis {axis} of {shape_text(node.shape)} is not made of groups of {pieces}",
            site=site_text(),
            remedy="the axis must have a static size that is a multiple of pieces",
        )
    return make(_maxout, [node], pieces=pieces, axis=place)


__all__ = ["maxout"]
