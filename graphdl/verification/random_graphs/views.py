"""Families that show the same elements in another shape or order."""

from __future__ import annotations

from typing import Any

from graphdl.ir.dims import Size
from graphdl.ir.node import Node
from graphdl.verification.random_graphs.builder import Builder
from graphdl.verification.random_graphs.family import Family
from graphdl.verification.random_graphs.known import Known
from graphdl.verification.random_graphs.reductions import some_axes


def seen(b: Builder, x: Known, node: Node) -> Known:
    """Add what shows elements of ``x``, unless none are left or they are too many."""
    return b.add(
        node if 0 not in node.shape and b.fits(node.shape) else x.node, x.high, x.grain, x.low
    )


def _anything(b: Builder) -> Known:
    return b.any() or b.leaf(b.shape())


def _transpose(b: Builder, name: str) -> Known:
    x = _anything(b)
    order = sorted(range(x.node.ndim), key=lambda _: b.integer(0, 999))
    return seen(b, x, b.call(name, x.node, order))


def _reshape(b: Builder, name: str) -> Known:
    x = _anything(b)
    return seen(b, x, b.call(name, x.node, _other_shape(b, x.node)))


def _other_shape(b: Builder, x: Node) -> list[Size]:
    """Merge neighbouring axes, or split one, or insert axes of size 1."""
    shape: list[Size] = list(x.shape)
    for _ in range(b.integer(1, 2)):
        place = b.integer(0, len(shape))
        sort = b.integer(0, 2)
        size = shape[place] if place < len(shape) else 1
        if sort == 0 and place + 1 < len(shape):
            shape[place : place + 2] = [shape[place] * shape[place + 1]]
        elif sort == 1 and isinstance(size, int):
            parts = [d for d in range(2, size) if size % d == 0]
            if parts and len(shape) < 4:
                part = b.pick(parts)
                shape[place : place + 1] = [part, size // part]
        elif len(shape) < 4:
            shape.insert(place, 1)
    return shape


def _expand_dims(b: Builder, name: str) -> Known:
    x = b.any(lambda k: k.node.ndim < 4) or b.leaf(b.shape())
    return seen(b, x, b.call(name, x.node, b.integer(0, x.node.ndim)))


def _flatten(b: Builder, name: str) -> Known:
    x = b.array()
    if name == "ravel":
        return seen(b, x, b.call(name, x.node))
    return seen(b, x, b.call(name, x.node, b.integer(0, x.node.ndim - 1)))


def _broadcast(b: Builder, name: str) -> Known:
    x = b.any(lambda k: k.node.ndim < 4) or b.leaf(b.shape())
    if name == "broadcast_arrays":
        return seen(b, x, b.call(name, x.node, b.beside(x).node)[0])
    shape = (b.axis(), *(b.axis() if s == 1 else s for s in x.node.shape))
    return seen(b, x, b.call(name, x.node, shape if b.fits(shape) else x.node.shape))


def _flip(b: Builder, name: str) -> Known:
    x = b.array()
    return seen(b, x, b.call(name, x.node, some_axes(b, x.node.ndim)))


def _turn(b: Builder, name: str) -> Known:
    """What swaps or turns two axes."""
    x = b.leaf((b.axis(), b.axis())) if b.chance(30) else b.array()
    rank = x.node.ndim
    axis, other = b.integer(-rank, rank - 1), b.integer(0, rank - 1)
    if name == "rot90":
        if axis % rank == other:
            return seen(b, x, b.call("flip", x.node, axis))
        return seen(b, x, b.call(name, x.node, b.integer(-1, 3), (axis, other)))
    return seen(b, x, b.call(name, x.node, axis, other))


def _mirror(b: Builder, name: str) -> Known:
    x = b.array()
    if x.node.ndim < 2:
        x = b.leaf((2, b.axis()))
    return seen(b, x, b.call(name, x.node))


def _roll(b: Builder, name: str) -> Known:
    x = b.array()
    axis = b.integer(0, x.node.ndim - 1) if b.chance(70) else None
    return seen(b, x, b.call(name, x.node, b.integer(-9, 9), axis))


def _squeeze(b: Builder, name: str) -> Known:
    x = _anything(b)
    return seen(b, x, b.call(name, x.node))


def _slice(b: Builder, name: str) -> Known:
    x = _anything(b)
    items: list[Any] = [_item(b, size) for size in x.node.shape]
    if b.chance(15) and x.node.ndim < 4:
        items.insert(b.integer(0, len(items)), None)
    return seen(b, x, x.node[tuple(items)])


def _item(b: Builder, size: Size) -> Any:
    sort, step = b.integer(0, 5), b.pick((1, 2, 3, -1, -1, -2))
    if isinstance(size, int) and sort >= 3:
        start, stop = sorted((b.integer(0, size - 1) if size else 0, b.integer(0, size)))
        if step > 0:
            return slice(start, stop + 1, step)
        return slice(stop, start - size - 1 if start == 0 else start - 1, step)
    if isinstance(size, int) and sort == 2 and size:
        return b.integer(-size, size - 1)
    if sort >= 4:
        b.require(size, 2)
        return b.pick((slice(1, None), slice(None, -1), slice(1, None, 2), 0, -1))
    return slice(None, None, step if sort == 1 else 1)


def _split(b: Builder, name: str) -> Known:
    x = b.array()
    axis = b.integer(0, x.node.ndim - 1)
    size = x.node.shape[axis]
    if name == "split" and isinstance(size, int):
        cuts: Any = sorted(b.integer(0, size) for _ in range(b.integer(0, 2)))
        return seen(b, x, b.pick(b.call(name, x.node, cuts, axis)))
    b.require(size, 3)
    return seen(b, x, b.pick(b.call("array_split", x.node, b.integer(1, 3), axis)))


FAMILIES = (
    Family(_transpose, ("transpose",)),
    Family(_reshape, ("reshape",)),
    Family(_expand_dims, ("expand_dims",)),
    Family(_flatten, ("flatten", "ravel")),
    Family(_broadcast, ("broadcast_arrays", "broadcast_to")),
    Family(_flip, ("flip",)),
    Family(_turn, ("moveaxis", "rot90", "swapaxes")),
    Family(_mirror, ("fliplr", "flipud")),
    Family(_roll, ("roll",)),
    Family(_squeeze, ("squeeze",)),
    Family(_slice, ("",), 2),
    Family(_split, ("array_split", "split")),
)
