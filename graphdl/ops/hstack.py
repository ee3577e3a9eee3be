"""hstack."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphdl.ir.kinds import (
    as_node,
)
from graphdl.ir.node import Node
from graphdl.ops.concat import concat
from graphdl.ops.reshape import reshape


def hstack(xs: Sequence[Any]) -> Node:
    """Join arrays column by column, along axis 1; vectors end to end.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.hstack([gd.input("a", ("N", 3)), gd.input("b", ("N", 2))])
    <concat float32(N, 5)>
    """
    nodes = [as_node(x) for x in xs]
    nodes = [reshape(n, -1) if n.ndim < 1 else n for n in nodes]
    return concat(nodes, 0 if not nodes or nodes[0].ndim == 1 else 1)


__all__ = ["hstack"]
