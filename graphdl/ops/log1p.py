"""log1p."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp

log1p = ElementwiseOp(
    "log1p",
    s.log1p,
    grads=lambda x, y: (1.0 / (1.0 + x),),
    doc="""Return ``log(1 + x)``, exact also near 0; -inf at -1, NaN below; -0 stays -0.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.constant(1e-30)
    >>> float(gd.interpret(gd.Graph(gd.log1p(x) / x), {})["out"])
    1.0
    """,
)


__all__ = ["log1p"]
