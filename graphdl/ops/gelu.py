"""gelu: exact, and its tanh approximation (Hendrycks & Gimpel, 2016, arXiv:1606.08415)."""

from __future__ import annotations

import math

from graphdl.ir import scalar as s
from graphdl.ir.errors import ArgumentError
from graphdl.ir.kinds import ElementwiseOp

_ROOT_2_PI = math.sqrt(2.0 / math.pi)


def _inner(x: s.Scalar) -> s.Scalar:
    return s.tanh(_ROOT_2_PI * (x + 0.044715 * (x * x * x)))


def _gelu(x: s.Scalar, *, approximate: str = "none") -> s.Scalar:
    if approximate == "tanh":
        return 0.5 * x * (1.0 + _inner(x))
    if approximate != "none":
        raise ArgumentError(f"gelu: approximate={approximate!r}", remedy="use 'none' or 'tanh'")
    return 0.5 * x * (1.0 + s.erf(x * math.sqrt(0.5)))


def _gelu_grad(x: s.Scalar, y: s.Scalar, *, approximate: str) -> tuple[s.Scalar]:
    if approximate == "tanh":
        t = _inner(x)
        slope = _ROOT_2_PI * (1.0 + 3 * 0.044715 * (x * x))
        return (0.5 * (1.0 + t) + 0.5 * x * (1.0 - t * t) * slope,)
    density = math.sqrt(0.5 / math.pi) * s.exp(-0.5 * (x * x))
    return (0.5 * (1.0 + s.erf(x * math.sqrt(0.5))) + x * density,)


gelu = ElementwiseOp(
    "gelu",
    _gelu,
    grads=_gelu_grad,
    doc="""Return ``x`` times the normal distribution function of ``x``.

    ``approximate="tanh"`` uses ``0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x³)))``.
    """,
)

__all__ = ["gelu"]
