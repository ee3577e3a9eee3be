"""negative."""

from __future__ import annotations

from graphdl.ir.kinds import ElementwiseOp
from graphdl.ir.node import operators

negative = ElementwiseOp(
    "negative",
    lambda x: -x,
    grads=lambda x, z: (-1.0,),
    accepts="number",
    doc="""Return ``-x``; integers wrap: the least one is its own negative, of uint8 it is 256 - x.

    Raises
    ------
    DTypeError
        If ``x`` is bool: ``~x`` is its opposite.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.interpret(gd.Graph(gd.negative([1.0, -2.0, 0.0])))["out"].tolist()
    [-1.0, 2.0, -0.0]
    """,
)


operators["neg"] = negative

__all__ = ["negative"]
