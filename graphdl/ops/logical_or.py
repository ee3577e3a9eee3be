"""logical_or."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp
from graphdl.ir.node import operators

logical_or = ElementwiseOp(
    "logical_or",
    s.logical_or,
    accepts="bool",
    doc="""Return ``x or y``, element by element; of numbers, what isn't 0 counts as true.

    Examples
    --------
    >>> import graphdl as gd
    >>> y = gd.logical_or([True, True, False], [True, False, False])
    >>> gd.interpret(gd.Graph(y))["out"].tolist()
    [True, True, False]
    """,
)


operators["or"] = logical_or

__all__ = ["logical_or"]
