"""stack."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphdl.ir.node import Node, operators
from graphdl.ops.concat import concat
from graphdl.ops.expand_dims import expand_dims


def stack(xs: Sequence[Any], axis: int = 0) -> Node:
    """Join arrays of one shape along a new axis.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.stack([gd.input("a", ("N",)), gd.input("b", ("N",))], axis=1)
    <concat float32(N, 2)>
    """
    return concat([expand_dims(x, axis) for x in xs], axis)


operators["stack"] = stack

__all__ = ["stack"]
