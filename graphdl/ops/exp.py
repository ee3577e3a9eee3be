"""exp."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp

exp = ElementwiseOp(
    "exp",
    s.exp,
    grads=lambda x, y: (y,),
    doc="""Return e to the power ``x``; 0 at -inf.

    Examples
    --------
    >>> import graphdl as gd
    >>> float(gd.interpret(gd.Graph(gd.exp(0.0)), {})["out"])
    1.0
    """,
)


__all__ = ["exp"]
