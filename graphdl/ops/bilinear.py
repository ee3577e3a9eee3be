"""bilinear: a form that is linear in each of two inputs."""

from __future__ import annotations

from typing import Any

from graphdl.ir.dim_text import shape_text
from graphdl.ir.errors import ShapeError
from graphdl.ir.kinds import as_node, common_dtype
from graphdl.ir.node import Node, site_text
from graphdl.ops.add import add
from graphdl.ops.einsum import einsum


def bilinear(x1: Any, weight: Any, x2: Any, bias: Any = None) -> Node:
    """Return ``z[..., o] = Σᵢⱼ x1[..., i]·weight[o, i, j]·x2[..., j] + bias[o]``.

    Parameters
    ----------
    x1, x2 : node or array_like
        ``(..., n)`` and ``(..., m)``, whose leading axes broadcast.
    weight : node or array_like
        ``(o, n, m)``: the layout of PyTorch's Bilinear.
    bias : node or array_like, optional
        ``(o,)``.

    Raises
    ------
    ShapeError
        If the shapes do not fit.

    Examples
    --------
    >>> import graphdl as gd
    >>> x, y, w = gd.input("x", ("N", 3)), gd.input("y", ("N", 4)), gd.param("w", (5, 3, 4))
    >>> gd.bilinear(x, w, y)
    <contract float32(N, 5)>
    """
    given = [x1, weight, x2]
    dtype = common_dtype(given if bias is None else [*given, bias])
    a, w, b = (as_node(x, dtype) for x in given)
    shapes = f"bilinear of {shape_text(a.shape)}, {shape_text(w.shape)}, {shape_text(b.shape)}"
    if not a.ndim or not b.ndim or w.shape[1:] != (*a.shape[-1:], *b.shape[-1:]):
        raise ShapeError(
            f"{shapes}: the weight does not fit",
            site=site_text(),
            remedy="its axes are (outputs, last of x1, last of x2)",
        )
    value = einsum("...i,oij,...j->...o", a, w, b)
    if bias is None:
        return value
    offset = as_node(bias, dtype)
    if offset.shape != w.shape[:1]:
        raise ShapeError(
            f"{shapes}: bias {shape_text(offset.shape)}",
            site=site_text(),
            remedy=f"give one number an output: {shape_text(w.shape[:1])}",
        )
    result: Node = add(value, offset)
    return result


__all__ = ["bilinear"]
