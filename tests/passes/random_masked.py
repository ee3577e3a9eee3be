"""Random programs in which much is NaN or infinite that the result does not take.

Each operation is applied twice: to graphdl's nodes, and to arrays of jets (see ``jets``), where
only what is taken is computed. From both come the gradient and the Hessian's product with a vector.
"""

from __future__ import annotations

import math
import random
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

import graphdl as gd
from graphdl.passes.pipeline import run
from tests.passes.jet_arrays import along, each, lines, running
from tests.passes.jets import UNARY, Jet, applied, largest, log_sum_exp, product, total

RISKY = [n for n in UNARY if n not in ("sin", "tanh", "square", "abs")]
OVERFLOW = 1e100
"""What meets larger numbers may be infinite in one order of evaluation, and not in another."""
SPECIAL = [0.0, 0.0, -0.0, 1.0, -1.0, 2.0, 0.5]
NAMES: dict[str, Callable[[Any], Any]] = {
    "power": lambda x: x**0.3,
    "overflow": lambda x: gd.exp(900 * x),
    "arcsin": lambda x: gd.asin(x),
    "arctanh": lambda x: gd.atanh(x),
    "arccosh": lambda x: gd.acosh(x),
}


@dataclass(frozen=True)
class Pair:
    """A node and what it is: jets, or bools for a condition."""

    node: Any
    jets: np.ndarray

    @property
    def shape(self) -> tuple[int, ...]:
        """Return the array's shape."""
        return self.jets.shape


