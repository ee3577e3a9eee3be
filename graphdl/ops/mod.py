"""mod, remainder."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp

mod = ElementwiseOp(
    "mod",
    s.mod,
    grads=lambda x, y, z: (1.0, -s.floor_divide(x, y)),
    accepts="number",
    doc="""Return ``x - ⌊x / y⌋·y``, also written ``x % y``: the sign is that of ``y``.

    Values at all edges are NumPy's. Integers: the remainder by 0 is 0. Floats: it is exact but for
    one rounding where ``y`` is added; NaN comes where ``x`` is infinite or ``y`` is 0. The
    derivatives are 1 and ``-⌊x / y⌋``; at the jumps, the multiples of ``y``, these are those of the
    side to which ``⌊x / y⌋`` belongs. ``remainder`` is the same op.

    Raises
    ------
    DTypeError
        If all operands are bools.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (3,), "int32")
    >>> gd.interpret(gd.Graph(x % 3), {"x": [7, -7, 0]})["out"].tolist()
    [1, 2, 0]
    """,
)


remainder = mod


__all__ = ["mod", "remainder"]
