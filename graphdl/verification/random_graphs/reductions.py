"""Families that combine the elements of axes."""

from __future__ import annotations

import math
from collections.abc import Iterable

from graphdl.verification.random_graphs.builder import Builder
from graphdl.verification.random_graphs.family import Family
from graphdl.verification.random_graphs.known import Known, finest


def some_axes(b: Builder, rank: int) -> tuple[int, ...]:
    """Return one axis or several."""
    return tuple(a for a in range(rank) if b.chance(50)) or (b.integer(0, rank - 1),)


def line(b: Builder, *, exact: bool = False, number: bool = False) -> tuple[Known, int, int]:
    """Return an array, one of its axes, and that axis's largest size."""
    x = b.array(exact=exact, number=number)
    axis = b.integer(0, x.node.ndim - 1)
    return x, axis, b.extent(x.node.shape[axis])


def small_line(b: Builder) -> tuple[Known, int, int]:
    """Return numbers of at most 1, so that no product of them grows, as `line` does."""
    x = b.real(1.0)
    if not x.node.ndim:
        x = b.scaled(b.leaf((b.axis(),), b.flavour), 1.0)
    axis = b.integer(0, x.node.ndim - 1)
    return x, axis, b.extent(x.node.shape[axis])


def require_nonempty(b: Builder, x: Known, axes: Iterable[int] | None) -> None:
    """Note that there must be elements along these axes, or along all."""
    for axis in range(x.node.ndim) if axes is None else axes:
        b.require(x.node.shape[axis])


def _sum(b: Builder, name: str) -> Known:
    x = b.array()
    axes = some_axes(b, x.node.ndim) if b.chance(85) else None
    node = b.call(name, x.node, axes, keepdims=b.chance(30))
    if name == "mean":
        require_nonempty(b, x, axes)
        return b.add(node, x.high, None, x.low)
    along = x.node.shape if axes is None else [x.node.shape[a] for a in axes]
    return b.add(node, x.bound * b.extent(*along), x.grain)


def _extremum(b: Builder, name: str) -> Known:
    x = b.array(exact=True)
    axes = some_axes(b, x.node.ndim) if b.chance(85) else None
    require_nonempty(b, x, axes)
    return b.add(b.call(name, x.node, axes, keepdims=b.chance(30)), x.high, x.grain, x.low)


def _winner(b: Builder, name: str) -> Known:
    x, axis, extent = line(b, exact=True)
    everywhere = b.chance(20)
    require_nonempty(b, x, None if everywhere else [axis])
    node = b.call(name, x.node, None if everywhere else axis, keepdims=b.chance(30))
    return b.add(node, float(b.extent(*x.node.shape) if everywhere else extent), 0, 0.0)


def _normalising(b: Builder, name: str) -> Known:
    x = b.real(8.0)
    if not x.node.ndim:
        x = b.leaf((b.axis(),), b.flavour)
    if name == "logsumexp":
        axes = some_axes(b, x.node.ndim)
        require_nonempty(b, x, axes)
        return b.add(b.call(name, x.node, axes, keepdims=b.chance(30)), x.bound + 9.0)
    axis = b.integer(0, x.node.ndim - 1)
    require_nonempty(b, x, [axis])
    if name == "softmax":
        return b.add(b.call(name, x.node, axis), 1.0, None, 0.0)
    return b.add(b.call(name, x.node, axis), 0.0, None, -2 * x.bound - 9.0)


def _combined(b: Builder, name: str) -> Known:
    """A reduction that knows no rounding: of bools, or of the two ends."""
    x, axis, count = line(b, exact=True, number=True)
    if name == "ptp":
        require_nonempty(b, x, [axis])
        node = b.call(name, x.node, axis, keepdims=b.chance(30))
        return b.add(node, 2 * x.bound, finest(x), 0.0)
    node = b.call(name, x.node, axis, keepdims=b.chance(30))
    return b.add(node, float(count), 0, 0.0)


def _prod(b: Builder, name: str) -> Known:
    x, axis, _ = small_line(b)
    axes = axis if b.chance(60) else None
    return b.add(b.call(name, x.node, axes, keepdims=b.chance(30)), 1.0)


def _spread(b: Builder, name: str) -> Known:
    x, axis, _ = line(b, exact=True)
    require_nonempty(b, x, [axis])
    node = b.call(name, x.node, axis, keepdims=b.chance(30))
    return b.add(node, max(x.bound, 1.0) ** 2 * 4, None, 0.0)


def _norm(b: Builder, name: str) -> Known:
    x, axis, count = line(b, exact=True)
    require_nonempty(b, x, [axis])
    order = b.pick((None, 1, 2, 3, math.inf, -math.inf))
    node = b.call(name, x.node, order, axis, keepdims=b.chance(30))
    return b.add(node, x.bound * count, None, 0.0)


FAMILIES = (
    Family(_sum, ("sum", "sum", "sum", "mean"), 4),
    Family(_extremum, ("max", "min")),
    Family(_winner, ("argmax", "argmin")),
    Family(_normalising, ("log_softmax", "logsumexp", "softmax")),
    Family(_combined, ("all", "any", "count_nonzero", "ptp")),
    Family(_prod, ("prod",)),
    Family(_spread, ("std", "var")),
    Family(_norm, ("norm",)),
)
