"""atan2."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp

INFINITY = float("inf")


def _atan2_grad(y: s.Scalar, x: s.Scalar, z: s.Scalar) -> tuple[s.Scalar, s.Scalar]:
    """Divide twice by r: x² + y² may overflow where the slope does not."""
    r = s.hypot(y, x)
    nowhere = s.logical_or(s.equal(r, 0.0), s.equal(r, INFINITY))
    return s.select(nowhere, 0.0, x / r / r), s.select(nowhere, 0.0, -(y / r / r))


atan2 = ElementwiseOp(
    "atan2",
    s.atan2,
    grads=_atan2_grad,
    doc="""Return the angle in ``[-π, π]`` of the point ``x`` high and ``y`` wide.

    The height comes first, as in NumPy's arctan2, and signs of zeros and infinities count as there.
    With ``r² = x² + y²`` the derivatives are ``y/r²`` and ``-x/r²``, computed without overflow;
    at the origin and at infinity they are 0.

    Examples
    --------
    >>> import graphdl as gd
    >>> round(float(gd.interpret(gd.Graph(gd.atan2(1.0, -1.0)), {})["out"]), 6)
    2.356194
    """,
)


__all__ = ["atan2"]
