"""Grows a graph op by op: shapes always fit, and no value is undefined.

A builder draws ops, operands and shapes from a source of integers: a seeded generator, or
hypothesis. It knows of every node how large its elements can be and whether they are exact.
Whatever jumps (comparisons, roundings, winners) is applied to exact operands only; so two correct
evaluations never differ by more than rounding.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from graphdl.ir import dims as sizes
from graphdl.ir.dim_bounds import upper_bound
from graphdl.ir.dtypes import DType, bool_, float32, float64, int32, int64, uint8
from graphdl.ir.leaves import constant, input, iota, param, state
from graphdl.ir.node import Node
from graphdl.ops import FUNCTIONS
from graphdl.verification.random_graphs.case import feed
from graphdl.verification.random_graphs.known import Known, broadcasts, is_number, joint, twice

Integer = Callable[[int, int], int]
"""Draws an integer between two bounds, both included."""

STATIC = (1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 33)
LARGEST = 3000
"""Most elements of an array."""
FLAVOURS = (float32, float32, float32, float64)
_BITS = {float32: 21, float64: 48}
"""Bits that exact numbers may need: fewer than there are, so that sums of them are exact."""
_LARGEST_VALUE = 1e4
_RANGES = {
    bool_: (0.0, 1.0), uint8: (0.0, 255.0),
    int32: (-(2.0**31), 2.0**31), int64: (-(2.0**63), 2.0**63),
}  # fmt: skip

Option = TypeVar("Option")


@dataclass
class Builder:
    """A graph that grows.

    Attributes
    ----------
    integer : Integer
        The source of chance.
    name : str
        Of the graph, and the beginning of its inputs' names.
    flavour : DType
        The dtype of most floats.
    mixed : bool
        Whether there are other floats, too.
    pool : list of Known
        What has been made so far.
    """

    integer: Integer
    name: str
    flavour: DType = float32
    mixed: bool = True
    pool: list[Known] = field(default_factory=list)
    states: list[Known] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    count: int = 0

    def __post_init__(self) -> None:
        self.maxima = {"N": self.integer(7, 19), "M": self.integer(7, 11)}
        self.least = {"N": 0, "M": 0}
        count = self.integer(2, 4)
        self.axes: list[sizes.Size] = [self.pick(STATIC) for _ in range(count)]
        self.axes += [sizes.symbol(d) for d in ("N", "M") if self.chance(60)]

    # --- drawing -------------------------------------------------------------------------------

    def pick(self, options: Sequence[Option]) -> Option:
        """Return one of some options."""
        return options[self.integer(0, len(options) - 1)]

    def chance(self, percent: int) -> bool:
        """Say yes in so many of 100 cases; the least integer says no, and makes less."""
        return self.integer(1, 100) > 100 - percent

    def call(self, name: str, *args: Any, **attrs: Any) -> Any:
        """Apply a function of the catalogue, and note that it was used."""
        result = FUNCTIONS[name](*args, **attrs)
        self.used.add(name)
        return result

    def axis(self) -> sizes.Size:
        """Return a size."""
        return self.pick(self.axes)

    def shape(self, most: int = 3) -> tuple[sizes.Size, ...]:
        """Return a shape that is not too large."""
        wanted = [self.axis() for _ in range(self.integer(0, most))]
        while not self.fits(wanted):
            wanted.pop()
        return tuple(wanted)

    def elements(self, shape: Iterable[sizes.Size]) -> int:
        """Return the number of elements, dims at their maxima."""
        return upper_bound(sizes.product(shape), self.maxima)

    def extent(self, *axes: sizes.Size) -> int:
        """Return the number of elements that axes span, at least 1."""
        return max(self.elements(axes), 1)

    def fits(self, shape: Iterable[sizes.Size]) -> bool:
        """Whether an array of this shape is not too large."""
        return self.elements(shape) <= LARGEST

    def require(self, size: sizes.Size, least: int = 1) -> None:
        """Note that the dims of a size must have a least value."""
        for dim in sizes.symbols(size):
            self.least[dim] = max(self.least[dim], least)

    def add(
        self, node: Node, bound: float, grain: int | None = None, low: float | None = None
    ) -> Known:
        """Put a node into the pool, scaled down where it might grow too large."""
        low, bound = (-bound if low is None else low) + 0.0, bound + 0.0  # NumPy refuses 0 to -0
        if not node.dtype.is_float:
            least, most = _RANGES[node.dtype]
            if low < least or bound > most:  # it may wrap
                low, bound = least, most
            return self._keep(Known(node, low, bound, 0))
        size = max(-low, bound)
        if grain is not None and size * 2.0**grain > 2.0 ** _BITS[node.dtype]:
            grain = None
        if size > _LARGEST_VALUE:
            return self.scaled(Known(node, low, bound, None), 1.0)
        return self._keep(Known(node, low, bound, grain))

    def _keep(self, known: Known) -> Known:
        self.pool.append(known)
        return known

    def scaled(self, x: Known, limit: float) -> Known:
        """Return floats no larger than a limit: divided by a power of two, if they must be."""
        if x.bound <= limit:
            return x
        shift = math.ceil(math.log2(x.bound / limit))
        grain = None if x.grain is None else x.grain + shift
        scale = 2.0**-shift
        return self.add(x.node * scale, x.high * scale, grain, x.low * scale)

    # --- leaves --------------------------------------------------------------------------------

    def leaf(self, shape: Sequence[sizes.Size], dtype: DType | None = None) -> Known:
        """Make an input, parameter, state, constant or position."""
        others = (int32, int64, uint8, bool_, *((float32,) if self.mixed else ()))
        kind = dtype or self.pick((self.flavour,) * 6 + others)
        static = all(isinstance(s, int) for s in shape)
        given, grain = feed(kind), 2 if kind.is_float else 0
        sort = self.integer(0, 9)
        if len(shape) == 1 and kind in (int32, int64) and sort < 3:
            extent = self.elements(shape)
            return self.add(iota(shape[0], kind), float(extent), 0, 0.0)
        if static and sort == 9 and self.elements(shape) <= 64:
            steps = int((given.high - given.low) / given.step)
            places = [self.integer(0, steps) for _ in range(self.elements(shape))]
            value = np.array([given.low + given.step * p for p in places])
            array = value.reshape([int(str(s)) for s in shape]).astype(kind.numpy)
            return self.add(constant(array), given.high, grain, given.low)
        if sort == 8:
            single = self.pick((0.0, 1.0, 0.5)) if kind.is_float else self.integer(0, 1)
            return self.add(self.call("full", tuple(shape), single, kind), 1.0, 1, 0.0)
        name = self.fresh()
        if static and sort >= 5:
            declare = param if kind.is_float and sort < 7 else state
            known = self.add(declare(name, tuple(shape), kind), given.high, grain, given.low)
            self.states.append(known)
            return known
        return self.add(input(name, tuple(shape), kind), given.high, grain, given.low)

    def variable(self) -> Known:
        """Make a parameter of a few elements."""
        given = feed(self.flavour)
        return self.add(param(self.fresh(), (3,), self.flavour), given.high, 2, given.low)

    def fresh(self) -> str:
        """Return the name of a new input."""
        self.count += 1
        return f"{self.name}_{self.count - 1}"

    def index(self, shape: Sequence[sizes.Size], size: sizes.Size) -> Node:
        """Make indices into an axis: straight from an input, or computed."""
        self.require(size)
        if self.chance(60):
            kind = self.pick((int32, int64, uint8))
            node = input(self.fresh(), tuple(shape), kind)
            return node.astype(int64) if self.chance(20) else node
        base = self.leaf(shape, self.pick((int32, int64)))
        return base.node * 2 - 1 if self.chance(50) else base.node + 1

    # --- operands ------------------------------------------------------------------------------

    def any(self, accept: Callable[[Known], bool] = lambda k: True) -> Known | None:
        """Return a node of the pool, the younger the likelier."""
        found = [k for k in self.pool if accept(k)]
        if not found:
            return None
        a, b = self.integer(0, len(found) - 1), self.integer(0, len(found) - 1)
        return found[max(a, b)]

    def array(self, most: int = 4, *, exact: bool = False, number: bool = False) -> Known:
        """Return something with an axis, and at most so many of them."""

        def suits(k: Known) -> bool:
            return (
                0 < k.node.ndim <= most
                and (k.exact or not exact)
                and (is_number(k) or not number)
            )  # fmt: skip

        if (found := self.any(suits)) is not None:
            return found
        dims = [self.axis() for _ in range(self.integer(1, 2))]
        return self.leaf(dims if self.fits(dims) else dims[:1], self.flavour)

    def number(self, exact: bool = False) -> Known:
        """Return numbers; exact ones if asked for."""
        found = self.any(lambda k: is_number(k) and (k.exact or not exact))
        return found or self.leaf(self.shape(), self.flavour)

    def real(self, limit: float = _LARGEST_VALUE, *, exact: bool = False) -> Known:
        """Return floats no larger than a limit."""
        found = self.any(lambda k: k.node.dtype.is_float and (k.exact or not exact))
        return self.scaled(found or self.leaf(self.shape(), self.flavour), limit)

    def positive(self, x: Known | None = None) -> Known:
        """Return floats that keep away from zero."""
        x = self.scaled(x or self.real(), 2.0)
        if x.exact and self.chance(50):
            grain = max(x.grain or 0, 1)
            return self.add(self.call("abs", x.node) + 0.5, x.bound + 0.5, grain, 0.5)
        return self.add(x.node * x.node + 0.5, x.bound**2 + 0.5, twice(x.grain), 0.5)

    def beside(self, x: Known, *, exact: bool = False, boolean: bool = False) -> Known:
        """Return an operand that broadcasts with another."""

        def suits(k: Known) -> bool:
            kinds = is_number(k) != boolean and (k.exact or not exact)
            shapes = x.node.shape, k.node.shape
            return kinds and broadcasts(*shapes) and self.fits(joint(*shapes))

        if self.chance(75) and (found := self.any(suits)) is not None:
            return found
        shape = [1 if self.chance(25) else s for s in x.node.shape]
        shape = shape[self.integer(0, len(shape)) if self.chance(30) else 0 :]
        kind = bool_ if boolean else x.node.dtype if is_number(x) else self.flavour
        return self.leaf(shape, kind)
