"""rot90, fliplr, flipud: flips and orders of two axes."""

from __future__ import annotations

from typing import Any

from graphdl.ir.dim_text import shape_text
from graphdl.ir.errors import ShapeError
from graphdl.ir.kinds import as_node, normalise_axis
from graphdl.ir.node import Node, operators, site_text
from graphdl.ir.rewrites import rewrite
from graphdl.ops.slice import Slice, flip
from graphdl.ops.swapaxes import swapaxes
from graphdl.ops.transpose import Permute, transpose


def rot90(x: Any, k: int = 1, axes: tuple[int, int] = (0, 1)) -> Node:
    """Rotate by ``k`` quarter turns in the plane of two axes, from the first to the second.

    Parameters
    ----------
    x : node or array_like
        At least two axes.
    k : int
        Number of quarter turns; negative ones turn back.
    axes : pair of int
        The plane.

    Raises
    ------
    ShapeError
        If the axes are not two different ones of ``x``.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.interpret(gd.Graph(gd.rot90(gd.constant([[1, 2], [3, 4]]))))["out"].tolist()
    [[2, 4], [1, 3]]
    """
    node = as_node(x)
    first, second = (normalise_axis("rot90", a, node.ndim) for a in axes)
    if first == second:
        raise ShapeError(
            f"rot90: axes {axes} of {shape_text(node.shape)} are one", site=site_text()
        )
    if k % 2 == 0:
        return flip(node, (first, second)) if k % 4 else node
    return flip(swapaxes(node, first, second), first if k % 4 == 1 else second)


def fliplr(x: Any) -> Node:
    """Reverse the order of columns: of elements along axis 1.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.interpret(gd.Graph(gd.fliplr([[1, 2], [3, 4]])))["out"].tolist()
    [[2, 1], [4, 3]]
    """
    return flip(x, 1)


def flipud(x: Any) -> Node:
    """Reverse the order of rows: of elements along axis 0.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.interpret(gd.Graph(gd.flipud([[1, 2], [3, 4]])))["out"].tolist()
    [[3, 4], [1, 2]]
    """
    return flip(x, 0)


@rewrite("views", "view", math="xᵀ[i] → x[j]ᵀ", examples=lambda w: w.T[1:, ::2])
def _sliced_in_other_order(node: Node) -> Node | None:
    """Orders move outward, to where contractions absorb them; slices meet slices."""
    (x,) = node.inputs
    if not isinstance(node.op, Slice) or not isinstance(x.op, Permute):
        return None
    axes: tuple[int, ...] = x.attr("axes")
    places = [axes.index(a) for a in range(x.ndim)]
    starts, steps = ([node.attr(name)[p] for p in places] for name in ("starts", "steps"))
    part = operators["slice"](x.inputs[0], starts, steps, tuple(node.shape[p] for p in places))
    return transpose(part, axes)


__all__ = ["fliplr", "flipud", "rot90"]
