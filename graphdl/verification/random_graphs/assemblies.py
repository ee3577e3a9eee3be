"""Families that join, repeat and pad arrays, and take or make diagonals."""

from __future__ import annotations

from typing import Any

from graphdl.ir.dims import Dim
from graphdl.verification.random_graphs.builder import Builder
from graphdl.verification.random_graphs.family import Family
from graphdl.verification.random_graphs.known import Known, alike, at_least, finest, is_number
from graphdl.verification.random_graphs.views import seen


def _join(b: Builder, name: str) -> Known:
    x = b.array(3)
    others = [x]
    for _ in range(b.integer(1, 2) if b.elements(x.node.shape) < 1000 else 0):
        others.append(b.any(lambda k: alike(k.node, x.node)) or x)
    nodes = [k.node for k in others]
    axis = (b.integer(0, x.node.ndim - 1),) if name in ("concat", "stack") else ()
    node = b.call(name, nodes, *axis)
    return b.add(node, max(k.bound for k in others), finest(*others))


def _pad(b: Builder, name: str) -> Known:
    x = b.array(3)
    rank = x.node.ndim
    if b.chance(50):
        widths = [(b.integer(0, 2), b.integer(0, 2)) for _ in range(rank)]
        value = b.pick((0.0, 0.0, 1.0, -0.5)) if x.node.dtype.is_float else 0.0
        node = b.call(name, x.node, widths, constant_values=value)
        return seen(
            b, Known(x.node, min(x.low, -0.5), max(x.high, 1.0), at_least(x.grain, 1)), node
        )
    axis, mode = b.integer(0, rank - 1), b.pick(("edge", "reflect", "symmetric", "wrap"))
    if isinstance(x.node.shape[axis], Dim):
        b.require(x.node.shape[axis], 3)
    widths = [(b.integer(0, 5), b.integer(0, 2)) if a == axis else (0, 0) for a in range(rank)]
    return seen(b, x, b.call(name, x.node, widths, mode) if x.node.shape[axis] != 0 else x.node)


def _repeat(b: Builder, name: str) -> Known:
    x = b.array(3)
    if name == "tile":
        return seen(b, x, b.call(name, x.node, [b.integer(1, 2)]))
    axis = b.integer(0, x.node.ndim - 1)
    size = x.node.shape[axis]
    counts: Any = b.integer(0, 3)
    if isinstance(size, int) and b.chance(60):
        counts = [b.integer(0, 3) for _ in range(size)]
    return seen(b, x, b.call(name, x.node, counts, axis))


def _square(b: Builder) -> Known:
    found = b.any(lambda k: 1 < k.node.ndim < 4 and k.node.shape[0] == k.node.shape[1])
    side = b.axis()
    return found or b.leaf((side, side), b.flavour)


def _diagonal(b: Builder, name: str) -> Known:
    x = _square(b)
    k = b.integer(-2, 2) if isinstance(x.node.shape[0], int) else 0
    if name in ("tril", "triu"):
        return seen(b, x, b.call(name, x.node, b.integer(-2, 2)))
    if name == "trace" and is_number(x):
        return b.add(b.call(name, x.node, k), x.bound * b.extent(*x.node.shape[:1]), x.grain)
    return seen(b, x, b.call("diagonal", x.node, k))


def _diag(b: Builder, name: str) -> Known:
    """The diagonal of a matrix, or a matrix of a diagonal."""
    x = b.any(lambda k: k.node.ndim == 1 and is_number(k)) if b.chance(50) else _square(b)
    if x is None or x.node.ndim > 2:
        x = b.leaf((b.axis(),))
    static = isinstance(x.node.shape[0], int)
    return seen(b, x, b.call(name, x.node, b.integer(-1, 1) if static or x.node.ndim == 1 else 0))


def _halves(b: Builder, name: str) -> Known:
    """Gates: one half of an axis is let through by the other."""
    x = b.any(lambda k: k.node.ndim < 4 and k.node.dtype.is_float and k.bound <= 3.0)
    x = x or b.add(b.call("tanh", b.leaf(b.shape(), b.flavour).node), 1.0)
    pair = b.call("stack", [x.node, x.node * 0.5], 0)
    return b.add(b.call(name, pair, axis=0), 9.0)


def _pieces(b: Builder, name: str) -> Known:
    x = b.any(lambda k: k.exact and k.node.ndim < 4 and k.node.dtype.is_float)
    x = x or b.leaf(b.shape(), b.flavour)
    both = b.call("stack", [x.node, x.node + 1.0], -1)
    return b.add(b.call(name, both, 2), x.high + 1.0, x.grain, x.low)


FAMILIES = (
    Family(_join, ("concat", "concat", "hstack", "stack", "vstack"), 2),
    Family(_pad, ("pad",)),
    Family(_repeat, ("repeat", "tile")),
    Family(_diagonal, ("diagonal", "trace", "tril", "triu")),
    Family(_diag, ("diag",)),
    Family(_halves, ("geglu", "glu", "swiglu")),
    Family(_pieces, ("maxout",)),
)
