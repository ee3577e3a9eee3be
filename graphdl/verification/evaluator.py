"""Graphs evaluated in any algebra: arrays of SymPy expressions, of 50-digit numbers, of sums.

One walk, inputs first, over graphs without composites. What is an integer or a bool and depends on
no element of the algebra is computed by the interpreter. All else is an object array, whose
elements only the algebra knows.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from graphdl.ir import interpreter, leaves, scalar
from graphdl.ir.complex_step import stops_gradient
from graphdl.ir.dims import evaluate as size_of
from graphdl.ir.graph import static_shape
from graphdl.ir.instructions import Instruction
from graphdl.ir.kinds import (
    AssemblyOp,
    ElementwiseOp,
    PrefixOp,
    ReduceOp,
    ScatterOp,
    ViewOp,
    split_spec,
)
from graphdl.ir.node import Node
from graphdl.verification.cones import between

Env = Mapping[str, int]
Values = dict[Node, np.ndarray]


class UnsupportedError(Exception):
    """The algebra cannot compute this."""


class Algebra(Protocol):
    """What elements are and how they are combined."""

    def number(self, value: Any) -> Any:
        """Return a float of the graph as an element."""

    def total(self, elements: Sequence[Any]) -> Any:
        """Return a sum."""

    def product(self, elements: Sequence[Any]) -> Any:
        """Return a product."""

    def sign(self, element: Any) -> int:
        """Return -1, 0 or 1."""

    def apply(self, instruction: Instruction, operands: list[Any], payload: object) -> Any:
        """Return the value of a scalar instruction; comparisons are Python bools."""

    def held(self, element: Any) -> Any:
        """Return what stands for an element through which no derivative flows."""


def run(roots: Sequence[Node], values: Values, env: Env, algebra: Algebra) -> None:
    """Fill in the values of what lies between the roots and what has a value."""
    for node in between(values, roots):
        values[node] = _value(node, [values[i] for i in node.inputs], env, algebra)


def array_of(elements: Sequence[Any], shape: tuple[int, ...]) -> np.ndarray:
    """Return an object array, whatever its elements are."""
    flat = np.empty(len(elements), dtype=object)
    for place, element in enumerate(elements):
        flat[place] = element
    return flat.reshape(shape)


def numbers(array: np.ndarray, algebra: Algebra) -> np.ndarray:
    """Return an array of numbers as elements."""
    return array_of([algebra.number(v) for v in array.ravel()], array.shape)


def _value(node: Node, inputs: list[np.ndarray], env: Env, algebra: Algebra) -> np.ndarray:
    objects = any(i.dtype == object for i in inputs)
    if not objects and not node.dtype.is_float:
        return _plain(node, inputs, env)
    if node.op.kind not in _EVALUATORS:
        raise UnsupportedError(f"{node.op.kind} {node.op.name}")
    return np.asarray(_EVALUATORS[node.op.kind](node, inputs, env, algebra))


def _plain(node: Node, inputs: list[np.ndarray], env: Env) -> np.ndarray:
    """Let the interpreter evaluate one node."""
    stand_ins = [leaves.argument(k, i.shape, i.dtype) for k, i in enumerate(node.inputs)]
    alone = Node(node.op, tuple(stand_ins), node.attrs, node.shape, node.dtype, node.origins)
    found = dict(zip(stand_ins, inputs, strict=True))
    interpreter.run([alone], found, env, double=True)
    return found[alone]


def _leaf(node: Node, inputs: list[np.ndarray], env: Env, algebra: Algebra) -> np.ndarray:
    if node.op is leaves.CONSTANT:
        return numbers(node.attr("value"), algebra)
    if node.op is leaves.IOTA:
        return numbers(np.arange(size_of(node.shape[0], env)), algebra)
    if node.op is leaves.DIMENSION:
        return numbers(np.asarray(size_of(node.attr("size"), env)), algebra)
    raise UnsupportedError(f"no value was given for {node!r}")


def _elements(array: np.ndarray, algebra: Algebra) -> np.ndarray:
    """Return floats and integers as elements; bools stay Python's own."""
    if array.dtype == object:
        return array
    if array.dtype == bool:
        return array.astype(object)
    return numbers(array, algebra)


