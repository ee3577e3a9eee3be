"""isinf."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp

isinf = ElementwiseOp(
    "isinf",
    s.isinf,
    doc="""Return whether ``x`` is inf or -inf.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.constant([1.0, float("inf"), float("nan")])
    >>> gd.interpret(gd.Graph(gd.isinf(x)), {})["out"].tolist()
    [False, True, False]
    """,
)


__all__ = ["isinf"]
