"""vstack."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphdl.ir.kinds import (
    as_node,
)
from graphdl.ir.node import Node
from graphdl.ops.concat import concat
from graphdl.ops.reshape import reshape


def vstack(xs: Sequence[Any]) -> Node:
    """Join arrays row by row, along axis 0; vectors are rows.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.vstack([gd.input("a", (3,)), gd.input("b", ("N", 3))])
    <concat float32(N + 1, 3)>
    """
    nodes = [as_node(x) for x in xs]
    return concat([reshape(n, (1, -1)) if n.ndim < 2 else n for n in nodes])


__all__ = ["vstack"]
