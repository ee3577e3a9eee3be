"""Families on integers: bits, shifts, powers, division with remainder."""

from __future__ import annotations

from graphdl.ir.dtypes import int32, int64, uint8
from graphdl.verification.random_graphs.builder import Builder
from graphdl.verification.random_graphs.family import Family
from graphdl.verification.random_graphs.known import Known


def _pair(b: Builder) -> tuple[Known, Known]:
    """Return two arrays of integers that broadcast."""
    x = b.any(lambda k: k.node.dtype.is_integer) or b.leaf(b.shape(), int32)
    return x, b.leaf(x.node.shape, b.pick((uint8, int32, int64)))


def _bits(b: Builder, name: str) -> Known:
    x, y = _pair(b)
    return b.add(b.call(name, x.node, y.node), 2 * max(x.bound, y.bound) + 1, 0)


def _inverted(b: Builder, name: str) -> Known:
    x, _ = _pair(b)
    return b.add(b.call(name, x.node), 2 * x.bound + 255, 0)


def _shift(b: Builder, name: str) -> Known:
    x, y = _pair(b)
    return b.add(b.call(name, x.node, y.node & 3), 8 * x.bound, 0)


def _power(b: Builder, name: str) -> Known:
    """Whole powers of integers, and powers of floats."""
    if b.chance(50):
        x, y = _pair(b)
        return b.add(b.call(name, x.node & 3, y.node & 3), 27.0, 0, 0.0)
    base = b.positive()
    node = b.call(name, base.node, b.pick((0.5, -0.5, 1.5, 2.0, -1.0)))
    return b.add(node, max(base.bound, 2.0) ** 2, None, 0.0)


def _division(b: Builder, name: str) -> Known:
    """Of integers, and now and then by 0."""
    x, y = _pair(b)
    found = b.call(name, x.node, y.node)
    return b.add(found[0] if name == "divmod" else found, max(x.bound, y.bound) + 1, 0)


FAMILIES = (
    Family(_bits, ("bitwise_and", "bitwise_or", "bitwise_xor")),
    Family(_inverted, ("bitwise_not", "invert")),
    Family(_shift, ("left_shift", "right_shift")),
    Family(_power, ("power",)),
    Family(_division, ("divmod", "floor_divide", "fmod", "mod", "remainder")),
)
