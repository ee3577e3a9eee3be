"""less."""

from __future__ import annotations

from graphdl.ir.kinds import ElementwiseOp
from graphdl.ir.node import operators

less = ElementwiseOp(
    "less",
    lambda x, y: x < y,
    accepts="value",
    doc="""Return ``x < y``; False is less than True, and comparisons with NaN do not hold.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (3,))
    >>> gd.interpret(gd.Graph(x < 1), {"x": [0.0, 1.0, float("nan")]})["out"].tolist()
    [True, False, False]
    """,
)


operators["lt"] = less

__all__ = ["less"]
