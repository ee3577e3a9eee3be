"""Families along one axis: running combinations, differences, orders."""

from __future__ import annotations

from graphdl.verification.random_graphs.builder import Builder
from graphdl.verification.random_graphs.family import Family
from graphdl.verification.random_graphs.known import Known
from graphdl.verification.random_graphs.reductions import line, require_nonempty, small_line


def _running(b: Builder, name: str) -> Known:
    reverse, exclusive = b.chance(50), b.chance(30)
    if name == "cumprod":
        x, axis, _ = small_line(b)
        node = b.call(name, x.node, axis, reverse=reverse, exclusive=exclusive)
        return b.add(node, 1.0)
    if name == "cumsum":
        x, axis, count = line(b)
        node = b.call(name, x.node, axis, reverse=reverse, exclusive=exclusive)
        return b.add(node, x.bound * count, x.grain)
    x, axis, _ = line(b, exact=True)
    return b.add(b.call(name, x.node, axis, reverse=reverse), x.high, x.grain, x.low)


def _diff(b: Builder, name: str) -> Known:
    x, axis, count = line(b, exact=True)
    b.require(x.node.shape[axis], 2)
    return b.add(b.call(name, x.node, int(count > 1), axis), 2 * x.bound, x.grain)


def _recurrence(b: Builder, name: str) -> Known:
    a, axis, count = small_line(b)
    x = b.beside(a)
    along = axis - a.node.ndim
    node = b.call(name, a.node, x.node, along, reverse=b.chance(50))
    return b.add(node, x.bound * max(b.extent(node.shape[along]), count))


def _order(b: Builder, name: str) -> Known:
    x, axis, count = line(b, exact=True)
    descending = b.chance(50)
    if name == "argsort":
        return b.add(b.call(name, x.node, axis, descending=descending), float(count), 0, 0.0)
    return b.add(b.call(name, x.node, axis, descending=descending), x.high, x.grain, x.low)


def _top_k(b: Builder, name: str) -> Known:
    x = b.leaf((b.axis(), b.integer(1, 9)))
    size = x.node.shape[1]
    values, places = b.call(name, x.node, b.integer(1, b.extent(size)), 1)
    b.add(places, float(b.extent(size)), 0, 0.0)
    return b.add(values, x.high, x.grain, x.low)


def _median(b: Builder, name: str) -> Known:
    x, axis, _ = line(b, exact=True)
    require_nonempty(b, x, [axis])
    grain = x.grain + 1 if x.node.dtype.is_float and x.grain is not None else 1
    node = b.call(name, x.node, axis, keepdims=b.chance(30))
    return b.add(node, x.high, grain, x.low)


FAMILIES = (
    Family(_running, ("cummax", "cummin", "cumprod", "cumsum", "cumsum")),
    Family(_diff, ("diff",)),
    Family(_recurrence, ("linear_recurrence",)),
    Family(_order, ("argsort", "sort")),
    Family(_top_k, ("top_k",)),
    Family(_median, ("median",)),
)
