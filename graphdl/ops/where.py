"""where: a choice between two values, element by element."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp
from graphdl.ir.node import operators

where = ElementwiseOp(
    "where",
    s.select,
    grads=lambda c, x, y, z: (None, s.select(c, 1.0, 0.0), s.select(c, 0.0, 1.0)),
    accepts="select",
    doc="""Return ``x`` where the condition holds, else ``y``.

    The condition broadcasts with both; of numbers, what isn't 0 holds. ``x`` and ``y`` may have any
    dtypes and meet at the higher one. The branch that is not taken receives a gradient of exactly
    zero.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (3,))
    >>> gd.interpret(gd.Graph(gd.where(x > 0, x, 0.5)), {"x": [-1, 0, 2]})["out"].tolist()
    [0.5, 0.5, 2.0]

    What NumPy does by a boolean mask, ``x[x > 0].sum()`` or ``x[x < 0] = 0``, has a result of known
    shape this way:

    >>> masked = gd.where(x < 0, 0.0, x)
    >>> total = gd.sum(gd.where(x > 0, x, 0.0))
    >>> float(gd.interpret(gd.Graph(total), {"x": [-1, 0, 2]})["out"])
    2.0
    """,
)

operators["where"] = where

__all__ = ["where"]
