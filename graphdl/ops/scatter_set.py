"""scatter_set, scatter_set_along_axis, put_along_axis: of updates that meet, the last one stays."""

from __future__ import annotations

from typing import Any

from graphdl.ir.dims import Size
from graphdl.ir.kinds import Contribution, as_node, normalise_axis
from graphdl.ir.node import Node, make
from graphdl.ops.equal import equal
from graphdl.ops.expand import broadcast_to
from graphdl.ops.full import full
from graphdl.ops.less import less
from graphdl.ops.places import as_indices, checked_indices, placed
from graphdl.ops.reshape import reshape
from graphdl.ops.scatter import given, read, scatter_ops, scattered, turns
from graphdl.ops.where import where


def _adjoint(node: Node, g: Node) -> list[Contribution | None]:
    """Only what stays passes a gradient on: the last update, or the base where none arrived."""
    base, updates, *indices = node.inputs
    axes, turn = node.attr("axes"), turns(node)
    # What happens to one element of a slice happens to all: the slices' other axes are left out.
    along = node.op is SET_ALONG
    kept = base.shape if along else tuple(base.shape[a] for a in axes)
    order = broadcast_to(turn, updates.shape) if along else reshape(turn, indices[0].shape)
    attrs = {**dict(node.attrs), "axes": axes if along else tuple(range(len(axes)))}
    last = make(node.op, [full(kept, -1, turn.dtype), order, *indices], **attrs)
    stays = reshape(equal(read(last, last), order), updates.shape if along else turn.shape)
    spread = tuple(s if along or a in axes else 1 for a, s in enumerate(base.shape))
    untouched = reshape(less(last, 0), spread)
    return given(
        node,
        (where(untouched, g, 0.0), "~{0} += ~{z} where nothing is stored"),
        (where(stays, read(node, g), 0.0), "~{1} += ~{z}[{2}] of what stays"),
    )


SET, SET_ALONG = scatter_ops("set", _adjoint, "Store updates.")


def scatter_set(
    updates: Any, indices: Any, size: Size | None = None, axis: int = 0, *, base: Any = None
) -> Node:
    """Return ``base`` (default zeros) with slices stored at ``indices`` along an axis.

    Of slices that meet the last one stays, as when NumPy assigns; only what stays has a gradient.
    Arguments and errors are those of :func:`scatter_add`.

    Examples
    --------
    >>> import graphdl as gd
    >>> changed = gd.scatter_set([1.0, 2.0, 4.0], [2, 0, 2], base=[9.0, 8.0, 7.0])
    >>> gd.interpret(gd.Graph(changed))["out"].tolist()
    [2.0, 8.0, 4.0]
    """
    return scattered(SET, updates, indices, size, axis, base)


def scatter_set_along_axis(
    updates: Any, indices: Any, size: Size | None = None, axis: int = 0, *, base: Any = None
) -> Node:
    """Return ``base`` with each update stored at its own index along an axis.

    See :func:`scatter_set`; :func:`put_along_axis` is the same with NumPy's arguments.

    Examples
    --------
    >>> import graphdl as gd
    >>> changed = gd.scatter_set_along_axis([[1.0, 2.0]], [[2, 0]], 3, axis=1)
    >>> gd.interpret(gd.Graph(changed))["out"].tolist()
    [[2.0, 0.0, 1.0]]
    """
    return scattered(SET_ALONG, updates, indices, size, axis, base)


def put_along_axis(x: Any, indices: Any, values: Any, axis: int) -> Node:
    """Return ``x`` with ``values`` stored at ``indices``, as ``numpy.put_along_axis`` in place.

    ``values`` broadcasts to the shape of ``indices``; indices in ``[-size, 0)`` count from the end.
    The opposite is :func:`take_along_axis`.

    Examples
    --------
    >>> import graphdl as gd
    >>> changed = gd.put_along_axis([[1.0, 2.0], [3.0, 4.0]], [[0], [-1]], 9.0, axis=1)
    >>> gd.interpret(gd.Graph(changed))["out"].tolist()
    [[9.0, 2.0], [3.0, 9.0]]
    """
    node = as_node(x)
    place = normalise_axis("put_along_axis", axis, node.ndim)
    at = checked_indices("put_along_axis", as_indices(indices), node.shape[place], negative=True)
    updates = broadcast_to(as_node(values, node.dtype), at.shape)
    return placed(SET_ALONG, [node, updates], [at], [place], "negative")


__all__ = ["put_along_axis", "scatter_set", "scatter_set_along_axis"]
