"""hard_tanh."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.errors import ArgumentError
from graphdl.ir.kinds import ElementwiseOp
from graphdl.ops.hard import between, clipped


def _hard_tanh(x: s.Scalar, *, low: float = -1.0, high: float = 1.0) -> s.Scalar:
    if not low < high:
        raise ArgumentError(f"hard_tanh: low={low}, high={high}", remedy="low must be below high")
    return clipped(x, low, high)


hard_tanh = ElementwiseOp(
    "hard_tanh",
    _hard_tanh,
    grads=lambda x, y, *, low, high: (s.select(between(x, low, high), 1.0, 0.0),),
    doc="""Return ``min(max(x, low), high)``, by default in [-1, 1]. NaN stays NaN.

    The derivative on a bound is 0 (that of ``gd.clip`` is 1). An ``ArgumentError`` is raised
    unless ``low < high``.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (3,))
    >>> gd.interpret(gd.Graph(gd.hard_tanh(x, low=0.0)), {"x": [-2.0, 0.5, 2.0]})["out"].tolist()
    [0.0, 0.5, 1.0]
    """,
)


__all__ = ["hard_tanh"]
