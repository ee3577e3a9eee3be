"""mish."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp

_HIGH = 20.0
"""From here on tanh(softplus(x)) is 1 in both dtypes; below it exp(x)⁴ does not overflow."""
_LOW = -1e3
"""Here exp(x) is 0 in both dtypes."""

# With e = exp(x) and n = e·(e + 2): tanh(log(1 + e)) = n / (n + 2), exact in both tails.


def _mish_grad(x: s.Scalar, y: s.Scalar) -> tuple[s.Scalar]:
    near = s.minimum(s.maximum(x, _LOW), _HIGH)
    e = s.exp(near)
    n = e * (e + 2.0)
    below = n + 2.0
    return (n / below + near * (4.0 * e * (1.0 + e) / (below * below)),)


mish = ElementwiseOp(
    "mish",
    s.mish,
    grads=_mish_grad,
    doc="""Return ``x · tanh(softplus(x))`` (Misra, 2019, arXiv:1908.08681).

    At -inf the value is its limit, 0; NaN stays NaN.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (3,))
    >>> gd.interpret(gd.Graph(gd.mish(x)), {"x": [-1e4, 0.0, 1e4]})["out"].tolist()
    [-0.0, 0.0, 10000.0]
    """,
)

__all__ = ["mish"]
