"""step: the unit step (Heaviside)."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp

step = ElementwiseOp(
    "step",
    # x + at_zero where x is a zero or NaN: the sum keeps NaN
    lambda x, *, at_zero=1.0: s.select(x > 0.0, 1.0, s.select(x < 0.0, 0.0, x + at_zero)),
    grads=lambda x, y, *, at_zero: (None,),
    doc="""Return 0 below 0, 1 above, and ``at_zero`` at both zeros; NaN stays NaN.

    By default a unit fires at its threshold (McCulloch & Pitts, 1943); ``at_zero=0.5`` is the
    step whose integral is symmetric. As ``numpy.heaviside``. The derivative is 0 everywhere.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (3,))
    >>> gd.interpret(gd.Graph(gd.step(x)), {"x": [-2.0, 0.0, 2.0]})["out"].tolist()
    [0.0, 1.0, 1.0]
    """,
)

__all__ = ["step"]
