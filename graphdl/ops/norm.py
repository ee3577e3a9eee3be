"""norm: of vectors along any axes, and of matrices where it needs no singular values."""

from __future__ import annotations

import math
from typing import Any

from graphdl.ir.dim_text import shape_text
from graphdl.ir.dtypes import float32
from graphdl.ir.errors import ArgumentError
from graphdl.ir.kinds import CompositeOp, Contribution, as_node, normalise_axes, normalise_axis
from graphdl.ir.node import Node, make, site_text
from graphdl.ops.abs import abs
from graphdl.ops.cast import stop_gradient
from graphdl.ops.equal import equal
from graphdl.ops.expand_dims import expand_dims
from graphdl.ops.max import max, min
from graphdl.ops.not_equal import not_equal
from graphdl.ops.reshape import reshape
from graphdl.ops.sign import sign
from graphdl.ops.sqrt import sqrt
from graphdl.ops.sum import sum
from graphdl.ops.where import where


def _expand(x: Node, *, axes: tuple[int, ...], ord: float) -> Node:
    """Divide by the element that counts most, so that no power overflows or vanishes."""
    size = abs(x)
    farthest = max(size, axes, True, initial=0.0) if ord > 0 else min(size, axes, True, math.inf)
    top = stop_gradient(farthest)
    scale = where(equal(top, 0.0), 1.0, where(equal(top, math.inf), 1.0, top))
    part = x / scale if ord == 2 else size / scale
    total = sum(part * part if ord == 2 else part**ord, axes)
    root = sqrt(total) if ord == 2 else total ** (1 / ord)
    return reshape(scale, root.shape) * root


def _adjoint(node: Node, g: Node) -> list[Contribution | None]:
    (x,), axes, ord = node.inputs, node.attr("axes"), node.attr("ord")
    nothing = equal(node, 0.0)
    whole = expand_dims(where(nothing, 1.0, node), axes)
    given = expand_dims(where(nothing, 0.0, g), axes)
    if ord == 2:
        return [(x / whole * given, "~{0} += ~{z}·{0}/{z}, 0 at 0")]
    share = sign(x) * (abs(x) / whole) ** (ord - 1)
    share = where(equal(x, 0.0), 0.0, share)
    return [(share * given, "~{0} += ~{z}·sign({0})·(|{0}|/{z})ᵖ⁻¹, 0 at 0")]


_norm = CompositeOp("norm", _expand, adjoint=_adjoint, doc="The p-th root of Σ|x|ᵖ.")


def vector_norm(x: Node, ord: float, axes: tuple[int, ...]) -> Node:
    """Return the norm of all elements along axes, taken as one vector."""
    if ord == 0:
        return sum(not_equal(x, 0.0).astype(x.dtype), axes)
    if ord == 1 or not axes:
        return sum(abs(x), axes)
    if math.isinf(ord):
        return max(abs(x), axes, initial=0.0) if ord > 0 else min(abs(x), axes)
    return make(_norm, [x], axes=axes, ord=float(ord))


def _matrix_norm(x: Node, ord: Any, rows: int, columns: int) -> Node:
    if ord in (None, "fro"):
        return vector_norm(x, 2, normalise_axes("norm", (rows, columns), x.ndim))
    if ord not in (1, -1, math.inf, -math.inf):
        raise ArgumentError(
            f"norm: {ord!r} of matrices needs singular values, which there are none of",
            site=site_text(),
            remedy="use 'fro', 1, -1, inf or -inf, or one axis for norms of vectors",
        )
    inner, outer = (rows, columns) if ord in (1, -1) else (columns, rows)
    totals = sum(abs(x), inner, keepdims=True)
    found = (max if ord > 0 else min)(totals, outer, keepdims=True)
    return reshape(found, tuple(s for i, s in enumerate(x.shape) if i not in (rows, columns)))


def norm(x: Any, ord: float | str | None = None, axis: Any = None, keepdims: bool = False) -> Node:
    """Return norms of vectors or matrices, as ``numpy.linalg.norm``.

    Of vectors ``(Σ|x|ᵖ)^(1/p)`` for ``ord`` p, 2 by default; inf and -inf give the largest and the
    smallest size of an element, 0 counts what is not 0. Of matrices (a pair of axes) ``"fro"``, the
    default, gives the root of all squares, 1 and inf the largest sum of sizes in a column and in a
    row, -1 and -inf the smallest. Elements are scaled: nothing overflows or vanishes unless the
    norm itself does. Integers become float32.

    Of nothing it is what the formula gives: 0, or inf for finite p below 0; the smallest size is
    refused.

    The gradient at a kink is 0: at the zero vector for all finite p above 0, and at elements of 0.

    Parameters
    ----------
    x : node or array_like
        Any shape.
    ord : number, inf, -inf, "fro", or None
        Which norm.
    axis : int, pair of int, or None
        The axis of vectors, or rows and columns of matrices. None takes a vector or matrix as it
        is, and without ``ord`` all elements as one vector.
    keepdims : bool
        Keep the axes with size 1.

    Raises
    ------
    ArgumentError
        For norms that need singular values, and for what is neither vector nor matrix.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (2,))
    >>> float(gd.interpret(gd.Graph(gd.norm(x)), {"x": [3, 4]})["out"])
    5.0
    """
    node = as_node(x)
    node = node if node.dtype.is_float else node.astype(float32)
    given = tuple(axis) if isinstance(axis, (tuple, list)) else None if axis is None else (axis,)
    if given is None:
        given = tuple(range(node.ndim))
        if ord is None:
            return _kept(vector_norm(node, 2, given), given, keepdims)
    axes = tuple(normalise_axis("norm", a, node.ndim) for a in given)
    if len(axes) == 2 and axes[0] != axes[1]:
        return _kept(_matrix_norm(node, ord, *axes), axes, keepdims)
    if len(axes) != 1 or not (ord is None or isinstance(ord, (int, float))):
        raise ArgumentError(
            f"norm: no norm {ord!r} over axes {given} of {shape_text(node.shape)}",
            site=site_text(),
            remedy="give one axis for vectors with a number as ord, or two axes for matrices",
        )
    return _kept(vector_norm(node, 2 if ord is None else ord, axes), axes, keepdims)


def _kept(result: Node, axes: tuple[int, ...], keepdims: bool) -> Node:
    return expand_dims(result, axes) if keepdims else result


__all__ = ["norm"]
