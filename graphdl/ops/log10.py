"""log10."""

from __future__ import annotations

import math

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp

log10 = ElementwiseOp(
    "log10",
    s.log10,
    grads=lambda x, y: ((1.0 / math.log(10.0)) / x,),
    doc="""Return the logarithm to the base 10; -inf at ±0, NaN below.

    Examples
    --------
    >>> import graphdl as gd
    >>> round(float(gd.interpret(gd.Graph(gd.log10(100.0)), {})["out"]), 6)
    2.0
    """,
)


__all__ = ["log10"]
