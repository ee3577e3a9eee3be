"""trunc."""

from __future__ import annotations

from typing import Any

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp
from graphdl.ir.node import Node
from graphdl.ops.rounding import of_floats

_trunc = ElementwiseOp("trunc", s.trunc, grads=lambda x, y: (None,))


def trunc(x: Any) -> Node:
    """Return ``x`` without its fraction; integers stay as they are.

    The derivative is 0 everywhere. NaN and infinities stay.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.interpret(gd.Graph(gd.trunc(gd.constant([1.7, -1.7]))), {})["out"].tolist()
    [1.0, -1.0]
    """
    return of_floats(_trunc, x)


__all__ = ["trunc"]
