"""hard_swish."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp
from graphdl.ops.hard import clipped

hard_swish = ElementwiseOp(
    "hard_swish",
    # below -3 the factor is 0: x is kept finite there
    lambda x: s.maximum(x, -3.0) * (clipped(x + 3.0, 0.0, 6.0) / 6.0),
    grads=lambda x, y: (s.select(x <= -3.0, 0.0, s.select(x < 3.0, x / 3.0 + 0.5, 1.0)),),
    doc="""Return ``x · relu6(x + 3) / 6`` (Howard et al., 2019, arXiv:1905.02244).

    The derivative at -3 is 0 and at 3 it is 1. At -inf the value is its limit, 0.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (3,))
    >>> gd.interpret(gd.Graph(gd.hard_swish(x)), {"x": [-1.5, 0.0, 4.0]})["out"].tolist()
    [-0.375, 0.0, 4.0]
    """,
)


__all__ = ["hard_swish"]
