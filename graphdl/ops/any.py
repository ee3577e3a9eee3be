"""any."""

from __future__ import annotations

from typing import Any

from graphdl.ir.kinds import ReduceOp
from graphdl.ir.node import Node
from graphdl.ops.any_all import reduced

_any = ReduceOp("any", "or", adjoint=None, doc="Whether some element along axes is true.")


def any(x: Any, axis: Any = None, keepdims: bool = False) -> Node:
    """Return whether some element over axes (all by default) is not 0; of nothing it is False.

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
    >>> gd.any(gd.input("x", ("N", 3)) > 0, axis=1)
    <any bool(N,)>
    """
    return reduced(_any, x, axis, keepdims)


__all__ = ["any"]
