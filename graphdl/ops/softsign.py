"""softsign."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp

_FAR = 1e18
"""From here on 1 + |x| is |x| in both dtypes, and the quotient is ±1; infinities end here."""


def _softsign(x: s.Scalar) -> s.Scalar:
    near = s.minimum(s.maximum(x, -_FAR), _FAR)
    return near / (1.0 + abs(near))


def _softsign_grad(x: s.Scalar, y: s.Scalar) -> tuple[s.Scalar]:
    share = 1.0 / (1.0 + abs(x))
    return (share * share,)


softsign = ElementwiseOp(
    "softsign",
    _softsign,
    grads=_softsign_grad,
    doc="""Return ``x / (1 + |x|)``; at ±inf its limits ±1.

    Its second derivative at 0, where left and right disagree, is 0.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (3,))
    >>> gd.interpret(gd.Graph(gd.softsign(x)), {"x": [-1.0, 0.0, 3.0]})["out"].tolist()
    [-0.5, 0.0, 0.75]
    """,
)

__all__ = ["softsign"]
