"""relu6."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp
from graphdl.ops.hard import between, clipped

relu6 = ElementwiseOp(
    "relu6",
    lambda x: clipped(x, 0.0, 6.0),
    grads=lambda x, y: (s.select(between(x, 0.0, 6.0), 1.0, 0.0),),
    doc="""Return ``min(max(x, 0), 6)``; the derivative at 0 and at 6 is 0. NaN stays NaN.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (3,))
    >>> gd.interpret(gd.Graph(gd.relu6(x)), {"x": [-2.0, 2.5, 9.0]})["out"].tolist()
    [0.0, 2.5, 6.0]
    """,
)


__all__ = ["relu6"]
