"""isfinite."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp

isfinite = ElementwiseOp(
    "isfinite",
    s.isfinite,
    doc="""Return whether ``x`` is neither infinite nor NaN.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.constant([1.0, float("inf"), float("nan")])
    >>> gd.interpret(gd.Graph(gd.isfinite(x)), {})["out"].tolist()
    [True, False, False]
    """,
)


__all__ = ["isfinite"]
