"""multiply."""

from __future__ import annotations

from graphdl.ir.kinds import ElementwiseOp
from graphdl.ir.node import operators

multiply = ElementwiseOp(
    "multiply",
    lambda x, y: x * y,
    grads=lambda x, y, z: (y, x),
    accepts="value",
    doc="""Return ``x * y``; integers wrap, of two bools it is ``x and y``, as in NumPy.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.interpret(gd.Graph(gd.multiply([1.0, 2.0, 3.0], [4.0, 5.0, 6.0])))["out"].tolist()
    [4.0, 10.0, 18.0]
    """,
)


operators["mul"] = multiply

__all__ = ["multiply"]
