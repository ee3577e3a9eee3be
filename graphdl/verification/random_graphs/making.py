"""Families that make arrays of sizes and numbers, or change dtypes."""

from __future__ import annotations

from graphdl.ir.dtypes import bool_, float32, float64, int32, int64, uint8
from graphdl.ir.leaves import constant
from graphdl.verification.random_graphs.builder import Builder
from graphdl.verification.random_graphs.family import Family
from graphdl.verification.random_graphs.known import Known


def _filled(b: Builder, name: str) -> Known:
    return b.add(b.call(name, b.shape(), b.flavour), 1.0, 0, 0.0)


def _leaf(b: Builder, name: str) -> Known:
    return b.leaf(b.shape())


def _like(b: Builder, name: str) -> Known:
    x = b.any() or b.leaf(b.shape())
    value = [1] if name == "full_like" else []
    node = b.call(name, x.node, *value, dtype=b.pick((None, b.flavour, int32)))
    return b.add(node, 1.0, 0, 0.0)


def _eye(b: Builder, name: str) -> Known:
    size, other = b.axis(), b.axis()
    size = size if b.fits((size, other)) else 3
    return b.add(b.call(name, size, other, b.integer(-2, 2), b.flavour), 1.0, 0, 0.0)


def _arange(b: Builder, name: str) -> Known:
    size = b.axis()
    start, step = min(b.integer(-3, 3), 0), b.pick((1, 1, 2, 3))
    dtype = (b.flavour,) if not isinstance(size, int) else ()
    return b.add(b.call(name, start, size, step, *dtype), float(b.extent(size)) + 3.0, 0)


def _linspace(b: Builder, name: str) -> Known:
    return b.add(b.call(name, -1.0, 2.0, b.axis(), b.chance(70), b.flavour), 2.0)


def _meshgrid(b: Builder, name: str) -> Known:
    x, y = (b.any(lambda k: k.node.ndim == 1) or b.leaf((b.axis(),)) for _ in range(2))
    if not b.fits((*x.node.shape, *y.node.shape)):
        y = Known(constant(2.0), 2.0, 2.0, 0)
    grids = b.call(name, x.node, y.node, indexing=b.pick(("xy", "ij")))
    place = b.integer(0, 1)
    shown = (x, y)[place]
    return b.add(grids[place], shown.high, shown.grain, shown.low)


def _one_hot(b: Builder, name: str) -> Known:
    size, shape = b.integer(1, 9), b.shape(2)
    if not b.fits([*shape, size]):
        shape = ()
    kind = b.pick((b.flavour, int32, bool_))
    return b.add(b.call(name, b.index(shape, size), size, kind), 1.0, 0, 0.0)


def _cast(b: Builder, name: str) -> Known:
    x = b.any(lambda k: k.exact) or b.leaf(b.shape())
    target = b.pick(
        (float32, float64, int32, int64, uint8, bool_) if b.mixed else (b.flavour, int32)
    )
    if target is uint8 and (x.node.dtype.is_float or x.low < 0):
        target = int32
    if target in (int32, int64) and x.node.dtype.is_float and x.bound >= 2.0**31:
        target = x.node.dtype
    return b.add(b.call(name, x.node, target), x.high, x.grain if target.is_float else 0, x.low)


FAMILIES = (
    Family(_filled, ("ones", "zeros")),
    Family(_leaf, ("",)),
    Family(_like, ("full_like", "ones_like", "zeros_like")),
    Family(_eye, ("eye",)),
    Family(_arange, ("arange",)),
    Family(_linspace, ("linspace",)),
    Family(_meshgrid, ("meshgrid",)),
    Family(_one_hot, ("one_hot",)),
    Family(_cast, ("cast",)),
)
"""``full`` is a leaf, which every graph has."""
