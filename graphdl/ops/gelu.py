"""gelu: exact, and its tanh approximation (Hendrycks & Gimpel, 2016, arXiv:1606.08415)."""

from __future__ import annotations

import math

from graphdl.ir import scalar as s
from graphdl.ir.errors import ArgumentError
from graphdl.ir.kinds import ElementwiseOp

_ROOT_2_PI = math.sqrt(2.0 / math.pi)
_FAR = 1e3
"""Far beyond where both factors have reached their limits: x is kept finite where one is 0."""


def _gelu(x: s.Scalar, *, approximate: str = "none") -> s.Scalar:
    if approximate == "tanh":
        return s.gelu_tanh(x)
    if approximate != "none":
        raise ArgumentError(f"gelu: approximate={approximate!r}", remedy="use 'none' or 'tanh'")
    return s.gelu(x)


def _gelu_grad(x: s.Scalar, y: s.Scalar, *, approximate: str) -> tuple[s.Scalar]:
    # Neither 1 + erf(x) nor 1 + tanh(x): far below 0 they have no digits left.
    near = s.minimum(s.maximum(x, -_FAR), _FAR)
    if approximate == "tanh":
        share = s.sigmoid(2.0 * _ROOT_2_PI * (near + 0.044715 * (near * near * near)))
        slope = 2.0 * _ROOT_2_PI * (1.0 + 3 * 0.044715 * (near * near))
        return (share * (1.0 + near * (1.0 - share) * slope),)
    size = abs(near)  # so that the exponent is seen to be negative
    density = math.sqrt(0.5 / math.pi) * s.exp_product(-0.5 * size, size)
    return (0.5 * s.erfc(-math.sqrt(0.5) * x) + near * density,)


gelu = ElementwiseOp(
    "gelu",
    _gelu,
    grads=_gelu_grad,
    doc="""Return ``x`` times the normal distribution function of ``x``.

    ``approximate="tanh"`` uses ``0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x³)))``. At -inf the
    value is its limit, 0; NaN stays NaN.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (3,))
    >>> gd.interpret(gd.Graph(gd.gelu(x)), {"x": [-1e4, 0.0, 1e4]})["out"].tolist()
    [-0.0, 0.0, 10000.0]
    """,
)

__all__ = ["gelu"]
