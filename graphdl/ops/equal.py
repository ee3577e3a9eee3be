"""equal."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp

equal = ElementwiseOp(
    "equal",
    s.equal,
    accepts="value",
    doc="""Return whether ``x`` equals ``y``; NaN equals nothing. (``==`` on nodes is identity.)

    Examples
    --------
    >>> import graphdl as gd
    >>> y = gd.equal([1.0, 2.0, float("nan")], [1.0, 3.0, float("nan")])
    >>> gd.interpret(gd.Graph(y))["out"].tolist()
    [True, False, False]
    """,
)


__all__ = ["equal"]
