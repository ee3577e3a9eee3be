"""logical_xor."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp

logical_xor = ElementwiseOp(
    "logical_xor",
    s.logical_xor,
    accepts="bool",
    doc="""Return whether exactly one of both holds; of numbers, what isn't 0 counts as true.

    Examples
    --------
    >>> import graphdl as gd
    >>> y = gd.logical_xor([True, True, False], [True, False, False])
    >>> gd.interpret(gd.Graph(y))["out"].tolist()
    [False, True, False]
    """,
)


__all__ = ["logical_xor"]
