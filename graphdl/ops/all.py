"""all."""

from __future__ import annotations

from typing import Any

from graphdl.ir.kinds import ReduceOp
from graphdl.ir.node import Node
from graphdl.ops.any_all import reduced

_all = ReduceOp("all", "and", adjoint=None, doc="Whether all elements along axes are true.")


def all(x: Any, axis: Any = None, keepdims: bool = False) -> Node:
    """Return whether all elements over axes (all by default) are not 0; of nothing it is True.

    NaN is not 0. It has no derivative.

    Parameters
    ----------
    x : node or array_like
        Any shape, bools or numbers.
    axis : int, tuple of int, or None
        Axes to look over.
    keepdims : bool
        Keep them with size 1.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.all(gd.input("x", ("N", 3)) > 0, axis=1)
    <all bool(N,)>
    """
    return reduced(_all, x, axis, keepdims)


__all__ = ["all"]
