"""tensordot: sums of products over axes that are told by place."""

from __future__ import annotations

import string
from collections.abc import Sequence
from typing import Any

from graphdl.ir.dim_text import shape_text
from graphdl.ir.errors import ArgumentError, ShapeError
from graphdl.ir.kinds import normalise_axis
from graphdl.ir.node import Node, site_text
from graphdl.ops.contract import contract_all, operands


def tensordot(x: Any, y: Any, axes: int | Sequence[int | Sequence[int]] = 2) -> Node:
    """Return the sum of products over pairs of axes.

    Parameters
    ----------
    x, y : node or array_like
        Any shapes.
    axes : int or pair of (int or sequence of int)
        The axes of ``x`` and those of ``y`` that are summed together; an int ``n`` stands for the
        last ``n`` of ``x`` and the first ``n`` of ``y``, in order.

    Returns
    -------
    Node
        With the remaining axes of ``x``, then those of ``y``; dtypes as in :func:`matmul`.

    Raises
    ------
    ShapeError
        If there is no such axis, one occurs twice, or the sizes of a pair differ.
    ArgumentError
        If ``axes`` names different numbers of axes.

    Examples
    --------
    >>> import graphdl as gd
    >>> x, y = gd.input("x", (2, 3, 4)), gd.input("y", (4, 3, 5))
    >>> gd.tensordot(x, y, ([1, 2], [1, 0]))
    <contract float32(2, 5)>
    """
    a, b = operands(x, y)
    first, second = _axes(a, b, axes)
    for i, j in zip(first, second, strict=True):
        if a.shape[i] != b.shape[j]:
            raise ShapeError(
                f"tensordot of {shape_text(a.shape)} and {shape_text(b.shape)}: axis {i} against "
                f"axis {j}: {a.shape[i]} against {b.shape[j]}",
                site=site_text(),
                remedy="axes that are summed together must have one size",
            )
    left = string.ascii_letters[: a.ndim]
    right = "".join(
        left[first[second.index(j)]] if j in second else string.ascii_letters[a.ndim + j]
        for j in range(b.ndim)
    )
    sizes = dict(zip(left + right, a.shape + b.shape, strict=True))
    out = "".join(c for c in sizes if (c in left) != (c in right))
    return contract_all([a, b], [left, right], out, tuple(sizes[c] for c in out))


def _axes(a: Node, b: Node, axes: Any) -> tuple[list[int], list[int]]:
    """Return the places of summed axes, of both operands."""
    if isinstance(axes, Sequence):
        pair = [list(g) if isinstance(g, Sequence) else [g] for g in axes]
    else:
        if not 0 <= axes <= min(a.ndim, b.ndim):
            raise ShapeError(
                f"tensordot of {shape_text(a.shape)} and {shape_text(b.shape)}: {axes} axes",
                site=site_text(),
                remedy=f"give at most {min(a.ndim, b.ndim)}",
            )
        pair = [list(range(a.ndim - axes, a.ndim)), list(range(axes))]
    if len(pair) != 2 or len(pair[0]) != len(pair[1]):
        raise ArgumentError(
            f"tensordot: axes={axes!r} names different numbers of axes",
            site=site_text(),
            remedy="give as many axes of the first operand as of the second",
        )
    found = [[normalise_axis("tensordot", i, n.ndim) for i in p]
             for p, n in zip(pair, (a, b), strict=True)]  # fmt: skip
    if any(len(set(f)) != len(f) for f in found):
        raise ShapeError(f"tensordot: axes={axes!r} names an axis twice", site=site_text())
    return found[0], found[1]


__all__ = ["tensordot"]
