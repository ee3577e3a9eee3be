"""floor_divide."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp

floor_divide = ElementwiseOp(
    "floor_divide",
    s.floor_divide,
    grads=lambda x, y, z: (None, None),
    accepts="number",
    doc="""Return ``⌊x / y⌋``, also written ``x // y``.

    Values at all edges are NumPy's. Integers: anything divided by 0 is 0, the least integer divided
    by -1 wraps to itself. Floats: the quotient is rounded down as if it were exact, division by 0
    gives ``x / y``, and NaN comes where ``x`` is infinite. It consists of steps: no gradient
    passes, at the jumps neither.

    Raises
    ------
    DTypeError
        If all operands are bools.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (3,), "int32")
    >>> gd.interpret(gd.Graph(x // 3), {"x": [7, -7, 0]})["out"].tolist()
    [2, -3, 0]
    """,
)


__all__ = ["floor_divide"]
