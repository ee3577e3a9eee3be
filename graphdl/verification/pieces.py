"""A small piece of a graph on symbols: whether two of its nodes are equal.

Some nodes are cut off and become symbols: what is shown holds for all their values. Where all else
is computed element by element, one element is looked at, at symbolic indices, so that the proof is
one for all sizes; elsewhere all elements are, at small sizes.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from graphdl.ir import scalar
from graphdl.ir.dims import Size
from graphdl.ir.dims import evaluate as size_of
from graphdl.ir.graph import static_shape
from graphdl.ir.kinds import Affine, ElementwiseOp, ReduceOp, ViewOp
from graphdl.ir.leaves import IOTA
from graphdl.ir.node import Node
from graphdl.verification import evaluator
from graphdl.verification.cones import number
from graphdl.verification.evaluator import UnsupportedError, Values
from graphdl.verification.regions import OutsideDomainError, Region, explore
from graphdl.verification.symbolic import Symbolic, symbols_of
from graphdl.verification.zero import is_zero, poisons

Index = tuple[Affine, ...]
Atom = tuple[Node, Index]
"""An element of a node that was cut off."""

_MOST_TERMS = 800
"""Of the two expressions of an element."""
_MOST_REGIONS = 16
_MOST_PLACES, _MOST_BOOLS = 128, 3
"""Values of integers on which an element depends, and terms of a sum; bools."""
_MOST_CASES = 32
"""Combinations of integers and bools of whole arrays."""
_MOST_ELEMENTS = 1500
"""That are computed of an element."""


def equal_elements(
    node: Node, other: Node, cut: Collection[Node], limits: Mapping[Node, Size]
) -> bool:
    """Whether each element of a node is that of another, whatever was cut off is.

    Sums over axes of known sizes are written out.

    Raises
    ------
    UnsupportedError
        If something between is not computed element by element.
    """
    index = tuple(
        Affine() if s == 1 else Affine.index(f"i{axis}") for axis, s in enumerate(node.shape)
    )
    seen: dict[Atom, bool] = {}
    for root in (node, other):
        _look(root, index, set(cut), seen)
    floats = [a for a, is_atom in seen.items() if is_atom and a[0].dtype.is_float]
    others = [a for a, is_atom in seen.items() if is_atom and not a[0].dtype.is_float]
    symbols = {a: symbols_of(f"s{k}", ()).item() for k, a in enumerate(floats)}
    if sum(n.dtype.name == "bool" for n, _ in others) > _MOST_BOOLS:
        raise UnsupportedError("bools have too many values to try them all")
    for chosen in _cases([_range(n, limits, {}) for n, _ in others], _MOST_PLACES):
        known = {**symbols, **dict(zip(others, chosen, strict=True))}
        for region in explore(_MOST_REGIONS):
            elements = _Elements(known, region)
            try:
                found, wanted = (elements.at(n, index) for n in (node, other))
            except OutsideDomainError:
                continue
            if not elements.same(found, wanted):
                return False
    return True


def _operands(node: Node, index: Index) -> list[Atom]:
    """Return the elements of which an element is made."""
    if isinstance(node.op, ViewOp):
        pulled = node.op.pull(node, index)
        if pulled is None:
            raise UnsupportedError(f"{node!r} mixes axes")
        return [(node.inputs[0], _normal(node.inputs[0], pulled))]
    if isinstance(node.op, ElementwiseOp):
        return [(i, _normal(i, index[len(index) - i.ndim :])) for i in node.inputs]
    if isinstance(node.op, ReduceOp) and node.op.combine in ("add", "and", "or"):
        return _terms(node, index)
    raise UnsupportedError(f"{node!r} is not computed element by element")


def _terms(node: Node, index: Index) -> list[Atom]:
    """Return what an element of a sum is the sum of."""
    (source,), axes = node.inputs, node.attr("axes")
    sizes = [source.shape[a] for a in axes]
    if not all(isinstance(s, int) and s <= _MOST_PLACES for s in sizes):
        raise UnsupportedError(f"{node!r} has too many terms to write them out")
    kept = [a for a in range(source.ndim) if a not in axes]
    at = dict(zip(kept, index, strict=True))
    found = []
    for places in itertools.product(*(range(int(str(s))) for s in sizes)):
        at |= {a: Affine(offset=place) for a, place in zip(axes, places, strict=True)}
        found.append((source, _normal(source, [at[a] for a in range(source.ndim)])))
    return found


def _normal(node: Node, index: Sequence[Affine]) -> Index:
    return tuple(Affine() if s == 1 else i for s, i in zip(node.shape, index, strict=True))


def _look(node: Node, index: Index, cut: Collection[Node], seen: dict[Atom, bool]) -> None:
    """Note the elements on which an element depends, and whether they were cut off."""
    if (node, index) in seen or number(node) is not None:
        return
    seen[node, index] = node in cut
    if len(seen) > _MOST_ELEMENTS:
        raise UnsupportedError("too many elements")
    if node not in cut and node.op is not IOTA:
        for n, i in _operands(node, index):
            _look(n, i, cut, seen)


class _Elements:
    """Elements as expressions, in a region; one that is a sum is a symbol wherever it is used.

    So what uses it stays small. That it is this sum is only used in the end.
    """

    def __init__(self, known: Mapping[Atom, Any], region: Region) -> None:
        self.algebra = Symbolic(region)
        self.values = dict(known)
        self.sums: dict[Any, Any] = {}

    def at(self, node: Node, index: Index) -> Any:
        """Return the value of an element."""
        known = number(node)
        if known is not None:
            return known if isinstance(known, bool) else self.algebra.number(known)
        if (node, index) not in self.values:
            self.values[node, index] = self._computed(node, index)
        return self.values[node, index]

    def _computed(self, node: Node, index: Index) -> Any:
        if node.op is IOTA:
            if index[0].terms or not isinstance(index[0].offset, int):
                raise UnsupportedError("a place is no number")
            return self.algebra.number(index[0].offset)
        operands = [self.at(n, i) for n, i in _operands(node, index)]
        if isinstance(node.op, ElementwiseOp):
            body = node.op.body(node.attrs)
            return scalar.evaluate(body, operands, self._constant, self.algebra.apply)
        if not isinstance(node.op, ReduceOp):
            return operands[0]
        if node.dtype.name == "bool":
            return any(operands) if node.op.combine == "or" else all(operands)
        total = self.algebra.total(operands)
        symbol = self.algebra.held(total)
        self.sums[symbol] = total
        return symbol

    def _constant(self, value: Any) -> Any:
        return value if isinstance(value, bool) else self.algebra.number(value)

    def same(self, a: Any, b: Any) -> bool:
        """Whether two elements are the same."""
        if a == b or isinstance(a, bool):
            return bool(a == b)
        return self._is_fraction_of_zero(a - b) or _same(a, b, self.algebra)

    def _is_fraction_of_zero(self, difference: Any) -> bool:
        """Whether a fraction's numerator is 0 with the sums put back into it."""
        import sympy as sp

        for symbol in (None, *reversed(self.sums)):
            if not difference.is_rational_function() or difference.has_free(*poisons()):
                return False
            if self.algebra.size(difference) > _MOST_TERMS:
                raise UnsupportedError("too large for symbols")
            if symbol is not None and difference.has(symbol):
                difference = difference.xreplace({symbol: self.sums[symbol]})
            difference = sp.expand(sp.fraction(sp.together(difference))[0])
        return bool(difference == 0)


