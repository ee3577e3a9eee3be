"""asin."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp
from graphdl.ops.slopes import one_minus_square

asin = ElementwiseOp(
    "asin",
    s.asin,
    grads=lambda x, y: (1.0 / s.sqrt(one_minus_square(x)),),
    doc="""Return the angle in ``[-π/2, π/2]`` whose sine is ``x``; NaN outside of ``[-1, 1]``.

    The derivative at ±1 is inf, the second ±inf.

    Examples
    --------
    >>> import graphdl as gd
    >>> round(float(gd.interpret(gd.Graph(gd.asin(1.0)), {})["out"]), 6)
    1.570796
    """,
)


__all__ = ["asin"]
