"""What slopes are written with, so that they have slopes themselves at ends and infinities."""

from __future__ import annotations

import math

from graphdl.ir import scalar as s


def one_minus_square(x: s.Scalar) -> s.Scalar:
    """Return ``1 - x²`` without cancellation.

    At ±1 it is written such that its derivative is one number: the derivative of the product would
    be an infinite cotangent times 0.
    """
    square = x * x
    return s.select(square < 1.0, (1.0 - x) * (1.0 + x), 1.0 - square)


def vanishing(x: s.Scalar, slope: s.Scalar) -> s.Scalar:
    """Return a slope that is 0 at ±inf, and constant there: not 0 times infinity."""
    return s.select(s.equal(s.absolute(x), math.inf), 0.0, slope)


__all__: list[str] = []
