"""isnan."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp

isnan = ElementwiseOp(
    "isnan",
    s.isnan,
    doc="""Return whether ``x`` is NaN.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.interpret(gd.Graph(gd.isnan([1.0, float("inf"), float("nan")])))["out"].tolist()
    [False, False, True]
    """,
)


__all__ = ["isnan"]
