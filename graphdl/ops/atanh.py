"""atanh."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp
from graphdl.ops.slopes import one_minus_square

atanh = ElementwiseOp(
    "atanh",
    s.atanh,
    grads=lambda x, y: (1.0 / one_minus_square(x),),
    doc="""Return the number whose hyperbolic tangent is ``x``.

    ±inf at ±1, where the derivative is inf and the second ±inf; NaN outside of ``[-1, 1]``.

    Examples
    --------
    >>> import graphdl as gd
    >>> round(float(gd.interpret(gd.Graph(gd.atanh(0.5)), {})["out"]), 6)
    0.549306
    """,
)


__all__ = ["atanh"]
