"""real_power."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp


def _real_grad(x: s.Scalar, p: s.Scalar, y: s.Scalar) -> tuple[s.Scalar, s.Scalar]:
    """Only where 0 meets infinity is the limit put in: elsewhere both stay differentiable."""
    zero = s.equal(x, 0.0)
    slope = s.select(s.logical_and(zero, s.equal(p, 0.0)), 0.0, p * s.power(x, p - 1.0))
    growth = s.select(s.logical_and(zero, p >= 0.0), 0.0, y * s.log(x))
    return slope, growth


real_power = ElementwiseOp(
    "real_power",
    s.power,
    grads=_real_grad,
    doc="""Return ``x ** p`` for real ``p``; NaN where ``x < 0`` and ``p`` is no integer.

    The derivatives are ``p·xᵖ⁻¹`` and ``xᵖ·log(x)``, and their limit 0 where ``x`` and ``p`` are 0,
    and where ``x`` is 0 and ``p ≥ 0``. By the exponent of a negative base there is none: NaN.

    Examples
    --------
    >>> import graphdl as gd
    >>> float(gd.interpret(gd.Graph(gd.real_power(4.0, 1.5)), {})["out"])
    8.0
    """,
)


__all__ = ["real_power"]
