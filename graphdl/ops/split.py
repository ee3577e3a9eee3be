"""split."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any

from graphdl.ir.dim_text import shape_text
from graphdl.ir.dims import Size, divide
from graphdl.ir.errors import ShapeError
from graphdl.ir.kinds import as_node, normalise_axis
from graphdl.ir.node import Node, operators, site_text

MOST_PARTS = 4096
"""A graph holds a node for each."""


def split(x: Any, indices_or_sections: int | Sequence[int], axis: int = 0) -> list[Node]:
    """Return parts of ``x`` along an axis, each a view.

    Parameters
    ----------
    x : node or array_like
        Any shape with an axis.
    indices_or_sections : int or sequence of int
        The number of equal parts, or the places where to cut: ``[2, 5]`` gives ``x[:2]``,
        ``x[2:5]`` and ``x[5:]``.
    axis : int
        Where.

    Raises
    ------
    ShapeError
        If the axis has no such equal parts, or more than 4096 are wanted.

    Examples
    --------
    >>> import graphdl as gd
    >>> [part.shape for part in gd.split(gd.input("qkv", ("N", 12)), 3, axis=1)]
    [(N, 4), (N, 4), (N, 4)]
    """
    node = as_node(x)
    place = normalise_axis("split", axis, node.ndim)
    if isinstance(indices_or_sections, Sequence):
        return between(node, indices_or_sections, place)
    count, size = sections("split", indices_or_sections), node.shape[place]
    part = divide(size, count)
    if part is None:
        raise ShapeError(
            f"split: axis {axis} of {shape_text(node.shape)} has no {count} equal parts",
            site=site_text(),
            remedy="use array_split, or give the places where to cut",
        )
    return parts(node, [part] * count, place)


def sections(name: str, count: int) -> int:
    """Return a number of parts, each of which is a node."""
    if not 1 <= int(count) <= MOST_PARTS:
        raise ShapeError(
            f"{name}: {count!r} is no number of parts",
            site=site_text(),
            remedy=f"use an int from 1 to {MOST_PARTS}",
        )
    return int(count)


def between(x: Node, cuts: Sequence[int], axis: int) -> list[Node]:
    bounds = [None, *cuts, None]
    front = (slice(None),) * axis
    return [x[(*front, slice(a, b))] for a, b in pairwise(bounds)]


def parts(x: Node, sizes: Sequence[Size], axis: int) -> list[Node]:
    """Return neighbouring slices of these sizes."""
    starts: list[Size] = list(accumulate(sizes[:-1], initial=0))
    steps = [1] * x.ndim
    return [
        operators["slice"](
            x,
            [start if i == axis else 0 for i in range(x.ndim)],
            steps,
            tuple(size if i == axis else s for i, s in enumerate(x.shape)),
        )
        for start, size in zip(starts, sizes, strict=True)
    ]


__all__ = ["split"]
