"""atan."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp
from graphdl.ops.slopes import vanishing

atan = ElementwiseOp(
    "atan",
    s.atan,
    grads=lambda x, y: (vanishing(x, 1.0 / (1.0 + x * x)),),
    doc="""Return the angle in ``[-π/2, π/2]`` whose tangent is ``x``.

    Examples
    --------
    >>> import graphdl as gd
    >>> round(float(gd.interpret(gd.Graph(gd.atan(1.0)), {})["out"]), 6)
    0.785398
    """,
)


__all__ = ["atan"]
