"""elu."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp


def below(x: s.Scalar) -> s.Scalar:
    return s.minimum(0.0, x)  # of two zeros the second: -0.0 stays


elu = ElementwiseOp(
    "elu",
    lambda x, *, alpha=1.0: s.select(x > 0.0, x, alpha * s.expm1(below(x))),
    grads=lambda x, y, *, alpha: (s.select(x > 0.0, 1.0, alpha * s.exp(below(x))),),
    doc="""Return ``x`` above 0, else ``alpha · (exp(x) - 1)`` (Clevert et al., arXiv:1511.07289).

    The derivative at 0 is ``alpha``. NaN stays NaN.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (3,))
    >>> gd.interpret(gd.Graph(gd.elu(x, alpha=2.0)), {"x": [-1e4, 0.0, 1e4]})["out"].tolist()
    [-2.0, 0.0, 10000.0]
    """,
)


__all__ = ["elu"]