def _elementwise(node: Node, inputs: list[np.ndarray], env: Env, algebra: Algebra) -> np.ndarray:
    assert isinstance(node.op, ElementwiseOp)
    body, shape = node.op.body(node.attrs), static_shape(node.shape, env)
    wide = [np.broadcast_to(_elements(i, algebra), shape).ravel() for i in inputs]

    def of_constant(value: Any) -> Any:
        return value if isinstance(value, bool) else algebra.number(value)

    def of_instruction(instruction: Instruction, operands: list[Any], payload: object) -> Any:
        return algebra.apply(instruction, operands, payload)

    rows = zip(*wide, strict=True) if wide else iter([()])
    found = [scalar.evaluate(body, row, of_constant, of_instruction) for row in rows]
    if stops_gradient(node):
        found = [algebra.held(f) for f in found]
    if node.dtype.name == "bool":
        return np.array(found, dtype=bool).reshape(shape)
    return array_of(found, shape)


def _over(axes: Sequence[int], x: np.ndarray, combine: Callable[[list[Any]], Any]) -> np.ndarray:
    """Combine the elements along axes, row-major."""
    kept = [a for a in range(x.ndim) if a not in axes]
    lines = np.transpose(x, [*kept, *axes])
    shape = lines.shape[: len(kept)]
    found = [combine(list(lines[at].ravel())) for at in np.ndindex(*shape)]
    return array_of(found, shape)


def _winner(line: Sequence[Any], algebra: Algebra, largest: bool) -> int:
    """Return the place of the first extreme element."""
    best = 0
    for place in range(1, len(line)):
        difference = algebra.sign(line[place] - line[best])
        best = place if difference == (1 if largest else -1) else best
    return best


def _reduce(node: Node, inputs: list[np.ndarray], env: Env, algebra: Algebra) -> np.ndarray:
    assert isinstance(node.op, ReduceOp)
    combine, axes, x = node.op.combine, node.attr("axes"), _elements(inputs[0], algebra)
    if combine in ("add", "mul"):
        return _over(axes, x, algebra.total if combine == "add" else algebra.product)
    if combine in ("and", "or"):
        raise UnsupportedError(node.op.name)
    largest = combine.endswith("max")
    if node.op.gives_index:
        return _over(axes, x, lambda line: _winner(line, algebra, largest)).astype(np.int64)
    return _over(axes, x, lambda line: line[_winner(line, algebra, largest)])


def _prefix(node: Node, inputs: list[np.ndarray], env: Env, algebra: Algebra) -> np.ndarray:
    assert isinstance(node.op, PrefixOp)
    combine, attrs, shape = node.op.combine, dict(node.attrs), static_shape(node.shape, env)
    whole = [np.broadcast_to(_elements(i, algebra), shape) for i in inputs]
    axis, backward = attrs["axis"], attrs["reverse"]
    lines = [np.moveaxis(w, axis, -1) for w in whole]
    lines = [line[..., ::-1] for line in lines] if backward else lines
    result = np.empty(lines[0].shape, dtype=object)
    for at in np.ndindex(*result.shape[:-1]):
        found = _running(combine, [line[at] for line in lines], algebra)
        if attrs["exclusive"] and found:
            found = [algebra.number(int(combine == "mul")), *found[:-1]]
        result[at] = array_of(found, (len(found),))
    if backward:
        result = result[..., ::-1]
        result = shape[axis] - 1 - result if node.op.gives_index else result
    result = np.moveaxis(result, -1, axis)
    return result.astype(np.int64) if node.op.gives_index else result


def _running(combine: str, lines: list[Any], algebra: Algebra) -> list[Any]:
    if combine in ("add", "mul", "linear"):
        return _accumulated(combine, lines, algebra)
    (x,), best, found = lines, 0, list[Any]()
    wins = 1 if combine.endswith("max") else -1
    for i, element in enumerate(x):
        best = i if algebra.sign(element - x[best]) == wins else best
        found.append(best if combine.startswith("arg") else x[best])
    return found


def _accumulated(combine: str, lines: list[Any], algebra: Algebra) -> list[Any]:
    x, found = lines[-1], list[Any]()
    for i, element in enumerate(x):
        if not found:
            found.append(element)
        elif combine == "mul":
            found.append(algebra.product([found[-1], element]))
        else:
            last = found[-1]
            last = algebra.product([lines[0][i], last]) if combine == "linear" else last
            found.append(algebra.total([last, element]))
    return found


