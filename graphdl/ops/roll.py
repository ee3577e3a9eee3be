"""roll: elements that leave at one end of an axis come in at the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from graphdl.ir.dtypes import int64
from graphdl.ir.errors import ShapeError
from graphdl.ir.kinds import CompositeOp, Contribution, as_node, normalise_axis
from graphdl.ir.leaves import dimension, iota
from graphdl.ir.node import Node, make, site_text
from graphdl.ops.mod import mod
from graphdl.ops.positions import at_positions
from graphdl.ops.reshape import reshape


def _expand(x: Node, *, shifts: tuple[int, ...], axes: tuple[int, ...]) -> Node:
    for shift, axis in zip(shifts, axes, strict=True):
        size = x.shape[axis]
        if isinstance(size, int):
            x = at_positions(x, np.roll(np.arange(size), shift), axis)
        else:
            x = at_positions(x, mod(iota(size, int64) - shift, dimension(size, int64)), axis)
    return x


def _adjoint(node: Node, g: Node) -> list[Contribution | None]:
    back = tuple(-s for s in node.attr("shifts"))
    return [(make(_roll, [g], shifts=back, axes=node.attr("axes")), "~{0} += roll(~{z})")]


_roll = CompositeOp("roll", _expand, adjoint=_adjoint, doc="Move elements round an axis.")


def roll(x: Any, shift: int | Sequence[int], axis: int | Sequence[int] | None = None) -> Node:
    """Return ``x`` with elements moved along axes; what leaves at an end returns at the other.

    Parameters
    ----------
    x : node or array_like
        Any shape. Of a symbolic axis any size is right, also one smaller than the shift.
    shift : int or sequence of int
        By how many places, towards higher indices; one an axis, or one for all of them.
    axis : int or sequence of int, optional
        Where; an axis that occurs twice is moved twice. By default the flattened array is rolled
        and takes its shape again.

    Raises
    ------
    ShapeError
        If there are not as many shifts as axes, or there is no such axis.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.interpret(gd.Graph(gd.roll(gd.constant([1, 2, 3, 4]), 1)))["out"].tolist()
    [4, 1, 2, 3]
    """
    node = as_node(x)
    if axis is None:
        return reshape(roll(reshape(node, -1), shift, 0), node.shape)
    shifts = tuple(shift) if isinstance(shift, Sequence) else (shift,)
    axes = tuple(axis) if isinstance(axis, Sequence) else (axis,)
    count = max(len(shifts), len(axes))
    if {len(shifts), len(axes)} - {1, count} or not shifts or not axes:
        raise ShapeError(f"roll: shifts {shift} along axes {axis}", site=site_text())
    moved: dict[int, int] = {}
    for s, a in zip(shifts * (count // len(shifts)), axes * (count // len(axes)), strict=True):
        place = normalise_axis("roll", a, node.ndim)
        moved[place] = moved.get(place, 0) + int(s)
    wanted = {a: s for a, s in moved.items() if s}
    if not wanted:
        return node
    return make(_roll, [node], shifts=tuple(wanted.values()), axes=tuple(wanted))


__all__ = ["roll"]
