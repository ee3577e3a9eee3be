"""integer_power."""

from __future__ import annotations

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp


def _repeated(x: s.Scalar, *, n: int) -> s.Scalar:
    """Multiply by squaring; a negative exponent takes the reciprocal at the end, of a float."""
    result, base, rest = None, x * 1.0 if n < -1 else x, abs(n)
    while rest:
        if rest & 1:
            result = base if result is None else result * base
        rest >>= 1
        base = base * base if rest else base
    result = s.constant(1) if result is None else result
    return 1.0 / result if n < 0 else result


def _repeated_grad(x: s.Scalar, y: s.Scalar, *, n: int) -> tuple[s.Scalar | None]:
    """Divide where n is negative: one more power could overflow where the derivative doesn't."""
    if n == 0:
        return (None,)
    return (float(n) * (y / x if n < 0 else _repeated(x, n=n - 1)),)


integer_power = ElementwiseOp(
    "integer_power",
    _repeated,
    grads=_repeated_grad,
    accepts="number",
    doc="""Return ``x`` to a fixed integer power ``n``, by repeated multiplication.

    Integers stay integers and wrap; with a negative ``n`` they become float32. ``x⁰`` is 1 and its
    derivative 0, also at 0, infinities and NaN.

    Examples
    --------
    >>> import graphdl as gd
    >>> float(gd.interpret(gd.Graph(gd.integer_power(-2.0, n=3)), {})["out"])
    -8.0
    """,
)


__all__ = ["integer_power"]
