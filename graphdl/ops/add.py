"""add."""

from __future__ import annotations

from graphdl.ir.kinds import ElementwiseOp
from graphdl.ir.node import operators

add = ElementwiseOp(
    "add",
    lambda x, y: x + y,
    grads=lambda x, y, z: (1.0, 1.0),
    accepts="value",
    doc="""Return ``x + y``; integers wrap, of two bools it is ``x or y``, as in NumPy.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (2,), "uint8")
    >>> gd.interpret(gd.Graph(x + 10), {"x": [1, 250]})["out"].tolist()
    [11, 4]
    """,
)


operators["add"] = add

__all__ = ["add"]
