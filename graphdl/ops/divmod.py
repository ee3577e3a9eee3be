"""divmod."""

from __future__ import annotations

from typing import Any

from graphdl.ir.node import Node
from graphdl.ops.floor_divide import floor_divide
from graphdl.ops.mod import mod


def divmod(x: Any, y: Any) -> tuple[Node, Node]:
    """Return ``(x // y, x % y)``.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (), "int32")
    >>> graph = gd.Graph(dict(zip("qr", gd.divmod(x, 3))))
    >>> [int(v) for v in gd.interpret(graph, {"x": -7}).values()]
    [-3, 2]
    """
    return floor_divide(x, y), mod(x, y)


__all__ = ["divmod"]
