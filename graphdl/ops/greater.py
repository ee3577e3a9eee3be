"""greater."""

from __future__ import annotations

from graphdl.ir.kinds import ElementwiseOp
from graphdl.ir.node import operators

greater = ElementwiseOp(
    "greater",
    lambda x, y: x > y,
    accepts="value",
    doc="""Return ``x > y``; False where one is NaN.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.interpret(gd.Graph(gd.greater([1.0, 2.0, 3.0], 2.0)))["out"].tolist()
    [False, False, True]
    """,
)


operators["gt"] = greater

__all__ = ["greater"]
