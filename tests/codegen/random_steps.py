"""What a step of a random graph can be: ops of the catalogue on operands that suit them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from graphdl.ir import dims as sizes
from graphdl.ir.dtypes import bool_, float32, float64, int32, int64, uint8
from graphdl.ir.node import Node
from tests.codegen import random_functions, random_integers, random_running
from tests.codegen.random_builder import LARGEST, Builder, Known, alike, max_grain, twice
from tests.codegen.random_contractions import contraction, product
from tests.codegen.random_places import indexed


def _smooth(b: Builder) -> Known:
    """A function of one variable without jumps."""
    name = b.pick(("exp", "expm1", "tanh", "sigmoid", "erf", "gelu", "softplus", "square"))
    x = b.real(3.0)
    bound = {"exp": 21.0, "expm1": 20.0, "gelu": 3.0, "softplus": 3.1, "square": 9.0}.get(name, 1.0)
    attrs = {"approximate": "tanh"} if name == "gelu" and b.chance(50) else {}
    grain = twice(x.grain) if name == "square" else None
    return b.add(b.call(name, x.node, **attrs), bound, grain)


def _of_positive(b: Builder) -> Known:
    x = b.positive()
    name = b.pick(("log", "log1p", "sqrt", "integer_power", "real_power", "power"))
    if name == "integer_power":
        n = b.integer(-2, 3)
        return b.add(b.call(name, x.node, n=n), max(x.bound, 2.0) ** max(abs(n), 1), None)
    if name in ("real_power", "power"):
        exponent = b.pick((0.5, -0.5, 1.5, 2.0, -1.0))
        return b.add(b.call(name, x.node, exponent), max(x.bound, 2.0) ** 2, None)
    return b.add(b.call(name, x.node), max(x.bound, 1.0), None)


def _kinked(b: Builder) -> Known:
    """A function of one variable that jumps or has a kink, of exact numbers."""
    x = b.number(exact=True)
    name = b.pick(("abs", "negative", "sign", "relu", "leaky_relu", "stop_gradient", "isnan"))
    if name == "leaky_relu":
        grain = None if x.grain is None else x.grain + 2
        return b.add(b.call(name, x.node, slope=0.25), x.bound, grain)
    if name == "sign":
        return b.add(b.call(name, x.node), 1.0, 0)
    return b.add(b.call(name, x.node), x.bound, x.grain)


def _binary(b: Builder) -> Known:
    x = b.number()
    y = b.beside(x)
    name = b.pick(("add", "subtract", "multiply"))
    node = b.call(name, x.node, y.node)
    if name == "multiply":
        grain = None if not (x.exact and y.exact) else (x.grain or 0) + (y.grain or 0)
        return b.add(node, x.bound * y.bound, grain)
    return b.add(node, x.bound + y.bound, max_grain(x, y))


def _division(b: Builder) -> Known:
    x = b.positive()
    y = b.beside(x)
    return b.add(b.call("divide", y.node, x.node), 2 * y.bound, None)


def _extremum(b: Builder) -> Known:
    x = b.number(exact=True)
    if b.chance(25):
        low, high = b.pick(((-1, 1), (None, 0.5), (0, None), (-0.5, 2.0)))
        low = 0 if x.node.dtype is uint8 and low is not None else low
        return b.add(b.call("clip", x.node, low, high), max(x.bound, 2.0), _at_least_one(x.grain))
    y = b.beside(x, exact=True)
    name = b.pick(("minimum", "maximum"))
    return b.add(b.call(name, x.node, y.node), max(x.bound, y.bound), max_grain(x, y))


def _at_least_one(grain: int | None) -> int | None:
    return None if grain is None else max(grain, 1)


def _comparison(b: Builder) -> Known:
    x = b.number(exact=True)
    y = b.beside(x, exact=True)
    names = ("less", "less_equal", "greater", "greater_equal", "equal", "not_equal")
    return b.add(b.call(b.pick(names), x.node, y.node), 1.0, 0)


def _boolean(b: Builder) -> Known:
    x = b.any(lambda k: k.node.dtype is bool_) or b.leaf(b.shape(), bool_)
    if b.chance(25):
        return b.add(b.call("logical_not", x.node), 1.0, 0)
    y = b.beside(x, boolean=True)
    return b.add(b.call(b.pick(("logical_and", "logical_or", "logical_xor")), x.node, y.node), 1, 0)


def _choice(b: Builder) -> Known:
    x = b.number()
    y = b.beside(x)
    joint = Known(x.node + y.node, 0.0, None)
    condition = b.beside(joint, boolean=True)
    node = b.call("where", condition.node, x.node, y.node)
    return b.add(node, max(x.bound, y.bound), max_grain(x, y))


def _cast(b: Builder) -> Known:
    x = b.any(lambda k: k.exact) or b.leaf(b.shape())
    target = b.pick((float32, float64, int32, int64, uint8, bool_))
    if target is uint8 and x.node.dtype.is_float:
        target = int32
    if target in (int32, int64) and x.node.dtype.is_float and x.bound >= 2.0**31:
        target = float64
    grain = 0 if not target.is_float else x.grain
    return b.add(b.call("cast", x.node, target), x.bound, grain)


def _axes(b: Builder, rank: int) -> tuple[int, ...]:
    return tuple(a for a in range(rank) if b.chance(50)) or (b.integer(0, rank - 1),)


def _nonempty(b: Builder, x: Node, axes: Iterable[int]) -> None:
    for axis in axes:
        b.least.update(dict.fromkeys(sizes.symbols(x.shape[axis]), 1))


def _reduction(b: Builder) -> Known:
    x = b.any(lambda k: k.node.ndim > 0) or b.leaf((b.pick(b.axes),))
    axes = _axes(b, x.node.ndim) if b.chance(85) else None
    keep = b.chance(30)
    all_axes = tuple(range(x.node.ndim)) if axes is None else axes
    count = max(b.elements(x.node.shape[a] for a in all_axes), 1)
    name = b.pick(("sum", "sum", "sum", "mean", "max", "min"))
    if name in ("sum", "mean"):
        node = b.call(name, x.node, axes, keepdims=keep)
        if name == "mean":
            _nonempty(b, x.node, all_axes)
            return b.add(node, x.bound, None)
        return b.add(node, x.bound * count, x.grain)
    if not x.exact:
        return b.add(b.call("sum", x.node, axes, keepdims=keep), x.bound * count, None)
    _nonempty(b, x.node, all_axes)
    return b.add(b.call(name, x.node, axes, keepdims=keep), x.bound, x.grain)


def _winner(b: Builder) -> Known:
    x = b.any(lambda k: k.exact and k.node.ndim > 0) or b.leaf((b.pick(b.axes),))
    axis = b.integer(0, x.node.ndim - 1) if b.chance(80) else None
    _nonempty(b, x.node, range(x.node.ndim) if axis is None else [axis])
    extent = b.elements(x.node.shape if axis is None else [x.node.shape[axis]])
    name = b.pick(("argmax", "argmin"))
    return b.add(b.call(name, x.node, axis, keepdims=b.chance(30)), float(extent), 0)


def _normalising(b: Builder) -> Known:
    x = b.real(8.0)
    if not x.node.ndim:
        x = b.leaf((b.pick(b.axes),), b.flavour)
    axis = b.integer(0, x.node.ndim - 1)
    _nonempty(b, x.node, [axis])
    name = b.pick(("softmax", "log_softmax", "logsumexp"))
    if name == "logsumexp":
        axes = _axes(b, x.node.ndim)
        _nonempty(b, x.node, axes)
        return b.add(b.call(name, x.node, axes, keepdims=b.chance(30)), x.bound + 9.0, None)
    return b.add(b.call(name, x.node, axis), 2 * x.bound + 9.0, None)


def _view(b: Builder) -> Known:
    x = b.any() or b.leaf(b.shape())
    rank = x.node.ndim
    name = b.pick(
        ("transpose", "reshape", "expand_dims", "squeeze", "flatten", "broadcast_to", "flip", "[]")
    )
    if name == "[]":
        return b.add(_sliced(b, x.node), x.bound, x.grain)
    if name == "transpose" and rank:
        order = sorted(range(rank), key=lambda _: b.integer(0, 999))
        return b.add(b.call(name, x.node, order), x.bound, x.grain)
    if name == "reshape":
        return b.add(b.call(name, x.node, _other_shape(b, x.node)), x.bound, x.grain)
    if name == "expand_dims" and rank < 4:
        return b.add(b.call(name, x.node, b.integer(0, rank)), x.bound, x.grain)
    if name == "flatten" and rank:
        return b.add(b.call(name, x.node, b.integer(0, rank - 1)), x.bound, x.grain)
    if name == "broadcast_to" and rank < 4:
        shape = (b.pick(b.axes), *(b.pick(b.axes) if s == 1 else s for s in x.node.shape))
        if b.elements(shape) <= LARGEST:
            return b.add(b.call(name, x.node, shape), x.bound, x.grain)
    if name == "flip" and rank:
        return b.add(b.call(name, x.node, _axes(b, rank)), x.bound, x.grain)
    return b.add(b.call("squeeze", x.node), x.bound, x.grain)


def _other_shape(b: Builder, x: Node) -> list[sizes.Size]:
    """Merge neighbouring axes, or split one, or insert axes of size 1."""
    shape: list[sizes.Size] = list(x.shape)
    for _ in range(b.integer(1, 2)):
        place = b.integer(0, len(shape))
        sort = b.integer(0, 2)
        if sort == 0 and place + 1 < len(shape):
            shape[place : place + 2] = [shape[place] * shape[place + 1]]
        elif sort == 1 and place < len(shape) and isinstance(shape[place], int):
            size = int(shape[place])
            parts = [d for d in range(2, size) if size % d == 0]
            if parts and len(shape) < 4:
                part = b.pick(parts)
                shape[place : place + 1] = [part, size // part]
        elif len(shape) < 4:
            shape.insert(place, 1)
    return shape


def _sliced(b: Builder, x: Node) -> Node:
    items: list[object] = []
    for size in x.shape:
        sort = b.integer(0, 5)
        step = b.pick((1, 2, 3, -1, -1, -2))
        if isinstance(size, int) and sort >= 3:
            start, stop = sorted((b.integer(0, size - 1) if size else 0, b.integer(0, size)))
            reverse = slice(stop, start - size - 1 if start == 0 else start - 1, -abs(step))
            items.append(slice(start, stop + 1, step) if step > 0 else reverse)
        elif isinstance(size, int) and sort == 2 and size:
            items.append(b.integer(-size, size - 1))
        elif sort >= 4:
            b.least.update({d: max(b.least[d], 2) for d in sizes.symbols(size)})
            items.append(b.pick((slice(1, None), slice(None, -1), slice(1, None, 2), 0, -1)))
        elif sort == 1:
            items.append(slice(None, None, step))
        else:
            items.append(slice(None))
    if b.chance(15) and x.ndim < 4:
        items.insert(b.integer(0, len(items)), None)
    return x[tuple(items)]


def _assembled(b: Builder) -> Known:
    x = b.any(lambda k: 0 < k.node.ndim < 4) or b.leaf((b.pick(b.axes),))
    rank = x.node.ndim
    axis = b.integer(0, rank - 1)
    sort = b.integer(0, 2)
    if sort == 0:
        widths = [(b.integer(0, 2), b.integer(0, 2)) for _ in range(rank)]
        value = b.pick((0.0, 0.0, 1.0, -0.5)) if x.node.dtype.is_float else 0.0
        node = b.call("pad", x.node, widths, constant_values=value)
        grown = b.add(node, max(x.bound, 1.0), _at_least_one(x.grain))
        return grown if b.elements(node.shape) <= LARGEST else b.add(x.node, x.bound, x.grain)
    others = [x]
    for _ in range(b.integer(1, 2)):
        found = b.any(lambda k: alike(k.node, x.node))
        others.append(found or x)
    nodes = [k.node for k in others]
    bound = max(k.bound for k in others)
    if 3 * b.elements(x.node.shape) > LARGEST:
        return b.add(b.call("flip", x.node), x.bound, x.grain)
    if sort == 1 and rank < 4:
        return b.add(b.call("stack", nodes, axis), bound, max_grain(*others))
    return b.add(b.call("concat", nodes, axis), bound, max_grain(*others))


def _one_hot(b: Builder) -> Known:
    size = b.integer(1, 9)
    shape = b.shape(2)
    if b.elements([*shape, size]) > LARGEST:
        shape = ()
    kind = b.pick((b.flavour, int32, bool_))
    return b.add(b.call("one_hot", b.index(shape, size), size, kind), 1.0, 0)


def _fresh(b: Builder) -> Known:
    name = b.pick(("ones", "zeros", "leaf"))
    if name == "leaf":
        return b.leaf(b.shape())
    return b.add(b.call(name, b.shape(), b.flavour), 1.0, 0)


def _combined(b: Builder) -> Known:
    """The elementwise tail of a network: something plus a bias, through an activation."""
    x = b.real(2.0)
    y = b.beside(x)
    node = b.call("tanh", x.node + y.node * 0.125)
    return b.add(node, 1.0, None)


STEPS: tuple[Callable[[Builder], Known], ...] = (
    _smooth, _smooth, _of_positive, _kinked, _kinked, _binary, _binary, _binary, _binary,
    _division, _extremum, _extremum, _comparison, _boolean, _choice, _cast, _reduction,
    _reduction, _reduction, _winner, _normalising, contraction, product, product, _view, _view,
    _view, _assembled, indexed, indexed, _one_hot, _fresh, _combined, *random_running.STEPS,
    *random_integers.STEPS, *random_functions.STEPS,
)  # fmt: skip
