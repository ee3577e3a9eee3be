"""asinh."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp
from graphdl.ops.slopes import vanishing

asinh = ElementwiseOp(
    "asinh",
    s.asinh,
    grads=lambda x, y: (vanishing(x, 1.0 / s.hypot(x, 1.0)),),  # x² may overflow
    doc="""Return the number whose hyperbolic sine is ``x``.

    Examples
    --------
    >>> import graphdl as gd
    >>> round(float(gd.interpret(gd.Graph(gd.asinh(1.0)), {})["out"]), 6)
    0.881374
    """,
)


__all__ = ["asinh"]
