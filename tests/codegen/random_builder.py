"""Random graphs over the whole catalogue: shapes always fit, and no value is undefined.

A builder draws ops, operands and shapes from a source of integers: a seeded generator, or
hypothesis. It knows of every node how large its elements can be and whether they are *exact*: sums
and products of small multiples of a power of two are, so that any order of evaluation gives the
same bits. Whatever jumps (comparisons, roundings, winners) is applied to exact operands only; so
two correct evaluations never differ by more than rounding.
"""

from __future__ import annotations

import random
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

import graphdl as gd
from graphdl.ir import dims as sizes
from graphdl.ir.dtypes import DType, bool_, float32, float64, int32, int64, uint8
from graphdl.ir.graph import static_shape
from graphdl.ir.node import Node, topological
from graphdl.ops import FUNCTIONS

Integer = Callable[[int, int], int]
"""Draws an integer between two bounds, both included."""

STATIC = (1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 33)
LARGEST = 3000
"""Most elements of an array."""
FLAVOURS = (float32, float32, float32, float64)


@dataclass(frozen=True)
class Known:
    """A node whose elements satisfy ``|x| <= bound``; exact ones are multiples of ``2**-grain``."""

    node: Node
    bound: float
    grain: int | None

    @property
    def exact(self) -> bool:
        return self.grain is not None


@dataclass(frozen=True)
class Feed:
    """What an input is given: multiples of ``step`` in ``[low, high]``; high may be a size."""

    low: float
    high: sizes.Size | float
    step: float


@dataclass
class Case:
    """A random graph, how to feed it, and the dims it can take."""

    graph: gd.Graph
    feeds: dict[str, Feed]
    maxima: dict[str, int]
    least: dict[str, int]
    exact: frozenset[str]
    used: frozenset[str]

    def dims(self, seed: int) -> list[dict[str, int]]:
        """Return values of the dims worth trying: least, 1, 7, most, and a mix."""
        names = [d for d in self.maxima if d in self.graph.dims]
        rng = random.Random(seed)
        wanted = [0, 1, 7, 10**9] if names else [0]
        tried = [{d: self._clamped(d, w) for d in names} for w in wanted]
        tried.append({d: rng.randint(self.least[d], self.maxima[d]) for d in names})
        return [dict(t) for t in dict.fromkeys(tuple(t.items()) for t in tried)]

    def _clamped(self, dim: str, value: int) -> int:
        return min(max(value, self.least[dim]), self.maxima[dim])

    def inputs(self, env: Mapping[str, int], seed: int) -> dict[str, np.ndarray]:
        """Return arrays for all inputs."""
        rng = np.random.default_rng(seed)
        return {n.name: self._array(n, env, rng) for n in self.graph.inputs}

    def state(self, seed: int) -> dict[str, np.ndarray]:
        """Return values for all state."""
        rng = np.random.default_rng(seed + 1)
        return {n.name: self._array(n, {}, rng) for n in self.graph.state}

    def _array(self, node: Node, env: Mapping[str, int], rng: np.random.Generator) -> np.ndarray:
        feed, shape = self.feeds[node.name], static_shape(node.shape, env)
        high = feed.high
        if not isinstance(high, float):
            high = max(sizes.evaluate(high, env) - 1, 0)
        steps = int((high - feed.low) / feed.step)
        values = feed.low + feed.step * rng.integers(0, steps + 1, shape)
        return np.asarray(values).astype(node.dtype.numpy)


