"""divide."""

from __future__ import annotations

from graphdl.ir.kinds import ElementwiseOp
from graphdl.ir.node import operators

divide = ElementwiseOp(
    "divide",
    lambda x, y: x / y,
    # -z/y rather than -x/y²: no overflow of y² where z itself is finite
    grads=lambda x, y, z: (1.0 / y, -(z / y)),
    doc="""Return ``x / y``; integers become float32 first. ``x // y`` divides integers as such.

    Division by 0 gives an infinity with the sign of ``x/y``, and NaN of 0 by 0.

    Examples
    --------
    >>> import graphdl as gd
    >>> gd.interpret(gd.Graph(gd.divide([1.0, -1.0, 0.0], [2.0, 0.0, 0.0])))["out"].tolist()
    [0.5, -inf, nan]
    """,
)


operators["div"] = divide

__all__ = ["divide"]
