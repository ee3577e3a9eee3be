"""minimum, maximum, clip: NaN in, NaN out; at ties the first operand receives the gradient."""

from __future__ import annotations

from typing import Any

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp, as_node
from graphdl.ir.node import Node

minimum = ElementwiseOp(
    "minimum",
    s.minimum,
    grads=lambda x, y, z: (s.select(x <= y, 1.0, 0.0), s.select(x <= y, 0.0, 1.0)),
    accepts="number",
    doc="Return the smaller of both.",
)
maximum = ElementwiseOp(
    "maximum",
    s.maximum,
    grads=lambda x, y, z: (s.select(x >= y, 1.0, 0.0), s.select(x >= y, 0.0, 1.0)),
    accepts="number",
    doc="Return the larger of both.",
)


def clip(x: Any, low: Any = None, high: Any = None) -> Node:
    """Return ``x`` limited to ``[low, high]``; on a bound the gradient still passes.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (3,))
    >>> gd.interpret(gd.Graph(gd.clip(x, -1, 1)), {"x": [-2, 0.5, 3]})["out"].tolist()
    [-1.0, 0.5, 1.0]
    """
    if low is not None:
        x = maximum(x, low)
    limited: Node = as_node(x) if high is None else minimum(x, high)
    return limited


__all__ = ["clip", "maximum", "minimum"]
