"""tile and repeat: an array, or each of its elements, several times."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from graphdl.ir.dim_parsing import as_size
from graphdl.ir.dim_text import shape_text
from graphdl.ir.dims import Size
from graphdl.ir.errors import ShapeError
from graphdl.ir.kinds import as_array, as_node, normalise_axis
from graphdl.ir.node import Node, site_text
from graphdl.ops.expand import broadcast_to
from graphdl.ops.expand_dims import expand_dims
from graphdl.ops.positions import at_positions
from graphdl.ops.reshape import reshape


def tile(x: Any, reps: Size | Sequence[Size]) -> Node:
    """Return copies of ``x`` side by side.

    Parameters
    ----------
    x : node or array_like
        Any shape.
    reps : int or sequence of int
        How often along each axis, the last ones if there are fewer than axes; axes are put in front
        of ``x`` if there are more.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.tile(gd.input("x", ("N", 3)), (2, 4))
    <reshape float32(2*N, 12)>
    """
    node = as_node(x)
    counts: list[Size] = [as_size(r) for r in (reps if isinstance(reps, Sequence) else (reps,))]
    rank = max(node.ndim, len(counts))
    counts = [*[1] * (rank - len(counts)), *counts]
    shape = (*[1] * (rank - node.ndim), *node.shape)
    apart = reshape(node, [s for size in shape for s in (1, size)])
    pairs = list(zip(counts, shape, strict=True))
    every = broadcast_to(apart, tuple(s for pair in pairs for s in pair))
    return reshape(every, tuple(count * size for count, size in pairs))


def repeat(x: Any, repeats: Size | str | Sequence[int], axis: int | None = None) -> Node:
    """Return each element (or slice along an axis) several times, one after the other.

    Parameters
    ----------
    x : node or array_like
        Any shape.
    repeats : int or sequence of int
        How often, known while the graph is built: one number, or one for each place of the axis.
    axis : int, optional
        Where; by default the flattened array is repeated.

    Raises
    ------
    ShapeError
        If there are not as many numbers as places along the axis, or one is negative.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.interpret(gd.Graph(gd.repeat(gd.constant([7, 8]), [1, 3])))["out"].tolist()
    [7, 8, 8, 8]
    """
    node = as_node(x)
    if axis is None:
        return repeat(reshape(node, -1), repeats, 0)
    place = normalise_axis("repeat", axis, node.ndim)
    size = node.shape[place]
    if not isinstance(repeats, (Sequence, np.ndarray)) or isinstance(repeats, str):
        count = as_size(repeats)
        shape = (*node.shape[: place + 1], count, *node.shape[place + 1 :])
        each = broadcast_to(expand_dims(node, place + 1), shape)
        return reshape(each, (*node.shape[:place], size * count, *node.shape[place + 1 :]))
    counts = as_array(repeats)
    if (
        counts.shape not in ((size,), (1,))
        or counts.dtype.kind not in "iub"
        or counts.min(initial=0) < 0
    ):
        raise ShapeError(
            f"repeat: {repeats!r} for axis {axis} of {shape_text(node.shape)}",
            site=site_text(),
            remedy="give one number, or one for each place of a static axis, none negative",
        )
    if counts.shape == (1,) != (size,):
        return repeat(node, int(counts[0]), place)
    return at_positions(node, np.repeat(np.arange(len(counts)), counts), place)


__all__ = ["repeat", "tile"]
