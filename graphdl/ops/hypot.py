"""hypot."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp

INFINITY = float("inf")


def _share(x: s.Scalar, y: s.Scalar, r: s.Scalar) -> s.Scalar:
    """Return x / r, by the ratio of the operands where r is infinite or has overflowed."""
    far = s.sign(x) / s.hypot(1.0, y / x)
    near = s.select(s.equal(r, 0.0), 0.0, x / r)
    return s.select(s.equal(r, INFINITY), far, near)


hypot = ElementwiseOp(
    "hypot",
    s.hypot,
    grads=lambda x, y, r: (_share(x, y, r), _share(y, x, r)),
    doc="""Return ``√(x² + y²)`` without overflow of the squares; inf if either is infinite.

    The derivatives are ``x/r`` and ``y/r``, and 0 at the origin; at an infinite ``x`` they are its
    sign and 0, and NaN where both are infinite.

    Examples
    --------
    >>> import graphdl as gd
    >>> float(gd.interpret(gd.Graph(gd.hypot(3.0, 4.0)), {})["out"])
    5.0
    """,
)

__all__ = ["hypot"]
