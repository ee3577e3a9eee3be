"""moveaxis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphdl.ir.dim_text import shape_text
from graphdl.ir.errors import ShapeError
from graphdl.ir.kinds import as_node, normalise_axis
from graphdl.ir.node import Node, site_text
from graphdl.ops.transpose import transpose


def moveaxis(x: Any, source: int | Sequence[int], destination: int | Sequence[int]) -> Node:
    """Return ``x`` with some axes moved to other places; the rest keep their order.

    Parameters
    ----------
    x : node or array_like
        Any shape.
    source, destination : int or sequence of int
        Axes to move, and where each of them goes.

    Raises
    ------
    ShapeError
        If an axis does not exist or occurs twice, or if the two differ in number.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.moveaxis(gd.input("images", ("N", 32, 24, 3)), -1, 1)
    <transpose float32(N, 3, 32, 24)>
    """
    node = as_node(x)
    start, goal = _listed(node, source), _listed(node, destination)
    if len(start) != len(goal) or len({*start}) < len(start) or len({*goal}) < len(goal):
        raise ShapeError(
            f"moveaxis: axes {source} of {shape_text(node.shape)} cannot become {destination}",
            site=site_text(),
            remedy="give as many places as axes, each once",
        )
    order = [a for a in range(node.ndim) if a not in start]
    for place, axis in sorted(zip(goal, start, strict=True)):
        order.insert(place, axis)
    return transpose(node, order)


def _listed(x: Node, axes: int | Sequence[int]) -> list[int]:
    given = axes if isinstance(axes, Sequence) else (axes,)
    return [normalise_axis("moveaxis", a, x.ndim) for a in given]


__all__ = ["moveaxis"]
