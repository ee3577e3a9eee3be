"""logical_and."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp
from graphdl.ir.node import operators

logical_and = ElementwiseOp(
    "logical_and",
    s.logical_and,
    accepts="bool",
    doc="""Return ``x and y``, element by element; of numbers, what isn't 0 counts as true.

    NaN counts as true. ``x & y`` is the same on bools, but takes bits on integers.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (3,))
    >>> gd.interpret(gd.Graph(gd.logical_and(x, True)), {"x": [0, 0.5, -1]})["out"].tolist()
    [False, True, True]
    """,
)


operators["and"] = logical_and

__all__ = ["logical_and"]
