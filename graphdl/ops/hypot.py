"""hypot."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp


def _share(x: s.Scalar, r: s.Scalar) -> s.Scalar:
    return s.select(s.equal(r, 0.0), 0.0, x / r)


hypot = ElementwiseOp(
    "hypot",
    s.hypot,
    grads=lambda x, y, r: (_share(x, r), _share(y, r)),
    doc="""Return ``√(x² + y²)`` without overflow of the squares; inf if either is infinite.

    The derivatives are ``x/r`` and ``y/r``, and 0 at the origin.

    Examples
    --------
    >>> import graphdl as gd
    >>> float(gd.interpret(gd.Graph(gd.hypot(3.0, 4.0)), {})["out"])
    5.0
    """,
)

__all__ = ["hypot"]
