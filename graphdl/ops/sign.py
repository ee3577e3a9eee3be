"""sign."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp

sign = ElementwiseOp(
    "sign",
    s.sign,
    grads=lambda x, z: (None,),
    accepts="number",
    doc="""Return -1, 0 or 1; the derivative is 0 everywhere. NaN stays NaN.

    Raises
    ------
    DTypeError
        If ``x`` is bool.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.interpret(gd.Graph(gd.sign([-2.5, 0.0, 7.0])))["out"].tolist()
    [-1.0, 0.0, 1.0]
    """,
)


__all__ = ["sign"]