def _order(node: Node, inputs: list[np.ndarray], env: Env, algebra: Algebra) -> np.ndarray:
    """Insert one by one; equal elements stay in their order."""
    axis, ahead = node.attr("axis"), 1 if node.attr("descending") else -1
    lines = np.moveaxis(inputs[0], axis, -1)
    result = np.empty(lines.shape, dtype=np.int64)
    for at in np.ndindex(*lines.shape[:-1]):
        places: list[int] = []
        for i, element in enumerate(lines[at]):
            k = len(places)
            while k and algebra.sign(element - lines[at][places[k - 1]]) == ahead:
                k -= 1
            places.insert(k, i)
        result[at] = places
    return np.moveaxis(result, -1, axis)


def _contract(node: Node, inputs: list[np.ndarray], env: Env, algebra: Algebra) -> np.ndarray:
    left, right, out = split_spec(node.attr("spec"))
    x, y = (_elements(i, algebra) for i in inputs)
    sizes = {**dict(zip(left, x.shape, strict=True)), **dict(zip(right, y.shape, strict=True))}
    summed = [name for name in sizes if name not in out]
    found = []
    for at in itertools.product(*(range(sizes[n]) for n in out)):
        where, terms = dict(zip(out, at, strict=True)), []
        for inner in itertools.product(*(range(sizes[n]) for n in summed)):
            where.update(zip(summed, inner, strict=True))
            a, b = x[tuple(where[n] for n in left)], y[tuple(where[n] for n in right)]
            terms.append(algebra.product([a, b]))
        found.append(algebra.total(terms))
    return array_of(found, tuple(sizes[n] for n in out))


def _view(node: Node, inputs: list[np.ndarray], env: Env, algebra: Algebra) -> np.ndarray:
    assert isinstance(node.op, ViewOp)
    attrs = interpreter.static_attrs(node, env)
    return np.asarray(node.op.evaluate(inputs[0], attrs, static_shape(node.shape, env)))


def _assembly(node: Node, inputs: list[np.ndarray], env: Env, algebra: Algebra) -> np.ndarray:
    assert isinstance(node.op, AssemblyOp)
    fill, shape = node.op.fill(dict(node.attrs)), static_shape(node.shape, env)
    order = np.arange(math.prod(shape)).reshape(shape)
    flat = np.empty(order.size, dtype=object)
    flat.fill(algebra.number(0 if fill is None else fill))
    for piece in node.op.pieces(node):
        part = _elements(inputs[piece.operand], algebra)
        places = [
            size_of(start, env) + step * np.arange(size)
            for start, step, size in zip(piece.starts, piece.steps, part.shape, strict=True)
        ]
        for place, element in zip(order[np.ix_(*places)].flat, part.flat, strict=True):
            flat[place] = element
    return flat.reshape(shape)


def _gather(node: Node, inputs: list[np.ndarray], env: Env, algebra: Algebra) -> np.ndarray:
    x, *indices = inputs
    places = np.arange(x.size).reshape(x.shape)
    at = np.asarray(interpreter.at_places(node, places, indices, env))
    flat = _elements(x, algebra).ravel()
    return array_of([flat[place] for place in at.ravel()], at.shape)


def _scatter(node: Node, inputs: list[np.ndarray], env: Env, algebra: Algebra) -> np.ndarray:
    assert isinstance(node.op, ScatterOp)
    base, updates, *indices = inputs
    combine, flat = node.op.combine, _elements(base, algebra).ravel().copy()
    places = np.arange(flat.size).reshape(base.shape)
    at = np.asarray(interpreter.at_places(node, places, indices, env)).ravel()
    for place, update in zip(at, _elements(updates, algebra).ravel(), strict=True):
        if combine == "add":
            update = algebra.total([flat[place], update])
        elif combine != "set":
            wins = algebra.sign(update - flat[place]) == (1 if combine == "max" else -1)
            update = update if wins else flat[place]
        flat[place] = update
    return flat.reshape(base.shape)


_EVALUATORS: dict[str, Callable[[Node, list[np.ndarray], Env, Algebra], np.ndarray]] = {
    "leaf": _leaf, "elementwise": _elementwise, "reduce": _reduce, "contract": _contract,
    "view": _view, "assembly": _assembly, "gather": _gather, "scatter": _scatter,
    "prefix": _prefix, "order": _order,
}  # fmt: skip