def equal_arrays(
    node: Node,
    other: Node,
    cut: Sequence[Node],
    env: Mapping[str, int],
    limits: Mapping[Node, Size],
) -> bool:
    """Whether a node is equal to another at these sizes, whatever was cut off is."""
    floats = [n for n in cut if n.dtype.is_float]
    symbols = {n: symbols_of(f"s{k}", static_shape(n.shape, env)) for k, n in enumerate(floats)}
    rest = [n for n in cut if not n.dtype.is_float]
    for integers in all_integers(rest, limits, env):
        for region in explore(_MOST_REGIONS):
            algebra, values = Symbolic(region), {**symbols, **integers}
            try:
                evaluator.run([node, other], values, env, algebra)
            except OutsideDomainError:
                continue
            pairs = zip(values[node].ravel(), values[other].ravel(), strict=True)
            if not all(_same(a, b, algebra) for a, b in pairs):
                return False
    return True


def all_integers(
    nodes: Sequence[Node], limits: Mapping[Node, Size], env: Mapping[str, int]
) -> Iterator[Values]:
    """Yield all values of inputs that are integers or bools.

    Parameters
    ----------
    nodes : sequence of Node
        The inputs.
    limits : mapping of Node to int or Poly
        The values of an integer are 0 up to this.
    env : mapping of str to int
        Sizes of dims.

    Raises
    ------
    UnsupportedError
        If these have more values than can be tried.
    """
    shapes = [static_shape(n.shape, env) for n in nodes]
    ranges = list[Sequence[int]]()
    for node, shape in zip(nodes, shapes, strict=True):
        ranges += [_range(node, limits, env)] * math.prod(shape)
    for chosen in _cases(ranges, _MOST_CASES):
        rest, values = list(chosen), Values()
        for node, shape in zip(nodes, shapes, strict=True):
            count = math.prod(shape)
            values[node] = np.array(rest[:count], dtype=node.dtype.numpy).reshape(shape)
            rest = rest[count:]
        yield values


def _range(node: Node, limits: Mapping[Node, Size], env: Mapping[str, int]) -> Sequence[int]:
    """Return all values of an integer or bool."""
    if node.dtype.name == "bool":
        return (False, True)
    if node.inputs or node not in limits:
        raise UnsupportedError(f"{node!r} has too many values to try them all")
    return range(size_of(limits[node], env))


def _cases(ranges: Sequence[Sequence[int]], most: int) -> Iterator[tuple[int, ...]]:
    if math.prod(map(len, ranges)) > most:
        raise UnsupportedError("integers have too many values to try them all")
    return itertools.product(*ranges)


def _same(a: Any, b: Any, algebra: Symbolic) -> bool:
    if a == b:
        return True
    difference = algebra.opened(a - b)
    if algebra.size(difference) > _MOST_TERMS:
        raise UnsupportedError("too large for symbols")
    return is_zero(difference, algebra.region)
