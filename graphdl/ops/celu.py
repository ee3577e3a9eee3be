"""celu."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.errors import ArgumentError
from graphdl.ir.kinds import ElementwiseOp
from graphdl.ops.elu import below


def _celu(x: s.Scalar, *, alpha: float = 1.0) -> s.Scalar:
    if not alpha > 0:
        raise ArgumentError(f"celu: alpha={alpha}", remedy="use a number above 0")
    return s.select(x > 0.0, x, alpha * s.expm1(below(x) / alpha))


celu = ElementwiseOp(
    "celu",
    _celu,
    grads=lambda x, y, *, alpha: (s.exp(below(x) / alpha),),
    doc="""Return ``x`` above 0, else ``alpha · (exp(x / alpha) - 1)``; smooth at 0, slope 1.

    Barron, 2017, arXiv:1704.07483. An ``ArgumentError`` is raised unless ``alpha > 0``. NaN stays
    NaN.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (3,))
    >>> gd.interpret(gd.Graph(gd.celu(x, alpha=0.5)), {"x": [-1e4, 0.0, 1e4]})["out"].tolist()
    [-0.5, 0.0, 10000.0]
    """,
)


__all__ = ["celu"]
