"""logical_not."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp
from graphdl.ir.node import operators

logical_not = ElementwiseOp(
    "logical_not",
    s.logical_not,
    accepts="bool",
    doc="""Return ``not x``, element by element; of numbers, whether they are 0.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.interpret(gd.Graph(gd.logical_not([True, False])))["out"].tolist()
    [False, True]
    """,
)


operators["not"] = logical_not

__all__ = ["logical_not"]
