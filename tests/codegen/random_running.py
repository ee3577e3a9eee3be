"""Steps of random graphs along axes: running combinations, orders, and reductions beyond sums."""

from __future__ import annotations

from collections.abc import Iterable

from graphdl.ir import dims as sizes
from graphdl.ir.dtypes import bool_, int32
from tests.codegen.random_builder import Builder, Known, max_grain


def _line(b: Builder, *, exact: bool = False, numbers: bool = False) -> tuple[Known, int, int]:
    """Return an array, one of its axes, and that axis's largest size."""

    def fits(k: Known) -> bool:
        known = k.node.ndim > 0 and (k.exact or not exact)
        return known and (k.node.dtype is not bool_ or not numbers)

    x = b.any(fits) or b.leaf((b.pick(b.axes), b.pick(b.axes)), b.pick((b.flavour, int32)))
    axis = b.integer(0, x.node.ndim - 1)
    return x, axis, max(b.elements([x.node.shape[axis]]), 1)


def _nonempty(b: Builder, x: Known, axes: Iterable[int]) -> None:
    for axis in axes:
        b.least.update(dict.fromkeys(sizes.symbols(x.node.shape[axis]), 1))


def _small(b: Builder) -> tuple[Known, int, int]:
    """Return numbers of at most 1, so that no product of them grows."""
    x = b.real(1.0)
    if not x.node.ndim:
        x = b.add(b.leaf((b.pick(b.axes),), b.flavour).node * 0.5, 1.0, 3)
    axis = b.integer(0, x.node.ndim - 1)
    return x, axis, max(b.elements([x.node.shape[axis]]), 1)


def _running(b: Builder) -> Known:
    name = b.pick(("cumsum", "cumsum", "cumprod", "cummax", "cummin", "diff"))
    reverse = b.chance(50)
    if name == "cumprod":
        x, axis, _ = _small(b)
        node = b.call(name, x.node, axis, reverse=reverse, exclusive=b.chance(30))
        return b.add(node, 1.0, None)
    if name == "cumsum":
        x, axis, count = _line(b)
        node = b.call(name, x.node, axis, reverse=reverse, exclusive=b.chance(30))
        return b.add(node, x.bound * count, x.grain)
    x, axis, count = _line(b, exact=True)
    if name == "diff":
        b.least.update({d: max(b.least[d], 2) for d in sizes.symbols(x.node.shape[axis])})
        return b.add(b.call(name, x.node, int(count > 1), axis), 2 * x.bound, x.grain)
    return b.add(b.call(name, x.node, axis, reverse=reverse), x.bound, x.grain)


def _recurrence(b: Builder) -> Known:
    a, axis, count = _small(b)
    x = b.beside(a)
    along = axis - a.node.ndim
    node = b.call("linear_recurrence", a.node, x.node, along, reverse=b.chance(50))
    count = max(b.elements([node.shape[along]]), count)
    return b.add(node, x.bound * count, None)


def _order(b: Builder) -> Known:
    x, axis, count = _line(b, exact=True)
    name = b.pick(("argsort", "sort", "top_k", "median"))
    if name == "median":
        _nonempty(b, x, [axis])
        grain = x.grain + 1 if x.node.dtype.is_float and x.grain is not None else 1
        return b.add(b.call(name, x.node, axis, keepdims=b.chance(30)), x.bound, grain)
    size = x.node.shape[axis]
    if name == "top_k" and isinstance(size, int):
        values, places = b.call(name, x.node, b.integer(1, size), axis)
        b.add(places, float(count), 0)
        return b.add(values, x.bound, x.grain)
    descending = b.chance(50)
    if name == "argsort":
        return b.add(b.call(name, x.node, axis, descending=descending), float(count), 0)
    return b.add(b.call("sort", x.node, axis, descending=descending), x.bound, x.grain)


def _combined(b: Builder) -> Known:
    """A reduction that knows no rounding: of bools, or of the two ends."""
    x, axis, count = _line(b, exact=True, numbers=True)
    name = b.pick(("any", "all", "count_nonzero", "ptp"))
    keep = b.chance(30)
    if name == "ptp":
        _nonempty(b, x, [axis])
        return b.add(b.call(name, x.node, axis, keepdims=keep), 2 * x.bound, max_grain(x))
    return b.add(b.call(name, x.node, axis, keepdims=keep), float(count), 0)


def _measured(b: Builder) -> Known:
    """A reduction of floats."""
    name = b.pick(("prod", "var", "std", "norm", "norm"))
    keep = b.chance(30)
    if name == "prod":
        x, axis, _ = _small(b)
        axes = axis if b.chance(60) else None
        return b.add(b.call(name, x.node, axes, keepdims=keep), 1.0, None)
    x, axis, count = _line(b, exact=True)
    _nonempty(b, x, [axis])
    if name == "norm":
        ord = b.pick((None, 1, 2, 3, float("inf"), -float("inf")))
        return b.add(b.call(name, x.node, ord, axis, keepdims=keep), x.bound * count, None)
    node = b.call(name, x.node, axis, keepdims=keep)
    return b.add(node, max(x.bound, 1.0) ** 2 * 4, None)


STEPS = (_running, _recurrence, _order, _combined, _measured)
