"""whole_power: what gd.power is for integer arrays."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp


def _by_bits(x: s.Scalar, y: s.Scalar, *, bits: int = 8) -> s.Scalar:
    """Multiply the squares x, x², x⁴ ... whose bits are set in the exponent."""
    result: s.Scalar = s.select(y < 0, 0, 1)
    for bit in range(bits):
        is_set = s.not_equal(s.bitwise_and(y, 1 << bit), 0)
        result = s.select(is_set, result * x, result)
        x = x * x
    return result


whole_power = ElementwiseOp(
    "whole_power",
    _by_bits,
    accepts="integer",
    doc="""Return integers to integer powers, by the lowest ``bits`` of the exponent; 0 below 0.""",
)

__all__: list[str] = []
