"""pad: more elements at the ends of axes, constants or copies of those inside."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphdl.ir.dim_text import shape_text
from graphdl.ir.dims import Size
from graphdl.ir.dtypes import int64
from graphdl.ir.errors import ArgumentError, ShapeError
from graphdl.ir.kinds import as_array, as_node
from graphdl.ir.leaves import dimension, iota
from graphdl.ir.node import Node, site_text
from graphdl.ops.concat import concat
from graphdl.ops.maximum import maximum
from graphdl.ops.minimum import minimum
from graphdl.ops.mod import mod
from graphdl.ops.place import place
from graphdl.ops.positions import at_positions

MODES = ("constant", "edge", "reflect", "symmetric", "wrap")


def pad(x: Any, pad_width: Any, mode: str = "constant", constant_values: Any = 0) -> Node:
    """Return ``x`` with elements added at the ends of its axes.

    Parameters
    ----------
    x : node or array_like
        Any shape.
    pad_width : int, (before, after), or one such pair an axis
        Number of elements, as in ``numpy.pad``.
    mode : str
        ``"constant"``; ``"edge"``: the outermost element again; ``"reflect"``: a mirror on the
        outermost element, which is not repeated; ``"symmetric"``: a mirror behind it; ``"wrap"``:
        elements from the other end. Widths beyond the axis go on in the same way, back and forth.
        Symbolic axes may turn out to be of any size but 0.
    constant_values : number, (before, after), or one such pair an axis
        For ``"constant"``; corners belong to the last axis.

    Raises
    ------
    ShapeError
        If widths are negative or do not fit the axes, or an empty axis has nothing to copy. A call
        in which that holds for a symbolic axis is refused.
    ArgumentError
        If the mode is unknown.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.pad(gd.input("x", ("N", 3)), ((0, 0), (1, 2)))
    <pad float32(N, 6)>
    >>> gd.interpret(gd.Graph(gd.pad(gd.constant([1, 2, 3]), 2, "reflect")))["out"].tolist()
    [3, 2, 1, 2, 3, 2, 1]
    """
    node = as_node(x)
    widths = _pairs(node, pad_width, "widths")
    if not np.issubdtype(widths.dtype, np.integer) or widths.min(initial=0) < 0:
        raise ShapeError(
            f"pad: widths {pad_width} for {node.ndim} axes",
            site=site_text(),
            remedy="give integers, none negative",
        )
    if mode not in MODES:
        raise ArgumentError(f"pad: mode {mode!r}", remedy=f"use one of {', '.join(MODES)}")
    if mode == "constant":
        return _with_constants(node, widths, _pairs(node, constant_values, "values"))
    for axis, (before, after) in enumerate(widths.tolist()):
        if before or after:
            node = _continued(node, axis, before, after, mode)
    return node


def _pairs(x: Node, given: Any, what: str) -> np.ndarray:
    """Return a pair an axis."""
    try:
        return np.broadcast_to(as_array(given), (x.ndim, 2))
    except ValueError:
        raise ShapeError(
            f"pad: {what} {given} for {x.ndim} axes",
            site=site_text(),
            remedy="give one for all, or a pair (before, after) an axis",
        ) from None


def _with_constants(x: Node, widths: np.ndarray, values: np.ndarray) -> Node:
    """Place ``x`` at once where there is one value, else axis by axis and end by end."""
    if len(np.unique(values)) < 2:
        return _placed(x, widths, values.flat[0] if values.size else 0)
    for axis in range(x.ndim):
        for end in (0, 1):
            own = np.zeros_like(widths)
            own[axis, end] = widths[axis, end]
            x = _placed(x, own, values[axis, end]) if own.any() else x
    return x


def _placed(x: Node, widths: np.ndarray, value: Any) -> Node:
    starts = [int(w) for w in widths[:, 0]]
    added = [int(w) for w in widths.sum(1)]
    shape = tuple(s + w for s, w in zip(x.shape, added, strict=True))
    return place(x, starts, [1] * x.ndim, shape, value)


def _continued(x: Node, axis: int, before: int, after: int, mode: str) -> Node:
    """Put copies of elements at both ends of an axis."""
    size = x.shape[axis]
    if size == 0:
        raise ShapeError(
            f"pad: axis {axis} of {shape_text(x.shape)} has nothing to copy",
            site=site_text(),
            remedy="pad empty axes with mode='constant'",
        )

    def copies(start: Size, count: int) -> list[Node]:
        return [at_positions(x, _sources(mode, size, start, count), axis)] if count else []

    return concat([*copies(-before, before), x, *copies(size, after)], axis)


def _sources(mode: str, size: Size, start: Size, count: int) -> np.ndarray | Node:
    """Return which elements stand at places from ``start`` on, inside of an axis or beyond."""
    found: np.ndarray | Node
    if isinstance(size, int) and isinstance(start, int):
        found = _folded(mode, start + np.arange(count), size, np.mod, np.minimum, np.maximum)
    else:
        places = iota(count, int64) + dimension(start, int64)
        found = _folded(mode, places, dimension(size, int64), mod, minimum, maximum)
    return found


def _folded(mode: str, places: Any, size: Any, modulo: Any, least: Any, most: Any) -> Any:
    """Bring places into an axis: clip, go round, or go to and fro."""
    if mode == "edge":
        return least(most(places, 0), size - 1)
    if mode == "wrap":
        return modulo(places, size)
    last = 2 * size - (2 if mode == "reflect" else 1)
    there = modulo(places, most(last, 1) if mode == "reflect" else last + 1)
    return least(there, last - there)


__all__ = ["pad"]
