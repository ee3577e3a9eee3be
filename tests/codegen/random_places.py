"""Gathers, scatters and index updates as steps of random graphs."""

from __future__ import annotations

from graphdl.ir.dtypes import bool_
from tests.codegen.random_builder import LARGEST, Builder, Known, max_grain


def indexed(b: Builder) -> Known:
    """Read or change an array at places that are inputs or computed."""
    x = b.any(lambda k: 0 < k.node.ndim < 4 and k.node.dtype is not bool_)
    x = x or b.leaf((b.pick(b.axes), b.pick(b.axes)), b.flavour)
    axis = b.integer(0, x.node.ndim - 1)
    size = x.node.shape[axis]
    name = b.pick(
        ("gather", "take", "take_along_axis", "scatter", "along", "along", "brackets", "update")
    )
    along = [b.pick(b.axes) if i == axis else s for i, s in enumerate(x.node.shape)]
    if name in ("gather", "take"):
        shape = b.shape(2 if x.node.ndim < 3 else 1)
        rest = [s for i, s in enumerate(x.node.shape) if i != axis]
        if b.elements([*rest, *shape]) > LARGEST:
            shape = ()
        if x.node.ndim == 2 and axis == 0 and name == "gather" and b.chance(50):
            return b.add(b.call("embedding", x.node, b.index(shape, size)), x.bound, x.grain)
        return b.add(b.call(name, x.node, b.index(shape, size), axis), x.bound, x.grain)
    if name == "take_along_axis":
        if b.elements(along) > LARGEST:
            along[axis] = 1
        if b.chance(30):
            value, at = b.leaf((), x.node.dtype), b.index(along, size)
            node = b.call("put_along_axis", x.node, at, value.node, axis)
            return b.add(node, max(x.bound, value.bound), max_grain(x, value))
        return b.add(b.call(name, x.node, b.index(along, size), axis), x.bound, x.grain)
    if name == "brackets":
        return _bracketed(b, x)
    return _updated(b, x, axis) if name == "update" else _scattered(b, x, axis, name == "along")


def _bracketed(b: Builder, x: Known) -> Known:
    """Two index arrays where there are two axes, side by side or apart."""
    items: list[object] = [slice(None, None, b.pick((1, -1))) for _ in x.node.shape]
    shape = b.shape(1)
    for axis in {b.integer(0, x.node.ndim - 1), b.integer(0, x.node.ndim - 1)}:
        items[axis] = b.index(shape, x.node.shape[axis])
    rest = [s for s, i in zip(x.node.shape, items, strict=True) if isinstance(i, slice)]
    if b.elements([*rest, *shape]) > LARGEST:
        return b.add(x.node, x.bound, x.grain)
    return b.add(x.node[tuple(items)], x.bound, x.grain)


def _scattered(b: Builder, x: Known, axis: int, along: bool) -> Known:
    """Updates that meet; what jumps where rounding differs takes exact numbers only."""
    combine = b.pick(("add", "set", "max", "min")) if x.exact else b.pick(("add", "set"))
    target, count = b.integer(1, 9), max(b.elements([x.node.shape[axis]]), 1)
    index = b.index(x.node.shape if along else [x.node.shape[axis]], target)
    shape = [target if i == axis else s for i, s in enumerate(x.node.shape)]
    base = b.leaf(shape, x.node.dtype)
    name = f"scatter_{combine}{'_along_axis' if along else ''}"
    node = b.call(name, x.node, index, axis=axis, base=base.node)
    return b.add(node, base.bound + x.bound * count, max_grain(base, x))


def _updated(b: Builder, x: Known, axis: int) -> Known:
    """A part of an array changed: a slice, or what lies at repeated places of one."""
    items: list[object] = [slice(None, None, b.pick((1, 2, -1))) for _ in x.node.shape]
    if b.chance(60):
        items[axis] = b.index(b.shape(1), x.node.shape[axis])
    part = x.node[tuple(items)]
    if b.elements(part.shape) > LARGEST:
        return b.add(x.node, x.bound, x.grain)
    value = b.leaf(part.shape[b.integer(0, part.ndim) :], x.node.dtype)
    name = b.pick(("index_add", "index_update", "index_max", "index_min"))
    if not x.exact and name in ("index_max", "index_min"):
        name = "index_update"
    count = max(b.elements(part.shape), 1)
    node = b.call(name, x.node, tuple(items), value.node)
    return b.add(node, x.bound + value.bound * count, max_grain(x, value))
