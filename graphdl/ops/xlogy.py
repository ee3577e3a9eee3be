"""xlogy: the term of an entropy."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp


def _slope(x: s.Scalar, y: s.Scalar) -> s.Scalar:
    both = s.logical_and(s.equal(x, 0.0), s.equal(y, 0.0))
    return s.select(both, 0.0, x / y)


xlogy = ElementwiseOp(
    "xlogy",
    lambda x, y: s.select(s.logical_and(s.equal(x, 0.0), s.equal(y, y)), 0.0, x * s.log(y)),
    grads=lambda x, y, z: (s.log(y), _slope(x, y)),
    doc="""Return ``x · log(y)``, and 0 where ``x`` is 0, whatever ``y`` is except NaN.

    The derivatives are ``log(y)``, -inf at ``y = 0``, and ``x / y``, 0 where both are 0.

    Examples
    --------
    >>> import graphdl as gd
    >>> float(gd.interpret(gd.Graph(gd.xlogy(0.0, 0.0)), {})["out"])
    0.0
    """,
)

__all__ = ["xlogy"]
