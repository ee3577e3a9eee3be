"""Steps of random graphs through functions of floats and activations."""

from __future__ import annotations

from tests.codegen.random_builder import Builder, Known, max_grain

_ON_REALS = {
    "asinh": 2.0, "atan": 2.0, "cos": 1.0, "cosh": 11.0, "erfc": 2.0, "exp2": 8.0,
    "log_sigmoid": 4.0, "mish": 3.0, "silu": 3.0, "sin": 1.0, "sinh": 11.0, "softsign": 1.0,
    "swish": 3.0,
}  # fmt: skip
"""Functions that are smooth everywhere -> their largest size on [-3, 3]."""

_BELOW_ONE = {"acos": 3.0, "asin": 1.0, "atanh": 1.0, "tan": 1.0}
_OF_POSITIVE = ("cbrt", "digamma", "lgamma", "log10", "log2", "reciprocal", "rsqrt")
_OF_EXACT = {
    "celu": 0.0, "ceil": 1.0, "elu": 0.0, "floor": 1.0, "hard_sigmoid": 0.0, "hard_swish": 0.0,
    "hard_tanh": 0.0, "isfinite": 1.0, "isinf": 1.0, "nan_to_num": 0.0, "relu6": 0.0, "rint": 1.0,
    "round": 1.0, "selu": 1.0, "step": 1.0, "trunc": 1.0,
}  # fmt: skip
"""Functions with kinks and jumps -> what they may add to the size."""

_WHOLE = frozenset(["ceil", "floor", "isfinite", "isinf", "rint", "round", "step", "trunc"])


def _smooth(b: Builder) -> Known:
    name = b.pick(tuple(_ON_REALS))
    return b.add(b.call(name, b.real(3.0).node), _ON_REALS[name], None)


def _bounded(b: Builder) -> Known:
    """What has a domain between -1 and 1, or above 1."""
    if b.chance(25):
        x = b.positive()
        return b.add(b.call("acosh", x.node + 1.0), x.bound + 1.0, None)
    name = b.pick(tuple(_BELOW_ONE))
    return b.add(b.call(name, b.call("tanh", b.real(3.0).node) * 0.5), _BELOW_ONE[name], None)


def _positive(b: Builder) -> Known:
    x = b.positive()
    if b.chance(15):
        return b.add(b.call("polygamma", b.integer(0, 2), x.node), max(x.bound, 8.0) ** 3, None)
    return b.add(b.call(b.pick(_OF_POSITIVE), x.node), max(x.bound, 4.0) ** 2, None)


def _kinked(b: Builder) -> Known:
    x = b.number(exact=True)
    name = b.pick(tuple(_OF_EXACT))
    bound = 2 * x.bound + _OF_EXACT[name]
    return b.add(b.call(name, x.node), bound, 0 if name in _WHOLE else None)


def _binary(b: Builder) -> Known:
    x = b.positive()
    y = b.beside(x)
    name = b.pick(("atan2", "hypot", "logaddexp", "xlogy"))
    first, second = (x, y) if name == "hypot" else (y, x)
    node = b.call(name, first.node, second.node)
    return b.add(node, 4.0 + (x.bound + 1.0) * (y.bound + 1.0), None)


def _learned(b: Builder) -> Known:
    x = b.number(exact=True)
    slope = b.beside(x, exact=True)
    return b.add(b.call("prelu", x.node, slope.node), x.bound * max(slope.bound, 1.0), None)


def _gated(b: Builder) -> Known:
    x = b.any(lambda k: k.node.ndim < 4 and k.node.dtype.is_float and k.bound <= 3.0)
    x = x or b.add(b.call("tanh", b.leaf(b.shape(), b.flavour).node), 1.0, None)
    name = b.pick(("glu", "swiglu", "geglu"))
    pair = b.call("stack", [x.node, x.node * 0.5], 0)
    return b.add(b.call(name, pair, axis=0), 9.0, None)


def _pooled(b: Builder) -> Known:
    x = b.any(lambda k: k.exact and k.node.ndim < 4 and k.node.dtype.is_float)
    x = x or b.leaf(b.shape(), b.flavour)
    both = b.call("stack", [x.node, x.node + 1.0], -1)
    grain = max_grain(x, Known(x.node, 1.0, 0))
    return b.add(b.call("maxout", both, 2), x.bound + 1.0, grain)


STEPS = (_smooth, _smooth, _bounded, _positive, _kinked, _binary, _learned, _gated, _pooled)
