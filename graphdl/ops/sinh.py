"""sinh."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp

sinh = ElementwiseOp(
    "sinh",
    s.sinh,
    grads=lambda x, y: (s.cosh(x),),
    doc="""Return ``(exp(x) - exp(-x)) / 2``, exact also near 0.

    Examples
    --------
    >>> import graphdl as gd
    >>> float(gd.interpret(gd.Graph(gd.sinh(0.0)), {})["out"])
    0.0
    """,
)


__all__ = ["sinh"]
