"""maximum."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp

maximum = ElementwiseOp(
    "maximum",
    s.maximum,
    grads=lambda x, y, z: (s.select(x >= y, 1.0, 0.0), s.select(x >= y, 0.0, 1.0)),
    accepts="value",
    doc="""Return the larger of both; NaN where one is NaN.

    At ties the first operand has the derivative 1, the second 0.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.constant([1.0, 5.0, float("nan")])
    >>> gd.interpret(gd.Graph(gd.maximum(x, 3.0)), {})["out"].tolist()
    [3.0, 5.0, nan]
    """,
)


__all__ = ["maximum"]
