"""fmod."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp

fmod = ElementwiseOp(
    "fmod",
    s.fmod,
    # x/y rounded toward zero
    grads=lambda x, y, z: (1.0, -(s.sign(x) * s.sign(y) * s.floor_divide(abs(x), abs(y)))),
    accepts="number",
    doc="""Return the remainder of ``x / y`` rounded toward zero: the sign is that of ``x``.

    This is C's ``fmod`` on floats, which is exact, and ``%`` on integers, where the remainder by 0
    is 0. The derivatives are 1 and minus the rounded quotient.

    Raises
    ------
    DTypeError
        If all operands are bools.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (2,))
    >>> gd.interpret(gd.Graph(gd.fmod(x, 3)), {"x": [7.5, -7.5]})["out"].tolist()
    [1.5, -1.5]
    """,
)


__all__ = ["fmod"]
