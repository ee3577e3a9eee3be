"""tanh."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp

tanh = ElementwiseOp(
    "tanh",
    s.tanh,
    grads=lambda x, y: (1.0 - y * y,),
    doc="""Return the hyperbolic tangent.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.interpret(gd.Graph(gd.tanh([-1000.0, 0.0, 1000.0])))["out"].tolist()
    [-1.0, 0.0, 1.0]
    """,
)

__all__ = ["tanh"]
