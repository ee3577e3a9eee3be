"""What elementwise functions must give: in double precision for C, and in mpmath.

The text for C is right to far more digits than a float32 has, at every float32, infinities too. The
function for mpmath is right to as many digits as it is told to keep, at all finite points of the
domain; outside it raises, or its result is no real number.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np

import graphdl as gd
from graphdl.ir.node import Node

ROUNDED, PRIMITIVE, COMPOSITE = 0.5, 2.0, 4.0
"""Units in the last place that a result may be off: of what is exact but for its rounding, of one
instruction, of several."""

Points = Callable[[np.ndarray], np.ndarray]


def _nowhere(k: np.ndarray) -> np.ndarray:
    return k[:0] * 1.0


@dataclass(frozen=True)
class Truth:
    """A function of one float and what it must give.

    Attributes
    ----------
    call : callable
        Applies the function to a node.
    c : str
        The value as C, of the double ``x``.
    precise : callable
        The value as mpmath's number, of such a number.
    bound : float
        Units in the last place that the function may be off.
    hard : callable
        From whole numbers to points near which it is hard: its zeros, say.
    by_size : bool
        Whether units are never smaller than that of 1: so near a zero no digits are promised.
    """

    call: Callable[[Node], Node]
    c: str
    precise: Callable[[Any], Any]
    bound: float
    hard: Points = _nowhere
    by_size: bool = False


def _logistic(x: Any) -> Any:
    return 1 / (1 + mpmath.exp(-x))


def _softplus(x: Any) -> Any:
    return max(x, 0) + mpmath.log1p(mpmath.exp(-abs(x)))


def mish(x: Any) -> Any:
    """Return mish as mpmath's number: also where ``exp(x)`` is huge."""
    e = mpmath.exp(-abs(x))  # in powers of what is at most 1
    share = (1 + 2 * e) / (1 + 2 * e + 2 * e * e) if x > 0 else e * (e + 2) / (e * (e + 2) + 2)
    return x * share


def _erfc(x: Any) -> Any:
    return mpmath.erfc(x) if x < 1000 else mpmath.mpf(0)


def _gelu_by_tanh(x: Any) -> Any:
    factor = mpmath.sqrt(8 / mpmath.pi)
    return x * _logistic(factor * (x + mpmath.mpf("0.044715") * x**3))


def _selu(x: Any) -> Any:
    scale = mpmath.mpf("1.0507009873554804934193349852946")
    alpha = mpmath.mpf("1.6732632423543772848170429916717")
    return scale * x if x > 0 else scale * alpha * mpmath.expm1(x)


def _elu(x: Any, alpha: str) -> Any:
    return x if x > 0 else mpmath.mpf(alpha) * mpmath.expm1(x)


def _celu(x: Any, alpha: str) -> Any:
    return x if x > 0 else mpmath.mpf(alpha) * mpmath.expm1(x / mpmath.mpf(alpha))


def _lgamma(x: Any) -> Any:
    return mpmath.log(abs(mpmath.gamma(x))) if abs(x) < 100 else mpmath.re(mpmath.loggamma(x))


def _clipped(x: Any, low: Any, high: Any) -> Any:
    return min(max(x, low), high)


def _tail(c: str) -> str:
    """Return the C text of a function that goes to 0 from below at -inf."""
    return f"x == -INFINITY ? -0.0 : {c}"


def _instruction(name: str, c: str, precise: Callable[[Any], Any], **more: Any) -> Truth:
    given = {"bound": PRIMITIVE, **more}
    return Truth(getattr(gd, name), c, precise, **given)


def _composite(
    call: Callable[..., Node], c: str, precise: Callable[[Any], Any], **more: Any
) -> Truth:
    return Truth(call, c, precise, COMPOSITE, **more)


def _exact(name: str, c: str, precise: Callable[[Any], Any]) -> Truth:
    return Truth(getattr(gd, name), c, precise, ROUNDED)


def _quarter_turns(k: np.ndarray) -> np.ndarray:
    return k * (np.pi / 2)


def _poles(k: np.ndarray) -> np.ndarray:
    return -np.abs(k) * 0.5


