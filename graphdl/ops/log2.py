"""log2."""

from __future__ import annotations

import math

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp

log2 = ElementwiseOp(
    "log2",
    s.log2,
    grads=lambda x, y: ((1.0 / math.log(2.0)) / x,),
    doc="""Return the logarithm to the base 2; -inf at ±0, NaN below.

    Examples
    --------
    >>> import graphdl as gd
    >>> float(gd.interpret(gd.Graph(gd.log2(8.0)), {})["out"])
    3.0
    """,
)


__all__ = ["log2"]
