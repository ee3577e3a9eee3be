"""greater_equal."""

from __future__ import annotations

from graphdl.ir.kinds import ElementwiseOp
from graphdl.ir.node import operators

greater_equal = ElementwiseOp(
    "greater_equal",
    lambda x, y: x >= y,
    accepts="value",
    doc="""Return ``x >= y``; False where one is NaN.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.interpret(gd.Graph(gd.greater_equal([1.0, 2.0, 3.0], 2.0)))["out"].tolist()
    [False, True, True]
    """,
)


operators["ge"] = greater_equal

__all__ = ["greater_equal"]