@dataclass
class Builder:
    """Grows a graph op by op."""

    integer: Integer
    name: str
    steps: Sequence[Callable[[Builder], Known]]
    gradient: bool = True
    pool: list[Known] = field(default_factory=list)
    feeds: dict[str, Feed] = field(default_factory=dict)
    states: list[Known] = field(default_factory=list)
    used: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.maxima = {"N": self.integer(7, 19), "M": self.integer(7, 11)}
        self.least = {"N": 0, "M": 0}
        self.flavour: DType = self.pick(FLAVOURS)
        count = self.integer(2, 4)
        self.axes: list[sizes.Size] = [self.pick(STATIC) for _ in range(count)]
        self.axes += [sizes.symbol(d) for d in ("N", "M") if self.chance(60)]

    # --- drawing -------------------------------------------------------------------------------

    def pick(self, options: Sequence) -> object:
        return options[self.integer(0, len(options) - 1)]

    def chance(self, percent: int) -> bool:
        return self.integer(1, 100) <= percent

    def call(self, name: str, *args: object, **attrs: object) -> Node:
        """Apply a function of the catalogue, and note that it was used."""
        self.used.add(name)
        return FUNCTIONS[name](*args, **attrs)

    def shape(self, most: int = 3) -> tuple[sizes.Size, ...]:
        """Return a shape that is not too large."""
        wanted = [self.pick(self.axes) for _ in range(self.integer(0, most))]
        while self.elements(wanted) > LARGEST:
            wanted.pop()
        return tuple(wanted)

    def elements(self, shape: Iterable[sizes.Size]) -> int:
        return sizes.upper_bound(sizes.product(shape), self.maxima)

    def add(self, node: Node, bound: float, grain: int | None) -> Known:
        """Put a node into the pool, scaled down where it might grow too large."""
        if node.dtype.is_float:
            bits = 21 if node.dtype is float32 else 48
            if grain is not None and bound * 2.0**grain > 2.0**bits:
                grain = None
            if bound > 1e4:
                scale = 2.0 ** -int(np.ceil(np.log2(bound)))
                node, bound = node * scale, bound * scale
                grain = None
        else:
            limit = {bool_: 1, uint8: 255, int32: 2**31, int64: 2**63}[node.dtype]
            bound, grain = min(bound, float(limit)), 0
        known = Known(node, bound, grain)
        self.pool.append(known)
        return known

    # --- leaves --------------------------------------------------------------------------------

    def leaf(self, shape: Sequence[sizes.Size], dtype: DType | None = None) -> Known:
        """Make an input, parameter, state, constant or position."""
        kind = dtype or self.pick((self.flavour,) * 6 + (int32, int64, uint8, bool_, float32))
        static = all(isinstance(s, int) for s in shape)
        low, high, step, grain = (0.0, 1.0, 1.0, 0)
        if kind.is_float:
            low, high, step, grain = -2.0, 2.0, 0.25, 2
        elif kind is not bool_:
            low, high = (0.0, 9.0) if kind is uint8 else (-4.0, 5.0)
        bound = max(-low, high)
        sort = self.integer(0, 9)
        if len(shape) == 1 and kind.is_integer and kind is not uint8 and sort < 3:
            extent = self.elements(shape)
            return self.add(gd.iota(shape[0], kind), float(extent), 0)
        if static and sort == 9 and self.elements(shape) <= 64:
            count = int(sizes.product(shape))
            flat = [low + step * self.integer(0, int((high - low) / step)) for _ in range(count)]
            value = np.array(flat).reshape([int(s) for s in shape]).astype(kind.numpy)
            return self.add(gd.constant(value), bound, grain)
        if sort == 8:
            value = self.pick((0.0, 1.0, 0.5)) if kind.is_float else self.integer(0, 1)
            return self.add(self.call("full", tuple(shape), value, kind), 1.0, 1)
        name = f"{self.name}_{len(self.feeds)}"
        self.feeds[name] = Feed(low, high, step)
        if static and sort >= 5:
            declare = gd.param if kind.is_float and sort < 7 else gd.state
            known = self.add(declare(name, tuple(shape), kind), bound, grain)
            self.states.append(known)
            return known
        return self.add(gd.input(name, tuple(shape), kind), bound, grain)

    def index(self, shape: Sequence[sizes.Size], size: sizes.Size) -> Node:
        """Make indices into an axis: straight from an input, or computed."""
        if isinstance(size, sizes.Dim):
            self.least.update(dict.fromkeys(sizes.symbols(size), 1))
        if self.chance(60):
            name = f"{self.name}_{len(self.feeds)}"
            self.feeds[name] = Feed(0.0, size, 1.0)
            kind = self.pick((int32, int64, uint8))
            node = gd.input(name, tuple(shape), kind)
            return node.astype(int64) if self.chance(20) else node
        kind = self.pick((int32, int64))
        base = self.leaf(shape, kind)
        return base.node * 2 - 1 if self.chance(50) else base.node + 1

    # --- operands ------------------------------------------------------------------------------

    def any(self, accept: Callable[[Known], bool] = lambda k: True) -> Known | None:
        """Return a node of the pool, the younger the likelier."""
        found = [k for k in self.pool if accept(k)]
        if not found:
            return None
        a, b = self.integer(0, len(found) - 1), self.integer(0, len(found) - 1)
        return found[max(a, b)]

    def number(self, exact: bool = False) -> Known:
        """Return numbers; exact ones if asked for."""
        found = self.any(lambda k: k.node.dtype is not bool_ and (k.exact or not exact))
        return found or self.leaf(self.shape(), self.flavour)

    def real(self, limit: float = 1e4) -> Known:
        """Return floats no larger than a limit."""
        found = self.any(lambda k: k.node.dtype.is_float) or self.leaf(self.shape(), self.flavour)
        if found.bound > limit:
            shift = int(np.ceil(np.log2(found.bound / limit)))
            grain = None if found.grain is None else found.grain + shift
            return self.add(found.node * 2.0**-shift, found.bound * 2.0**-shift, grain)
        return found

    def positive(self) -> Known:
        """Return floats that keep away from zero."""
        x = self.real(4.0)
        if x.exact and self.chance(50):
            return self.add(self.call("abs", x.node) + 0.5, x.bound + 0.5, max(x.grain or 0, 1))
        return self.add(x.node * x.node + 0.5, x.bound**2 + 0.5, twice(x.grain))

    def beside(self, x: Known, exact: bool = False, boolean: bool = False) -> Known:
        """Return an operand that broadcasts with another."""

        def fits(k: Known) -> bool:
            kinds = (k.node.dtype is bool_) == boolean and (k.exact or not exact)
            return kinds and broadcasts(x.node.shape, k.node.shape)

        def small(k: Known) -> bool:
            return fits(k) and self.elements(joint(x.node.shape, k.node.shape)) <= LARGEST

        if self.chance(75) and (found := self.any(small)) is not None:
            return found
        shape = [1 if self.chance(25) else s for s in x.node.shape]
        shape = shape[self.integer(0, len(shape)) if self.chance(30) else 0 :]
        kind = bool_ if boolean else x.node.dtype if x.node.dtype is not bool_ else self.flavour
        return self.leaf(shape, kind)

    # --- a step --------------------------------------------------------------------------------

    def step(self) -> Known:
        """Add one op."""
        return self.pick(self.steps)(self)

    def case(self, count: int) -> Case:
        """Build the whole graph."""
        for _ in range(self.integer(1, 3)):
            self.leaf(self.shape())
        for _ in range(count):
            self.step()
        outputs = self.outputs()
        updates = self.updates()
        exact = frozenset(k for k, v in outputs.items() if v.exact)
        named = {k: v.node for k, v in outputs.items()}
        if self.gradient and self.chance(60):
            named.update(self.gradients())
        graph = gd.Graph(
            named,
            updates=updates,
            name=self.name,
            inputs=self.spare([*named.values(), *updates.values()]),
        )
        return Case(
            graph,
            self.feeds,
            {d: self.maxima[d] for d in self.maxima},
            self.least,
            exact,
            frozenset(self.used),
        )

    def outputs(self) -> dict[str, Known]:
        """Choose results: late nodes, leaves, views, and now and then one twice."""
        chosen = [self.pool[-1]]
        for _ in range(self.integer(0, 3)):
            chosen.append(self.any())
        if self.chance(10):
            chosen.append(chosen[0])
        if self.chance(25):
            x = self.any(lambda k: k.node.ndim > 0) or chosen[0]
            chosen.append(Known(gd.transpose(x.node), x.bound, x.grain))
        return {f"out{i}": k for i, k in enumerate(chosen)}

    def spare(self, roots: Iterable[Node]) -> list[Node]:
        """Declare inputs that nothing needs: where a dim is no input's axis, and now and then."""
        graph = gd.Graph(list(roots))
        bound = {s for i in graph.inputs for s in i.shape}
        wanted = [d for d in graph.dims if sizes.symbol(d) not in bound]
        if self.chance(10):
            wanted.append("N")
        name = f"{self.name}_spare"
        self.feeds.update({f"{name}_{d}": Feed(-1.0, 1.0, 0.5) for d in wanted})
        return [gd.input(f"{name}_{d}", (d, 2)) for d in dict.fromkeys(wanted)]

    def gradients(self) -> dict[str, Node]:
        """Return gradients of a scalar by what it depends on."""
        x = self.real()
        loss = gd.sum(x.node * 0.5) if self.chance(50) else gd.mean(gd.tanh(x.node * 0.25))
        reached = [
            n
            for n in topological([loss])
            if n.op.name in ("input", "param", "state") and n.dtype.is_float
        ]
        if not reached:
            return {"loss": loss}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # some gradients are zero: that is meant
            found = gd.grad(loss, reached[-4:])
        return {"loss": loss, **{f"grad{i}": g for i, g in enumerate(found)}}

    def updates(self) -> dict[Node, Node]:
        """Choose new values of state: also views of itself, and of other state."""
        found: dict[Node, Node] = {}
        for state in self.states:
            if not self.chance(60):
                continue
            same = [k for k in self.pool if alike(k.node, state.node)]
            value = self.pick(same).node
            found[state.node] = self.rearranged(value) if self.chance(50) else value
        return found

    def rearranged(self, x: Node) -> Node:
        """Return elements of an array at other places of the same shape."""
        sort = self.integer(0, 6)
        if not x.ndim:
            return x + x if x.dtype is not bool_ else x
        axis = self.integer(0, x.ndim - 1)
        size = x.shape[axis]
        if sort == 0:
            return self.call("flip", x, axis)
        if sort == 1 and isinstance(size, int) and size > 1:
            cut = self.integer(1, size - 1)
            places = [slice(None)] * axis
            return self.call(
                "concat", [x[(*places, slice(cut, None))], x[(*places, slice(None, cut))]], axis
            )
        square = [a for a in range(x.ndim) if a != axis and x.shape[a] == size]
        if sort == 2 and square:
            order = list(range(x.ndim))
            order[axis], order[square[0]] = square[0], axis
            return self.call("transpose", x, order)
        if sort == 3:
            return self.call("where", gd.greater(x.astype(int32), 0), x, self.call("flip", x))
        if sort == 4 and isinstance(size, int) and size > 1:
            widths = [(1, 0) if a == axis else (0, 0) for a in range(x.ndim)]
            return self.call("pad", x[(*[slice(None)] * axis, slice(None, -1))], widths)
        if sort == 5 and x.dtype is not bool_:
            return x + self.call("flip", x, axis)
        if sort == 6:
            return x.reshape((-1,)).reshape(x.shape)
        return x


def twice(grain: int | None) -> int | None:
    return None if grain is None else max(2 * grain, 1)


def joint(a: Sequence[sizes.Size], b: Sequence[sizes.Size]) -> tuple[sizes.Size, ...]:
    rank = max(len(a), len(b))
    x, y = (1,) * (rank - len(a)) + tuple(a), (1,) * (rank - len(b)) + tuple(b)
    return tuple(j if i == 1 else i for i, j in zip(x, y, strict=True))


def broadcasts(a: Sequence[sizes.Size], b: Sequence[sizes.Size]) -> bool:
    short = min(len(a), len(b))
    pairs = zip(a[len(a) - short :], b[len(b) - short :], strict=True)
    return all(i == j or i == 1 or j == 1 for i, j in pairs)


def alike(a: Node, b: Node) -> bool:
    return a.shape == b.shape and a.dtype is b.dtype


def max_grain(*xs: Known) -> int | None:
    grains = [x.grain for x in xs]
    return None if any(g is None for g in grains) else max(g for g in grains if g is not None)
