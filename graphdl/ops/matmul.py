"""matmul: products of matrices, and of stacks of them."""

from __future__ import annotations

import string
from typing import Any

from graphdl.ir.dim_text import shape_text
from graphdl.ir.dims import Shape
from graphdl.ir.errors import ShapeError
from graphdl.ir.node import Node, operators, site_text
from graphdl.ops.contract import contract_all, operands


def matmul(x: Any, y: Any) -> Node:
    """Return the matrix product ``z[..., m, n] = Σₖ x[..., m, k]·y[..., k, n]``.

    Parameters
    ----------
    x, y : node or array_like
        ``(..., m, k)`` and ``(..., k, n)``; leading axes broadcast. A vector stands for a row on
        the left and for a column on the right, and its axis is gone from the result.

    Returns
    -------
    Node
        Of the dtype at which both meet. Integers stay integers and wrap around, bools are combined
        by "or" of "and", as in NumPy. A sum over an empty axis is 0.

    Raises
    ------
    ShapeError
        For a scalar, or where sizes do not fit.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.input("x", ("N", 64)) @ gd.param("w", (64, 10))
    <contract float32(N, 10)>
    """
    a, b = operands(x, y)
    if not a.ndim or not b.ndim:
        raise ShapeError("matmul takes no scalars", site=site_text(), remedy="use * instead")
    inner = b.shape[-2] if b.ndim > 1 else b.shape[0]
    if a.shape[-1] != inner:
        raise ShapeError(
            f"matmul: {shape_text(a.shape)} @ {shape_text(b.shape)}: {a.shape[-1]} against {inner}",
            site=site_text(),
            remedy="the last axis of the left must be the last but one of the right",
        )
    batch = _batch(a, b)
    letters = [c for c in string.ascii_letters if c not in "ijk"][: len(batch)]
    row, column = ("i" if a.ndim > 1 else ""), ("j" if b.ndim > 1 else "")
    left = "".join([*letters[len(batch) - max(a.ndim - 2, 0) :], row, "k"])
    right = "".join([*letters[len(batch) - max(b.ndim - 2, 0) :], "k", column])
    shape = (*batch, *a.shape[-2:-1], *(b.shape[-1:] if column else ()))
    return contract_all([a, b], [left, right], "".join([*letters, row, column]), shape)


def _batch(a: Node, b: Node) -> Shape:
    """Return the leading axes, broadcast."""
    rank = max(a.ndim - 2, b.ndim - 2, 0)
    full = [(1,) * (rank - max(n.ndim - 2, 0)) + n.shape[:-2] for n in (a, b)]
    for x, y in zip(*full, strict=True):
        if x != y and x != 1 and y != 1:
            raise ShapeError(
                f"matmul: batches of {shape_text(a.shape)} and {shape_text(b.shape)} do not "
                f"broadcast: {x} against {y}",
                site=site_text(),
                remedy="make the sizes equal, or insert an axis of size 1",
            )
    return tuple(y if x == 1 else x for x, y in zip(*full, strict=True))


operators["matmul"] = matmul

__all__ = ["matmul"]
