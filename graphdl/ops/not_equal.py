"""not_equal."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp

not_equal = ElementwiseOp(
    "not_equal",
    s.not_equal,
    accepts="value",
    doc="""Return whether ``x`` differs from ``y``; NaN differs from everything.

    Examples
    --------
    >>> import graphdl as gd
    >>> y = gd.not_equal([1.0, 2.0, float("nan")], [1.0, 3.0, float("nan")])
    >>> gd.interpret(gd.Graph(y))["out"].tolist()
    [False, True, True]
    """,
)


__all__ = ["not_equal"]
