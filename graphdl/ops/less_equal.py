"""less_equal."""

from __future__ import annotations

from graphdl.ir.kinds import ElementwiseOp
from graphdl.ir.node import operators

less_equal = ElementwiseOp(
    "less_equal",
    lambda x, y: x <= y,
    accepts="value",
    doc="""Return ``x <= y``; False where one is NaN.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.interpret(gd.Graph(gd.less_equal([1.0, 2.0, 3.0], 2.0)))["out"].tolist()
    [True, True, False]
    """,
)


operators["le"] = less_equal

__all__ = ["less_equal"]
