"""Steps of random graphs: bits, division with remainder, comparisons of arrays."""

from __future__ import annotations

from collections.abc import Callable

from graphdl.ir.dtypes import int32, int64, uint8
from tests.codegen.random_builder import Builder, Known


def _pair(b: Builder) -> tuple[Known, Known]:
    """Return two integers that broadcast."""
    x = b.any(lambda k: k.node.dtype.is_integer) or b.leaf(b.shape(), int32)
    return x, b.leaf(x.node.shape, b.pick((uint8, int32, int64)))


def _bits(b: Builder) -> Known:
    x, y = _pair(b)
    if b.chance(25):
        return b.add(b.call(b.pick(("bitwise_not", "invert")), x.node), 2 * x.bound + 255, 0)
    name = b.pick(("bitwise_and", "bitwise_or", "bitwise_xor"))
    return b.add(b.call(name, x.node, y.node), 2 * max(x.bound, y.bound) + 1, 0)


def _shift(b: Builder) -> Known:
    x, y = _pair(b)
    name = b.pick(("left_shift", "right_shift"))
    return b.add(b.call(name, x.node, y.node & 3), 8 * x.bound, 0)


def _whole_power(b: Builder) -> Known:
    x, y = _pair(b)
    node = b.call("power", x.node & 3, y.node & 3)
    return b.add(node, 27.0, 0)


def _whole_division(b: Builder) -> Known:
    x, y = _pair(b)
    name = b.pick(("floor_divide", "mod", "remainder", "fmod", "divmod"))
    found = b.call(name, x.node, y.node)
    return b.add(found[0] if name == "divmod" else found, max(x.bound, y.bound) + 1, 0)


def _division_of_floats(b: Builder) -> Known:
    """Exact operands: quotients jump."""
    x, y = b.number(exact=True), b.pick((0.5, -0.75, 2.0, -1.5))
    name = b.pick(("floor_divide", "mod", "remainder", "fmod"))
    node = b.call(name, x.node, y)
    if name == "floor_divide":
        return b.add(node, 2 * x.bound + 1, 0)
    return b.add(node, 2.0, max(x.grain or 0, 2))


def _closeness(b: Builder) -> Known:
    x = b.number(exact=True)
    y = b.beside(x, exact=True)
    name = b.pick(("isclose", "allclose", "array_equal"))
    attrs = {} if name == "array_equal" else {"rtol": 0.0, "atol": 0.3}
    return b.add(b.call(name, x.node, y.node, **attrs), 1.0, 0)


STEPS: tuple[Callable[[Builder], Known], ...] = (
    _bits, _shift, _whole_power, _whole_division, _division_of_floats, _closeness,
)  # fmt: skip