TRUTHS: dict[str, Truth] = {
    "exp": _instruction("exp", "exp(x)", mpmath.exp),
    "exp2": _instruction("exp2", "exp2(x)", lambda x: mpmath.power(2, x)),
    "expm1": _instruction("expm1", "expm1(x)", mpmath.expm1),
    "log": _instruction("log", "log(x)", mpmath.log),
    "log2": _instruction("log2", "log2(x)", lambda x: mpmath.log(x) / mpmath.log(2)),
    "log10": _instruction("log10", "log10(x)", mpmath.log10),
    "log1p": _instruction("log1p", "log1p(x)", mpmath.log1p),
    "cbrt": _instruction("cbrt", "cbrt(x)", lambda x: mpmath.sign(x) * mpmath.cbrt(abs(x))),
    "sigmoid": _instruction(
        "sigmoid", "x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x))", _logistic
    ),
    "tanh": _instruction("tanh", "tanh(x)", mpmath.tanh),
    "erf": _instruction("erf", "erf(x)", mpmath.erf),
    "erfc": _instruction("erfc", "erfc(x)", _erfc),
    "sin": _instruction("sin", "sin(x)", mpmath.sin, hard=_quarter_turns),
    "cos": _instruction("cos", "cos(x)", mpmath.cos, hard=_quarter_turns),
    "tan": _instruction("tan", "tan(x)", mpmath.tan, hard=_quarter_turns),
    "asin": _instruction("asin", "asin(x)", mpmath.asin),
    "acos": _instruction("acos", "acos(x)", mpmath.acos),
    "atan": _instruction("atan", "atan(x)", mpmath.atan),
    "sinh": _instruction("sinh", "sinh(x)", mpmath.sinh),
    "cosh": _instruction("cosh", "cosh(x)", mpmath.cosh),
    "asinh": _instruction("asinh", "asinh(x)", mpmath.asinh),
    "acosh": _instruction("acosh", "acosh(x)", mpmath.acosh),
    "atanh": _instruction("atanh", "atanh(x)", mpmath.atanh),
    "lgamma": _instruction("lgamma", "lgamma(x)", _lgamma, by_size=True, hard=_poles),
    "digamma": _instruction(
        "digamma", "true_digamma(x)", mpmath.digamma, by_size=True, hard=_poles
    ),
    "abs": _exact("abs", "fabs(x)", abs),
    "negative": _exact("negative", "-x", lambda x: -x),
    "sign": _exact("sign", "x > 0 ? 1 : x < 0 ? -1 : fabs(x)", mpmath.sign),
    "sqrt": _exact("sqrt", "sqrt(x)", mpmath.sqrt),
    "floor": _exact("floor", "floor(x)", mpmath.floor),
    "ceil": _exact("ceil", "ceil(x)", mpmath.ceil),
    "trunc": _exact("trunc", "trunc(x)", lambda x: mpmath.sign(x) * mpmath.floor(abs(x))),
    "rint": _exact("rint", "rint(x)", mpmath.nint),
    "relu": _exact("relu", "x > 0 || isnan(x) ? x : 0", lambda x: max(x, 0)),
    "relu6": _exact("relu6", "x > 6 ? 6 : x > 0 || isnan(x) ? x : 0", lambda x: _clipped(x, 0, 6)),
    "hard_tanh": _exact("hard_tanh", "x > 1 ? 1 : x < -1 ? -1 : x", lambda x: _clipped(x, -1, 1)),
    "step": _exact("step", "isnan(x) ? x : x >= 0", lambda x: mpmath.mpf(x >= 0)),
    "square": _exact("square", "x * x", lambda x: x * x),
    "reciprocal": _exact("reciprocal", "1 / x", lambda x: 1 / x),
    "leaky_relu": _composite(
        gd.leaky_relu, "x > 0 ? x : 0.01 * x", lambda x: x if x > 0 else mpmath.mpf("0.01") * x
    ),
    "rsqrt": _composite(gd.rsqrt, "1 / sqrt(x)", lambda x: 1 / mpmath.sqrt(x)),
    "silu": _composite(gd.silu, _tail("x / (1 + exp(-x))"), lambda x: x * _logistic(x)),
    "mish": _composite(
        gd.mish, _tail("x > 40 ? x : x * tanh(log1p(exp(x)))"), mish
    ),
    "gelu": _composite(
        gd.gelu,
        _tail("0.5 * x * erfc(x * -0.70710678118654752440)"),
        lambda x: x * _erfc(-x / mpmath.sqrt(2)) / 2,
    ),
    "gelu by tanh": _composite(
        lambda x: gd.gelu(x, approximate="tanh"),
        _tail("x / (1 + exp(-1.5957691216057307117 * (x + 0.044715 * x * x * x)))"),
        _gelu_by_tanh,
    ),
    "softplus": _composite(gd.softplus, "(x > 0 ? x : 0) + log1p(exp(-fabs(x)))", _softplus),
    "softplus 2.5": _composite(
        lambda x: gd.softplus(x, beta=2.5),
        "(x > 0 ? x : 0) + log1p(exp(-2.5 * fabs(x))) / 2.5",
        lambda x: _softplus(mpmath.mpf("2.5") * x) / mpmath.mpf("2.5"),
    ),
    "log_sigmoid": _composite(
        gd.log_sigmoid, "(x < 0 ? x : 0) - log1p(exp(-fabs(x)))", lambda x: -_softplus(-x)
    ),
    "elu": _composite(gd.elu, "x > 0 ? x : expm1(x)", lambda x: _elu(x, "1")),
    "elu 0.4": _composite(
        lambda x: gd.elu(x, alpha=0.4), "x > 0 ? x : 0.4 * expm1(x)", lambda x: _elu(x, "0.4")
    ),
    "selu": _composite(
        gd.selu,
        "x > 0 ? 1.0507009873554804934 * x : 1.7580993408473768599 * expm1(x)",
        _selu,
    ),
    "celu": _composite(gd.celu, "x > 0 ? x : expm1(x)", lambda x: _celu(x, "1")),
    "celu 0.4": _composite(
        lambda x: gd.celu(x, alpha=0.4),
        "x > 0 ? x : 0.4 * expm1(x / 0.4)",
        lambda x: _celu(x, "0.4"),
    ),
    "softsign": _composite(
        gd.softsign, "isinf(x) ? copysign(1, x) : x / (1 + fabs(x))", lambda x: x / (1 + abs(x))
    ),
    "hard_sigmoid": _composite(
        gd.hard_sigmoid,
        "x >= 3 ? 1 : x <= -3 ? 0 : (x + 3) / 6",
        lambda x: _clipped(x + 3, 0, 6) / 6,
    ),
    "hard_swish": _composite(
        gd.hard_swish,
        "x >= 3 ? x : x <= -3 ? -0.0 : x * ((x + 3) / 6)",
        lambda x: x * (_clipped(x + 3, 0, 6) / 6),
    ),
}  # fmt: skip
"""All elementwise functions of one float, by name and variant."""


