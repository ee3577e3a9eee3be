"""hard_sigmoid."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp
from graphdl.ops.hard import clipped

hard_sigmoid = ElementwiseOp(
    "hard_sigmoid",
    lambda x: clipped(x + 3.0, 0.0, 6.0) / 6.0,
    grads=lambda x, y: (s.select(s.absolute(x) < 3.0, 1.0 / 6.0, 0.0),),
    doc="""Return ``relu6(x + 3) / 6``; the derivative at -3 and at 3 is 0. NaN stays NaN.

    As PyTorch and Keras 3; earlier Keras took ``0.2 x + 0.5``.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (3,))
    >>> gd.interpret(gd.Graph(gd.hard_sigmoid(x)), {"x": [-4.0, 0.0, 4.0]})["out"].tolist()
    [0.0, 0.5, 1.0]
    """,
)


__all__ = ["hard_sigmoid"]
