"""subtract."""

from __future__ import annotations

from graphdl.ir.kinds import ElementwiseOp
from graphdl.ir.node import operators

subtract = ElementwiseOp(
    "subtract",
    lambda x, y: x - y,
    grads=lambda x, y, z: (1.0, -1.0),
    accepts="number",
    doc="""Return ``x - y``; integers wrap: uint8 3 - 5 is 254.

    Raises
    ------
    DTypeError
        If both operands are bools: ``x ^ y`` tells whether they differ.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.interpret(gd.Graph(gd.subtract([5.0, 7.0], [2.0, 3.0])))["out"].tolist()
    [3.0, 4.0]
    """,
)


operators["sub"] = subtract

__all__ = ["subtract"]
