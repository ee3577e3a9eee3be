"""Powers: small integer exponents by multiplication, any others by pow."""

from __future__ import annotations

from typing import Any

from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp
from graphdl.ir.node import Node, operators
from graphdl.ops.sqrt import sqrt


def _repeated(x: s.Scalar, *, n: int) -> s.Scalar:
    """Multiply by squaring; a negative exponent takes the reciprocal at the end."""
    result, base, rest = None, x, abs(n)
    while rest:
        if rest & 1:
            result = base if result is None else result * base
        rest >>= 1
        base = base * base if rest else base
    result = s.constant(1.0) if result is None else result
    return 1.0 / result if n < 0 else result


def _repeated_grad(x: s.Scalar, y: s.Scalar, *, n: int) -> tuple[s.Scalar | None]:
    return (None,) if n == 0 else (float(n) * _repeated(x, n=n - 1),)


integer_power = ElementwiseOp(
    "integer_power",
    _repeated,
    grads=_repeated_grad,
    doc="Return ``x`` to a fixed integer power ``n``, by repeated multiplication.",
)
real_power = ElementwiseOp(
    "real_power",
    s.power,
    grads=lambda x, p, y: (p * s.power(x, p - 1.0), y * s.log(x)),
    doc="Return ``x ** p`` for real ``p``; NaN where ``x < 0`` and ``p`` is no integer.",
)


def power(x: Any, exponent: Any) -> Node:
    """Return ``x ** exponent``.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", (2,))
    >>> gd.interpret(gd.Graph(x**3), {"x": [2.0, -1.0]})["out"].tolist()
    [8.0, -1.0]
    """
    if isinstance(exponent, (int, float)) and not isinstance(x, (int, float)):
        if float(exponent).is_integer() and abs(exponent) <= 64:
            result: Node = integer_power(x, n=int(exponent))
            return result
        if exponent == 0.5:
            return sqrt(x)  # type: ignore[no-any-return]
    return real_power(x, exponent)  # type: ignore[no-any-return]


def square(x: Any) -> Node:
    """Return ``x * x``."""
    return integer_power(x, n=2)  # type: ignore[no-any-return]


operators["pow"] = power

__all__ = ["integer_power", "power", "real_power", "square"]
