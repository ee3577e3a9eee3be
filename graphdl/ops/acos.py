"""acos."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp
from graphdl.ops.slopes import one_minus_square

acos = ElementwiseOp(
    "acos",
    s.acos,
    grads=lambda x, y: (-1.0 / s.sqrt(one_minus_square(x)),),
    doc="""Return the angle in ``[0, π]`` whose cosine is ``x``; NaN outside of ``[-1, 1]``.

    The derivative at ±1 is -inf, the second ∓inf.

    Examples
    --------
    >>> import graphdl as gd
    >>> float(gd.interpret(gd.Graph(gd.acos(1.0)), {})["out"])
    0.0
    """,
)


__all__ = ["acos"]
