"""exp2."""

from __future__ import annotations

import math

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp

exp2 = ElementwiseOp(
    "exp2",
    s.exp2,
    grads=lambda x, y: (math.log(2.0) * y,),
    doc="""Return 2 to the power ``x``.

    Examples
    --------
    >>> import graphdl as gd
    >>> float(gd.interpret(gd.Graph(gd.exp2(-3.0)), {})["out"])
    0.125
    """,
)


__all__ = ["exp2"]
