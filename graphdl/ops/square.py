"""square."""

from __future__ import annotations

from typing import Any

from graphdl.ir.node import Node
from graphdl.ops.integer_power import integer_power


def square(x: Any) -> Node:
    """Return ``x * x``; integers stay integers and wrap.

    Examples
    --------
    >>> import graphdl as gd
    >>> float(gd.interpret(gd.Graph(gd.square(-3.0)), {})["out"])
    9.0
    """
    return integer_power(x, n=2)  # type: ignore[no-any-return]


__all__ = ["square"]
