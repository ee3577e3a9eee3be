"""meshgrid: coordinates of a grid, one array an axis."""

from __future__ import annotations

from typing import Any

from graphdl.ir.errors import ArgumentError, ShapeError
from graphdl.ir.kinds import as_node
from graphdl.ir.node import Node, site_text
from graphdl.ops.expand import broadcast_arrays
from graphdl.ops.reshape import reshape


def meshgrid(*xs: Any, indexing: str = "xy", sparse: bool = False) -> tuple[Node, ...]:
    """Return the coordinates of all points of a grid.

    Parameters
    ----------
    *xs : node or array_like
        Vectors, or numbers: the coordinates along each axis.
    indexing : str
        ``"xy"``: the first vector runs along axis 1 and the second along axis 0, as in pictures;
        ``"ij"``: each runs along its own axis.
    sparse : bool
        Leave all other axes at size 1, to be broadcast.

    Raises
    ------
    ShapeError
        If one of them has more than one axis.

    Examples
    --------
    >>> import graphdl as gd
    >>> a, b = gd.meshgrid(gd.arange(3), gd.arange(2))
    >>> gd.interpret(gd.Graph({"a": a, "b": b}))["b"].tolist()
    [[0, 0, 0], [1, 1, 1]]
    """
    nodes = [as_node(x) for x in xs]
    if any(n.ndim > 1 for n in nodes):
        raise ShapeError(
            "meshgrid takes vectors", site=site_text(), remedy="flatten first: gd.ravel(x)"
        )
    if indexing not in ("xy", "ij"):
        raise ArgumentError(f"meshgrid: indexing {indexing!r}", remedy="use 'xy' or 'ij'")
    places = list(range(len(nodes)))
    if indexing == "xy":
        places[:2] = places[:2][::-1]
    shapes = [[-1 if a == place else 1 for a in range(len(nodes))] for place in places]
    grids = [reshape(n, shape) for n, shape in zip(nodes, shapes, strict=True)]
    return tuple(grids) if sparse else broadcast_arrays(*grids)


__all__ = ["meshgrid"]
