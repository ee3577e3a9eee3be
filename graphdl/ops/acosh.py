"""acosh."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp

acosh = ElementwiseOp(
    "acosh",
    s.acosh,
    grads=lambda x, y: (1.0 / s.sqrt(x - 1.0) / s.sqrt(x + 1.0),),  # x² may overflow
    doc="""Return the number from 0 on whose hyperbolic cosine is ``x``; NaN below 1.

    The derivative at 1 is inf, the second -inf.

    Examples
    --------
    >>> import graphdl as gd
    >>> float(gd.interpret(gd.Graph(gd.acosh(1.0)), {})["out"])
    0.0
    """,
)


__all__ = ["acosh"]
