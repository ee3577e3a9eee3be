"""scatter_max, scatter_min, and the same along an axis: of what meets, the extreme wins."""

from __future__ import annotations

from typing import Any

import numpy as np

from graphdl.ir.dims import Size
from graphdl.ir.kinds import Contribution
from graphdl.ir.node import Node
from graphdl.ops.equal import equal
from graphdl.ops.expand import broadcast_to
from graphdl.ops.full import full
from graphdl.ops.isnan import isnan
from graphdl.ops.logical_and import logical_and
from graphdl.ops.logical_not import logical_not
from graphdl.ops.logical_or import logical_or
from graphdl.ops.places import at_places_of
from graphdl.ops.scatter import given, read, scatter_ops, scattered, turns
from graphdl.ops.where import where


def _adjoint(node: Node, g: Node) -> list[Contribution | None]:
    """Give it to the base if it won, else to the first update that did."""
    base, updates = node.inputs[:2]
    kept = _is_extreme(base, node)
    able = logical_and(_is_extreme(updates, read(node, node)), logical_not(read(node, kept)))
    turn = broadcast_to(turns(node), updates.shape)
    never = int(np.iinfo(turn.dtype.numpy).max)
    earliest = MIN_ALONG if node.op in (MAX_ALONG, MIN_ALONG) else MIN
    start = full(base.shape, never, turn.dtype)
    first = at_places_of(node, earliest, start, where(able, turn, never))
    won = logical_and(able, equal(read(node, first), turn))
    return given(
        node,
        (where(kept, g, 0.0), "~{0} += ~{z} where it won"),
        (where(won, read(node, g), 0.0), "~{1} += ~{z}[{2}] where it won first"),
    )


def _is_extreme(x: Node, winner: Node) -> Node:
    """Whether a value is the winner's; NaN wins."""
    result: Node = logical_or(equal(x, winner), isnan(x))
    return result


MAX, MAX_ALONG = scatter_ops("max", _adjoint, "Keep the larger of updates and what is there.")
MIN, MIN_ALONG = scatter_ops("min", _adjoint, "Keep the smaller of updates and what is there.")


def scatter_max(
    updates: Any, indices: Any, size: Size | None = None, axis: int = 0, *, base: Any = None
) -> Node:
    """Return the maximum of ``base`` and the slices put at ``indices``, as ``numpy.maximum.at``.

    Without a base it is ``-inf``, or the least integer, where nothing arrives. NaN wins. The
    gradient goes to what won: to the base at ties with it, else to the first of the updates.
    Arguments and errors are those of :func:`scatter_add`.

    Examples
    --------
    >>> import graphdl as gd
    >>> most = gd.scatter_max([1.0, 2.0, 4.0], [0, 1, 0], 3)
    >>> gd.interpret(gd.Graph(most))["out"].tolist()
    [4.0, 2.0, -inf]
    """
    return scattered(MAX, updates, indices, size, axis, base)


def scatter_max_along_axis(
    updates: Any, indices: Any, size: Size | None = None, axis: int = 0, *, base: Any = None
) -> Node:
    """Return the maximum of ``base`` and of updates with an index each; see :func:`scatter_max`.

    Examples
    --------
    >>> import graphdl as gd
    >>> most = gd.scatter_max_along_axis([[1.0, 2.0]], [[1, 1]], base=[[0.0, 0.0]], axis=1)
    >>> gd.interpret(gd.Graph(most))["out"].tolist()
    [[0.0, 2.0]]
    """
    return scattered(MAX_ALONG, updates, indices, size, axis, base)


def scatter_min(
    updates: Any, indices: Any, size: Size | None = None, axis: int = 0, *, base: Any = None
) -> Node:
    """Return the minimum of ``base`` and the slices put at ``indices``, as ``numpy.minimum.at``.

    Without a base it is ``inf``, or the largest integer, where nothing arrives; all else is as for
    :func:`scatter_max`.

    Examples
    --------
    >>> import graphdl as gd
    >>> least = gd.scatter_min([1.0, 2.0, 4.0], [0, 1, 0], base=[3.0, 0.0, 5.0])
    >>> gd.interpret(gd.Graph(least))["out"].tolist()
    [1.0, 0.0, 5.0]
    """
    return scattered(MIN, updates, indices, size, axis, base)


def scatter_min_along_axis(
    updates: Any, indices: Any, size: Size | None = None, axis: int = 0, *, base: Any = None
) -> Node:
    """Return the minimum of ``base`` and of updates with an index each; see :func:`scatter_min`.

    Examples
    --------
    >>> import graphdl as gd
    >>> least = gd.scatter_min_along_axis([[1.0, -2.0]], [[1, 1]], base=[[0.0, 0.0]], axis=1)
    >>> gd.interpret(gd.Graph(least))["out"].tolist()
    [[0.0, -2.0]]
    """
    return scattered(MIN_ALONG, updates, indices, size, axis, base)


__all__ = ["scatter_max", "scatter_max_along_axis", "scatter_min", "scatter_min_along_axis"]