@dataclass(frozen=True)
class Pair:
    """A function of two floats, what it must give, and where it is tried.

    Attributes
    ----------
    call : callable
        Applies the function to two nodes.
    precise : callable
        The value as mpmath's number, of two such numbers.
    points : callable
        From a generator and a number to so many values of both operands.
    bound, by_size
        As for :class:`Truth`.
    """

    call: Callable[[Node, Node], Node]
    precise: Callable[[Any, Any], Any]
    points: Callable[[np.random.Generator, int], tuple[np.ndarray, np.ndarray]]
    bound: float = PRIMITIVE
    by_size: bool = False


def _sizes(rng: np.random.Generator, count: int, most: float) -> np.ndarray:
    """Return numbers of both signs whose logarithm is uniform."""
    return np.exp(rng.uniform(-most, most, count)) * rng.choice([-1.0, 1.0], count)


def _polygamma(order: int) -> Pair:
    """Return the order as an operand that is not used: it is an attribute."""
    return Pair(
        lambda n, x: gd.polygamma(order, x),
        lambda n, x: mpmath.psi(order, x),
        lambda rng, n: (np.zeros(n), rng.uniform(-4.0, 12.0, n)),
        by_size=True,
    )


PAIRS: dict[str, Pair] = {
    "atan2": Pair(
        gd.atan2, mpmath.atan2, lambda rng, n: (_sizes(rng, n, 80.0), _sizes(rng, n, 80.0))
    ),
    "hypot": Pair(
        gd.hypot, mpmath.hypot, lambda rng, n: (_sizes(rng, n, 80.0), _sizes(rng, n, 80.0))
    ),
    "power": Pair(
        gd.power,
        mpmath.power,
        lambda rng, n: (np.abs(_sizes(rng, n, 3.0)), rng.uniform(-25.0, 25.0, n)),
    ),
    **{f"polygamma {n}": _polygamma(n) for n in (1, 2, 4)},
}
"""Functions of two floats."""
