"""Steps of random graphs that move, repeat and join elements, or make arrays of sizes alone."""

from __future__ import annotations

import graphdl as gd
from graphdl.ir import dims as sizes
from graphdl.ir.dtypes import bool_, float32, int32
from graphdl.ir.node import Node
from tests.codegen.random_builder import LARGEST, Builder, Known, alike, joint, max_grain


def moved(b: Builder) -> Known:
    """Elements in another order or shape."""
    x = b.any(lambda k: k.node.ndim > 0) or b.leaf((b.pick(b.axes),))
    node, rank = x.node, x.node.ndim
    axis, other = b.integer(-rank, rank - 1), b.integer(0, rank - 1)
    name = b.pick(("ravel", "moveaxis", "swapaxes", "roll", "rot90", "fliplr", "flipud", "split"))
    if name in ("moveaxis", "swapaxes"):
        return _seen(b, x, b.call(name, node, axis, other))
    if name == "roll":
        shift = b.integer(-9, 9)
        return _seen(b, x, b.call(name, node, shift, axis if b.chance(70) else None))
    if name == "rot90" and axis % rank != other:
        return _seen(b, x, b.call(name, node, b.integer(-1, 3), (axis, other)))
    if name == "flipud" or (name == "fliplr" and rank > 1):
        return _seen(b, x, b.call(name, node))
    if name == "split":
        return _seen(b, x, _cut(b, node, axis))
    return _seen(b, x, b.call("ravel", node))


def _cut(b: Builder, x: Node, axis: int) -> Node:
    size = x.shape[axis]
    if isinstance(size, int) and b.chance(50):
        cuts = sorted(b.integer(0, size) for _ in range(b.integer(0, 2)))
        parts = b.call("split", x, cuts, axis)
    else:
        b.least.update({d: max(b.least[d], 3) for d in sizes.symbols(size)})
        parts = b.call("array_split", x, b.integer(1, 3), axis)
    return b.pick(parts)


def repeated(b: Builder) -> Known:
    """Elements several times."""
    x = b.any(lambda k: 0 < k.node.ndim < 4) or b.leaf((b.pick(b.axes),))
    node, axis = x.node, b.integer(0, x.node.ndim - 1)
    size = node.shape[axis]
    if 3 * b.elements(node.shape) > LARGEST:
        return _seen(b, x, b.call("ravel", node))
    sort = b.integer(0, 4)
    if sort == 0:
        return _seen(b, x, b.call("tile", node, [b.integer(1, 2) for _ in range(node.ndim)][:1]))
    if sort == 1:
        counts = b.integer(0, 3)
        if isinstance(size, int) and b.chance(60):
            counts = [b.integer(0, 3) for _ in range(size)]
        return _seen(b, x, b.call("repeat", node, counts, axis))
    if sort == 2:
        y = b.beside(x)
        if b.elements(joint(x.node.shape, y.node.shape)) > LARGEST:
            y = x
        return _seen(b, x, b.call("broadcast_arrays", node, y.node)[0])
    mode = b.pick(("edge", "reflect", "symmetric", "wrap"))
    if isinstance(size, sizes.Dim):
        b.least.update({d: max(b.least[d], 3) for d in sizes.symbols(size)})
    widths = [(b.integer(0, 5), b.integer(0, 2)) if a == axis else (0, 0) for a in range(node.ndim)]
    padded = b.call("pad", node, widths, mode) if size != 0 else node
    return _seen(b, x, padded if b.elements(padded.shape) <= LARGEST else node)


def squared(b: Builder) -> Known:
    """Diagonals of matrices, and matrices from diagonals."""
    x = b.any(lambda k: 1 < k.node.ndim < 4 and k.node.shape[0] == k.node.shape[1])
    side = b.pick(b.axes)
    x = x or b.leaf((side, side), b.flavour)
    name = b.pick(("diagonal", "diag", "trace", "tril", "triu", "of_vector", "update"))
    static = isinstance(x.node.shape[0], int)
    k = b.integer(-2, 2) if static else 0
    if name == "of_vector":
        v = b.any(lambda k: k.node.ndim == 1 and k.node.dtype is not bool_) or b.leaf((side,))
        made = b.call("diag", v.node, b.integer(-1, 1))
        return _seen(b, v, made if b.elements(made.shape) <= LARGEST else v.node)
    if name in ("tril", "triu"):
        return _seen(b, x, b.call(name, x.node, b.integer(-2, 2)))
    if name == "diag" and x.node.ndim == 2:
        return _seen(b, x, b.call(name, x.node, k))
    if name == "trace" and x.node.dtype is not bool_:
        count = max(b.elements(x.node.shape[:1]), 1)
        return b.add(b.call(name, x.node, k), x.bound * count, x.grain)
    if name == "update" and x.node.dtype is not bool_ and x.node.ndim == 2:
        return b.add(x.node + b.call("diagonal", x.node), 2 * x.bound, x.grain)
    return _seen(b, x, b.call("diagonal", x.node, k))


def joined(b: Builder) -> Known:
    """Arrays below or beside each other."""
    x = b.any(lambda k: k.node.ndim < 4) or b.leaf((b.pick(b.axes),))
    others = [x, b.any(lambda k: alike(k.node, x.node)) or x]
    if 2 * b.elements(x.node.shape) > LARGEST:
        others = [x]
    node = b.call(b.pick(("hstack", "vstack")), [k.node for k in others])
    return b.add(node, max(k.bound for k in others), max_grain(*others))


def made(b: Builder) -> Known:
    """Arrays of sizes and numbers."""
    name = b.pick(("eye", "arange", "linspace", "like", "meshgrid"))
    size = b.pick(b.axes)
    if name == "eye":
        other = b.pick(b.axes)
        size = size if b.elements((size, other)) <= LARGEST else 3
        return b.add(b.call(name, size, other, b.integer(-2, 2), b.flavour), 1.0, 0)
    if name == "arange":
        start, step = b.integer(-3, 3), b.pick((1, 1, 2, 3))
        if isinstance(size, int):
            return b.add(b.call(name, min(start, 0), size, step), 16.0, 0)
        return b.add(b.call(name, min(start, 0), size, step, b.flavour), 64.0, 0)
    if name == "linspace":
        return b.add(b.call(name, -1.0, 2.0, size, b.chance(70), b.flavour), 2.0, None)
    if name == "like":
        x = b.any() or b.leaf((size,))
        word = b.pick(("zeros_like", "ones_like", "full_like"))
        dtype = b.pick((None, float32, int32))
        return b.add(b.call(word, x.node, *([1] if word[0] == "f" else []), dtype=dtype), 1.0, 0)
    x, y = (b.any(lambda k: k.node.ndim == 1) or b.leaf((b.pick(b.axes),)) for _ in range(2))
    if b.elements((*x.node.shape, *y.node.shape)) > LARGEST:
        y = Known(gd.constant(2.0), 2.0, 0)
    indexing = b.pick(("xy", "ij"))
    node = b.pick([0, 1])
    grid = b.call("meshgrid", x.node, y.node, indexing=indexing)[node]
    return b.add(grid, (x, y)[node].bound, (x, y)[node].grain)


def _seen(b: Builder, x: Known, node: Node) -> Known:
    """Add what shows elements of ``x``; an axis known to be empty has no maximum, say."""
    return b.add(x.node if 0 in node.shape else node, x.bound, x.grain)


VIEW_STEPS = (moved, moved, repeated, squared, joined, made)
