"""prelu: a leaky relu whose slope is an input."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp

prelu = ElementwiseOp(
    "prelu",
    lambda x, slope: s.select(x > 0.0, x, slope * x),
    grads=lambda x, slope, y: (s.select(x > 0.0, 1.0, slope), s.select(x > 0.0, 0.0, x)),
    doc="""Return ``x`` above 0 and ``slope * x`` elsewhere (He et al., 2015, arXiv:1502.01852).

    ``slope`` broadcasts, so a vector is one slope a channel where channels are the last axis. The
    derivative at 0 is the slope. The layer ``gd.nn.PReLU`` learns the slopes.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (2, 2))
    >>> y = gd.prelu(x, gd.constant([0.25, 0.5]))
    >>> gd.interpret(gd.Graph(y), {"x": [[-1.0, -1.0], [2.0, 2.0]]})["out"].tolist()
    [[-0.25, -0.5], [2.0, 2.0]]
    """,
)

__all__ = ["prelu"]
