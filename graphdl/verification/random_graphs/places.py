"""Families of gathers, scatters and index updates."""

from __future__ import annotations

from typing import Any

from graphdl.ir.node import Node
from graphdl.verification.random_graphs.builder import Builder
from graphdl.verification.random_graphs.family import Family
from graphdl.verification.random_graphs.known import Known, finest


def _array(b: Builder) -> tuple[Known, int]:
    """Return numbers, and one of their axes."""
    x = b.array(3, number=True)
    return x, b.integer(0, x.node.ndim - 1)


def _same(b: Builder, x: Known, node: Node) -> Known:
    """Add what shows elements of ``x``."""
    return b.add(node, x.high, x.grain, x.low)


def _gather(b: Builder, name: str) -> Known:
    x, axis = _array(b)
    if name == "embedding":
        x, axis = b.leaf((b.axis(), b.axis()), b.flavour), 0
    shape = b.shape(2 if x.node.ndim < 3 else 1)
    rest = [s for i, s in enumerate(x.node.shape) if i != axis]
    if not b.fits([*rest, *shape]):
        shape = ()
    index = b.index(shape, x.node.shape[axis])
    if name == "embedding":
        return _same(b, x, b.call(name, x.node, index))
    return _same(b, x, b.call(name, x.node, index, axis))


def _along(b: Builder, name: str) -> Known:
    x, axis = _array(b)
    shape = [b.axis() if i == axis else s for i, s in enumerate(x.node.shape)]
    if not b.fits(shape):
        shape[axis] = 1
    index = b.index(shape, x.node.shape[axis])
    if name == "take_along_axis":
        return _same(b, x, b.call(name, x.node, index, axis))
    value = b.leaf((), x.node.dtype)
    node = b.call(name, x.node, index, value.node, axis)
    return b.add(node, max(x.bound, value.bound), finest(x, value))


def _brackets(b: Builder, name: str) -> Known:
    """Two index arrays where there are two axes, side by side or apart."""
    x, _ = _array(b)
    items: list[Any] = [slice(None, None, b.pick((1, -1))) for _ in x.node.shape]
    shape = b.shape(1)
    for axis in {b.integer(0, x.node.ndim - 1), b.integer(0, x.node.ndim - 1)}:
        items[axis] = b.index(shape, x.node.shape[axis])
    rest = [s for s, i in zip(x.node.shape, items, strict=True) if isinstance(i, slice)]
    return _same(b, x, x.node[tuple(items)] if b.fits([*rest, *shape]) else x.node)


def _scatter(b: Builder, name: str) -> Known:
    """Updates that meet; what jumps where rounding differs takes exact numbers only."""
    chosen = "_max" in name or "_min" in name
    x = b.array(3, number=True, exact=chosen)
    axis = b.integer(0, x.node.ndim - 1)
    target, size = b.integer(1, 9), x.node.shape[axis]
    index = b.index(x.node.shape if name.endswith("_axis") else [size], target)
    shape = [target if i == axis else s for i, s in enumerate(x.node.shape)]
    base = b.leaf(shape, x.node.dtype)
    node = b.call(name, x.node, index, axis=axis, base=base.node)
    return b.add(node, base.bound + x.bound * b.extent(size), finest(base, x))


def _update(b: Builder, name: str) -> Known:
    """A part of an array changed: a slice, or what lies at repeated places of one."""
    x = b.array(3, number=True, exact=name in ("index_max", "index_min"))
    items: list[Any] = [slice(None, None, b.pick((1, 2, -1))) for _ in x.node.shape]
    if b.chance(60):
        axis = b.integer(0, x.node.ndim - 1)
        items[axis] = b.index(b.shape(1), x.node.shape[axis])
    part = x.node[tuple(items)]
    if not b.fits(part.shape):
        return _same(b, x, x.node)
    value = b.leaf(part.shape[b.integer(0, part.ndim) :], x.node.dtype)
    node = b.call(name, x.node, tuple(items), value.node)
    return b.add(node, x.bound + value.bound * b.extent(*part.shape), finest(x, value))


_COMBINES = ("scatter_add", "scatter_max", "scatter_min", "scatter_set")

FAMILIES = (
    Family(_gather, ("embedding", "gather", "take")),
    Family(_along, ("put_along_axis", "take_along_axis")),
    Family(_brackets, ("",)),
    Family(_scatter, (*_COMBINES, *(f"{name}_along_axis" for name in _COMBINES)), 2),
    Family(_update, ("index_add", "index_max", "index_min", "index_update")),
)