class Program:
    """A program of a seed: variables, a pool of arrays made from them, and a loss."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.data: dict[str, np.ndarray] = {}
        self.variables: list[Any] = []
        self.tangents: list[np.ndarray] = []
        self.steps: list[str] = []
        self.count = 0
        pool = [self.variable(self.pick([(3,), (4,), (2, 3), (3, 3)])) for _ in range(2)]
        self.fits = Jet.is_defined if self.rng.random() < 0.6 else Jet.has_value
        for _ in range(self.rng.randint(3, 14)):
            pool.append(self.step(pool))
        parts = [self.taken(pool[-1 - k]) for k in range(self.rng.randint(1, 2))]
        while self.rng.random() < 0.5:
            parts[0] = self.taken(self.step(parts))
        self.loss = self.summed(parts)

    def pick(self, choices: Sequence[Any]) -> Any:
        """Draw one of several."""
        return self.rng.choice(list(choices))

    def variable(self, shape: tuple[int, ...]) -> Pair:
        """Return a variable, some elements of which are where functions end."""
        name = f"x{len(self.variables)}"
        values = np.array(
            [
                self.pick(SPECIAL) if self.rng.random() < 0.4 else self.rng.uniform(-2, 3)
                for _ in range(math.prod(shape))
            ]
        ).reshape(shape)
        tangent = np.array([self.rng.uniform(0.5, 2) for _ in values.flat]).reshape(shape)
        jets = np.empty(shape, object)
        for at in np.ndindex(shape):
            jets[at] = Jet(float(values[at]), {self.count: 1.0}, {}, float(tangent[at]))
            self.count += 1
        self.data[name] = values
        self.variables.append(gd.input(name, shape, "float64"))
        self.tangents.append(tangent)
        return Pair(self.variables[-1], jets)

    def step(self, pool: Sequence[Pair]) -> Pair:
        """Apply a random operation to arrays of the pool."""
        x = self.pick(pool)
        kinds = [self.risky, self.risky, self.smooth, self.binary, self.choice, self.moved]
        kinds += [
            self.sliced,
            self.gathered,
            self.assembled,
            self.reduced,
            self.ran,
            self.contracted,
        ]
        step = self.pick(kinds)
        found: Pair = step(x, pool)
        self.steps.append(f"{step.__name__} {x.shape} -> {found.shape}")
        return found

    def unary(self, name: str, x: Pair) -> Pair:
        """Apply a function to each element."""
        function = NAMES.get(name) or getattr(gd, name)
        return Pair(function(x.node), each(lambda j: applied(name, j), x.jets))

    def risky(self, x: Pair, pool: Sequence[Pair]) -> Pair:
        """Apply a function that has poles or a limited domain, or overflows."""
        return self.unary(self.pick(RISKY), x)

    def smooth(self, x: Pair, pool: Sequence[Pair]) -> Pair:
        """Apply a function without poles."""
        return self.unary(self.pick(("sin", "tanh", "square", "abs")), x)

    def partner(self, x: Pair, pool: Sequence[Pair]) -> Pair:
        """Return another array of the shape, or something made of the same one."""
        same = [p for p in pool if p.shape == x.shape]
        return self.pick(same) if self.rng.random() < 0.8 else self.smooth(x, pool)

    def binary(self, x: Pair, pool: Sequence[Pair]) -> Pair:
        """Combine two arrays."""
        y = self.partner(x, pool)
        node, function = self.pick(
            [
                (x.node + y.node, lambda a, b: a + b),
                (x.node * y.node, lambda a, b: a * b),
                (x.node - y.node, lambda a, b: a - b),
                (x.node / y.node, lambda a, b: a / b),
                (gd.maximum(x.node, y.node), lambda a, b: largest([a, b])),
            ]
        )
        return Pair(node, each(function, x.jets, y.jets))

    def mask(self, wanted: np.ndarray) -> Pair:
        """Return a condition with these values: constant, an input, or computed."""
        kind = self.rng.random()
        if kind < 0.3:
            return Pair(gd.constant(wanted), wanted)
        name = f"m{len(self.data)}"
        if kind < 0.6:
            self.data[name] = wanted
            return Pair(gd.input(name, wanted.shape, "bool"), wanted)
        self.data[name] = np.where(wanted, 1.5, -1.5)
        node = gd.input(name, wanted.shape, "float64") > 0
        return Pair(node, wanted)

    def condition(self, defined: np.ndarray) -> Pair:
        """Return a condition under which elements are defined, now and then of whole lines."""
        if defined.ndim and self.rng.random() < 0.3:
            axis = self.rng.randrange(defined.ndim)
            found = self.mask(~defined)
            node, bad = gd.any(found.node, axis, True), found.jets.any(axis, keepdims=True)
            shown = np.broadcast_to(~bad, defined.shape)
            return Pair(gd.logical_not(node), shown)
        kept = np.array([self.rng.random() < 0.8 for _ in range(defined.size)], bool)
        return self.mask(defined & kept.reshape(defined.shape))

    def choice(self, x: Pair, pool: Sequence[Pair]) -> Pair:
        """Take an array where it is defined, zero or another array elsewhere."""
        condition = self.condition(each(self.fits, x.jets).astype(bool))
        zero = Pair(0.0, each(lambda j: Jet(0.0), x.jets))
        other = zero if self.rng.random() < 0.6 else self.partner(x, pool)
        if self.rng.random() < 0.3:
            node = gd.where(gd.logical_not(condition.node), other.node, x.node)
        else:
            node = gd.where(condition.node, x.node, other.node)
        return Pair(node, np.where(condition.jets, x.jets, other.jets))

    def moved(self, x: Pair, pool: Sequence[Pair]) -> Pair:
        """Move elements about."""
        if not x.jets.ndim:
            return Pair(gd.broadcast_to(x.node, (2,)), np.broadcast_to(x.jets, (2,)))
        axis, size = self.rng.randrange(x.jets.ndim), x.jets.size
        return self.pick(
            [
                lambda: Pair(gd.flip(x.node, axis), np.flip(x.jets, axis)),
                lambda: Pair(gd.roll(x.node, 1, axis), np.roll(x.jets, 1, axis)),
                lambda: Pair(gd.transpose(x.node), x.jets.T),
                lambda: Pair(x.node.reshape(size), x.jets.reshape(size)),
                lambda: Pair(
                    gd.broadcast_to(x.node, (2, *x.shape)), np.broadcast_to(x.jets, (2, *x.shape))
                ),
            ]
        )()

    def sliced(self, x: Pair, pool: Sequence[Pair]) -> Pair:
        """Take a slice, with a step."""
        if not x.jets.ndim:
            return x
        axis = self.rng.randrange(x.jets.ndim)
        part = self.pick(
            [slice(1, None), slice(None, -1), slice(None, None, 2), slice(None, None, -2)]
        )
        index = (slice(None),) * axis + (part,)
        return Pair(x.node[index], x.jets[index]) if x.jets[index].size else x

    def gathered(self, x: Pair, pool: Sequence[Pair]) -> Pair:
        """Take elements by index, some twice; or add them up by index."""
        if not x.jets.ndim:
            return x
        axis = self.rng.randrange(x.jets.ndim)
        size = x.shape[axis]
        if self.rng.random() < 0.3 and axis == 0:
            at = [self.rng.randrange(3) for _ in range(size)]
            rows = [[x.jets[k] for k in range(size) if at[k] == row] for row in range(3)]
            sums = np.empty((3, *x.shape[1:]), object)
            for row, place in np.ndindex(3, int(math.prod(x.shape[1:]))):
                terms = [np.asarray(r, object).reshape(-1)[place] for r in rows[row]]
                sums.reshape(3, -1)[row, place] = total(terms) if terms else Jet(0.0)
            return Pair(gd.scatter_add(x.node, np.array(at), 3), sums)
        at = [self.rng.randrange(size) for _ in range(self.rng.randint(1, 3))]
        index: Any = np.array(at)
        if self.rng.random() < 0.5:
            name = f"i{len(self.data)}"
            self.data[name] = index
            return Pair(gd.take(x.node, gd.input(name, index.shape, "int64"), axis),
                        np.take(x.jets, index, axis))  # fmt: skip
        return Pair(gd.take(x.node, index, axis), np.take(x.jets, index, axis))

    def assembled(self, x: Pair, pool: Sequence[Pair]) -> Pair:
        """Put an array among zeros, or beside another."""
        y = self.partner(x, pool)
        if not x.jets.ndim:
            return Pair(gd.stack([x.node, y.node]), np.stack([x.jets, y.jets]))
        if self.rng.random() < 0.4:
            padded = np.pad(x.jets, 1, constant_values=Jet(0.0))
            return Pair(gd.pad(x.node, 1), padded)
        axis = self.rng.randrange(x.jets.ndim)
        if self.rng.random() < 0.5:
            return Pair(gd.concat([x.node, y.node], axis), np.concatenate([x.jets, y.jets], axis))
        return Pair(gd.stack([x.node, y.node], axis), np.stack([x.jets, y.jets], axis))

    def reduced(self, x: Pair, pool: Sequence[Pair]) -> Pair:
        """Reduce along an axis, or do with its lines what softmax does."""
        if not x.jets.ndim:
            return x
        axis = self.rng.randrange(x.jets.ndim)
        reductions: list[tuple[Any, Any]] = [
            (gd.sum, total),
            (gd.max, largest),
            (gd.prod, product),
            (gd.logsumexp, log_sum_exp),
            (gd.norm, lambda items: applied("sqrt", total([j * j for j in items]))),
        ]
        whole: list[tuple[Any, Any]] = [
            (gd.log_softmax, lambda items: [j - log_sum_exp(items) for j in items]),
            (
                gd.softmax,
                lambda items: [applied("exp", j - log_sum_exp(items)) for j in items],
            ),
        ]
        if self.rng.random() < 0.3:
            function, oracle = self.pick(whole)
            return Pair(function(x.node, axis), along(oracle, x.jets, axis))
        function, oracle = self.pick(reductions)
        return Pair(function(x.node, axis=axis), lines(oracle, x.jets, axis))

    def ran(self, x: Pair, pool: Sequence[Pair]) -> Pair:
        """Scan along an axis."""
        if not x.jets.ndim:
            return x
        axis = self.rng.randrange(x.jets.ndim)
        kind = self.rng.random()
        if kind < 0.4:
            return Pair(gd.cumsum(x.node, axis), along(running(lambda a, b: a + b), x.jets, axis))
        if kind < 0.6:
            return Pair(gd.cumprod(x.node, axis), along(running(lambda a, b: a * b), x.jets, axis))
        a = self.partner(x, pool)
        pairs = np.empty(x.shape, object)
        for at in np.ndindex(x.shape):
            pairs[at] = (a.jets[at], x.jets[at])

        def line(items: Sequence[Any]) -> list[Jet]:
            states = [items[0][1]]
            for factor, added in items[1:]:
                states.append(factor * states[-1] + added)
            return states

        return Pair(gd.linear_recurrence(a.node, x.node, axis), along(line, pairs, axis))

    def contracted(self, x: Pair, pool: Sequence[Pair]) -> Pair:
        """Multiply matrices: with another array, or with itself."""
        if x.jets.ndim != 2:
            return self.binary(x, pool)
        y = self.partner(x, pool)
        result = np.empty((x.shape[0], y.shape[0]), object)
        for i, j in np.ndindex(result.shape):
            pairs = zip(x.jets[i], y.jets[j], strict=True)
            result[i, j] = total([a * b for a, b in pairs])
        return Pair(x.node @ gd.transpose(y.node), result)

    def taken(self, x: Pair) -> Pair:
        """Take what is defined: by a choice, a slice or by index."""
        defined = each(self.fits, x.jets).astype(bool)
        kind = self.rng.random()
        if defined.all() and kind < 0.5:
            return x
        places = np.flatnonzero(defined)
        if kind < 0.4 or not places.size or not x.jets.ndim:
            return self.choice(x, [x])
        flat = Pair(x.node.reshape(x.jets.size), x.jets.reshape(x.jets.size))
        if kind < 0.7:
            at = np.array([self.pick(places) for _ in range(self.rng.randint(1, 4))])
            return Pair(gd.take(flat.node, at, 0), flat.jets[at])
        start = int(self.pick(places))
        stop = start + 1
        while stop in places and self.rng.random() < 0.7:
            stop += 1
        return Pair(flat.node[start:stop], flat.jets[start:stop])

    def summed(self, parts: Sequence[Pair]) -> Pair:
        """Return the sum of all elements, each with a weight of its own."""
        node: Any = 0.0
        terms: list[Jet] = []
        for part in parts:
            weights = np.array([self.rng.uniform(0.5, 2) for _ in range(part.jets.size)])
            node = node + gd.sum(part.node * gd.constant(weights.reshape(part.shape)))
            jets = part.jets.reshape(-1)
            terms += [Jet(float(w)) * j for w, j in zip(weights, jets, strict=True)]
        return Pair(node, np.array(total(terms), object))


def problems(seed: int) -> list[str]:
    """Return what is wrong with the derivatives of a program: a line a wrong element.

    Elements without a finite loss, or with an undefined derivative, promise nothing; infinite
    derivatives must not come out finite.
    """
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = Program(seed)
        loss: Jet = program.loss.jets.item()
        if not math.isfinite(loss.value) or not loss.first:
            return []
        variables, tangents = program.variables, [gd.constant(t) for t in program.tangents]
        orders = [
            ("first order", gd.grad(program.loss.node, variables), loss.first),
            ("second order", gd.hvp(program.loss.node, variables, tangents), loss.second),
        ]
        found: list[str] = []
        for order, nodes, partials in orders:
            graph = gd.Graph({f"g{k}": n for k, n in enumerate(nodes)})
            for kind, given in (("", graph), (", optimised", run(graph))):
                data = {i.name: program.data[i.name] for i in given.inputs}
                results = gd.interpret(given, data)
                flat = np.concatenate([results[f"g{k}"].reshape(-1) for k in range(len(nodes))])
                wrong = _wrong(flat, partials, loss.scale)
                if wrong:
                    found.append(f"seed {seed}: {order}{kind}: {wrong}")
        return found


def _wrong(found: np.ndarray, partials: dict[int, float], scale: float) -> str:
    for k, value in enumerate(found):
        true = partials.get(k, 0.0)
        if math.isinf(true) and math.isfinite(value) and scale < OVERFLOW:
            return f"element {k} is {value}, not infinite"
        if math.isfinite(true) and not abs(value - true) <= 1e-8 * scale:
            return f"element {k} is {value}, not {true}"
    return ""
