"""abs."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp

abs = ElementwiseOp(
    "abs",
    s.absolute,
    grads=lambda x, z: (s.sign(x),),
    accepts="value",
    doc="""Return ``|x|``; the derivative at 0 is 0.

    The least integer is its own absolute value; uint8 and bool stay as they are.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.interpret(gd.Graph(gd.abs([-2.0, 0.0, 3.0])))["out"].tolist()
    [2.0, 0.0, 3.0]
    """,
)


__all__ = ["abs"]
