"""relu and leaky_relu."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp

relu = ElementwiseOp(
    "relu",
    lambda x: s.maximum(x, 0.0),
    grads=lambda x, y: (s.select(y > 0.0, 1.0, 0.0),),
    doc="""Return ``max(x, 0)``; the derivative at 0 is 0. NaN stays NaN.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (3,))
    >>> gd.interpret(gd.Graph(gd.relu(x)), {"x": [-2.0, 0.0, 2.0]})["out"].tolist()
    [0.0, 0.0, 2.0]
    """,
)
leaky_relu = ElementwiseOp(
    "leaky_relu",
    lambda x, *, slope=0.01: s.select(x > 0.0, x, slope * x),
    grads=lambda x, y, *, slope: (s.select(x > 0.0, 1.0, slope),),
    doc="""Return ``x`` above 0 and ``slope * x`` elsewhere; the derivative at 0 is the slope.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (3,))
    >>> y = gd.leaky_relu(x, slope=0.5)
    >>> gd.interpret(gd.Graph(y), {"x": [-2.0, 0.0, 2.0]})["out"].tolist()
    [-1.0, 0.0, 2.0]
    """,
)

__all__ = ["leaky_relu", "relu"]
