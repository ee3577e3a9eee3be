"""logaddexp."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp


def _value(x: s.Scalar, y: s.Scalar) -> s.Scalar:
    """Add to the larger one what the other contributes; equal infinities have no difference."""
    distance = s.select(s.equal(x, y), 0.0, abs(x - y))
    return s.maximum(x, y) + s.log1p(s.exp(-distance))


def _share(x: s.Scalar, y: s.Scalar) -> s.Scalar:
    alike = s.logical_and(s.equal(x, y), s.isinf(x))
    return s.select(alike, 0.5, s.sigmoid(x - y))


logaddexp = ElementwiseOp(
    "logaddexp",
    _value,
    grads=lambda x, y, z: (_share(x, y), _share(y, x)),
    doc="""Return ``log(exp(x) + exp(y))``, finite for all finite operands.

    -inf is the logarithm of nothing: ``logaddexp(-inf, y)`` is ``y``. The derivatives are
    ``σ(x - y)`` and ``σ(y - x)``, 1/2 each at two equal infinities.

    Examples
    --------
    >>> import graphdl as gd
    >>> round(float(gd.interpret(gd.Graph(gd.logaddexp(1000.0, 1000.0)), {})["out"]), 3)
    1000.693
    """,
)

__all__ = ["logaddexp"]
