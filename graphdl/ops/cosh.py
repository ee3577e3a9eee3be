"""cosh."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp

cosh = ElementwiseOp(
    "cosh",
    s.cosh,
    grads=lambda x, y: (s.sinh(x),),
    doc="""Return ``(exp(x) + exp(-x)) / 2``.

    Examples
    --------
    >>> import graphdl as gd
    >>> float(gd.interpret(gd.Graph(gd.cosh(0.0)), {})["out"])
    1.0
    """,
)


__all__ = ["cosh"]
