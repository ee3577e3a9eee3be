"""log_sigmoid."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp

log_sigmoid = ElementwiseOp(
    "log_sigmoid",
    # log(1 / (1 + exp(-x))) without overflow for small x
    lambda x: s.minimum(x, 0.0) - s.log1p(s.exp(-abs(x))),
    grads=lambda x, y: (s.sigmoid(-x),),
    doc="""Return ``log(sigmoid(x))``, finite for every finite ``x``.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (2,))
    >>> gd.interpret(gd.Graph(gd.log_sigmoid(x)), {"x": [-1e4, 1e4]})["out"].tolist()
    [-10000.0, 0.0]
    """,
)

__all__ = ["log_sigmoid"]
