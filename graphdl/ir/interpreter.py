"""The reference interpreter: every kind evaluated by hand-written NumPy, node by node.

It is slow and simple on purpose: the oracle that compiled code is compared with. It knows nothing
of code generation. With ``float64=True`` it computes all floats in double precision, which gives
the goldens of emitted modules.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from graphdl.ir import kinds, leaves, scalar
from graphdl.ir.dims import Dim
from graphdl.ir.dims import evaluate as evaluate_size
from graphdl.ir.dtypes import DType, float64
from graphdl.ir.errors import ArgumentError, IndexRangeError
from graphdl.ir.graph import Graph, bind_dims, static_shape
from graphdl.ir.instructions import Instruction
from graphdl.ir.node import Node, topological
from graphdl.ir.size_checks import size_checks, size_error

Arrays = Mapping[str, Any]


def interpret(
    graph: Graph,
    inputs: Arrays | None = None,
    state: Arrays | None = None,
    *,
    double: bool = False,
    dims: Mapping[str, int] | None = None,
) -> dict[str, np.ndarray]:
    """Evaluate a graph slowly and plainly.

    Parameters
    ----------
    graph : Graph
        What to evaluate.
    inputs : mapping of str to array_like
        A value for every input.
    state : mapping of str to array_like, optional
        Values of state; what is missing starts from its initialiser with seed 0.
    double : bool
        Compute every float in float64.
    dims : mapping of str to int, optional
        Values of dims that no input's shape fixes.

    Returns
    -------
    dict of str to ndarray
        Outputs by name. New state stands under its own name in :func:`interpret_step`.

    Examples
    --------
    >>> import graphdl as gd
    >>> x = gd.input("x", ("N",))
    >>> float(gd.interpret(gd.Graph(gd.sum(x * x)), {"x": [1.0, 2.0]})["out"])
    5.0
    """
    return interpret_step(graph, inputs, state, double=double, dims=dims)[0]


def interpret_step(
    graph: Graph,
    inputs: Arrays | None = None,
    state: Arrays | None = None,
    *,
    double: bool = False,
    dims: Mapping[str, int] | None = None,
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Evaluate a graph; return outputs and the state after the step."""
    given, env = dict(inputs or {}), dict(dims or {})
    values: dict[Node, np.ndarray] = {}
    unknown = given.keys() - {i.name for i in graph.inputs}
    if unknown:
        raise ArgumentError(f"{graph.name} has no input {sorted(unknown)}")
    for node in graph.inputs:
        if node.name not in given:
            raise ArgumentError(f"{graph.name} needs input {node.name!r}", site=node.site)
        array = np.asarray(given[node.name]).astype(_numpy(node.dtype, double))
        bind_dims(node.shape, array.shape, env, f"input {node.name!r}")
        values[node] = array
    before = dict(state or {})
    for node in graph.state:
        first = before[node.name] if node.name in before else initial_value(node)
        values[node] = np.asarray(first).astype(_numpy(node.dtype, double))
    run(graph.roots, values, env, double)
    after = {n.name: values[graph.updates.get(n, n)] for n in graph.state}
    return {k: values[v] for k, v in graph.outputs.items()}, after


def initial_value(node: Node, seed: int = 0) -> np.ndarray:
    """Return the first value of a parameter or state: a function of its name and the seed only."""
    init, shape = node.attr("init"), static_shape(node.shape, {})
    if isinstance(init, np.ndarray):
        return np.broadcast_to(init, shape).astype(node.dtype.numpy)
    entropy = [seed, *node.name.encode()]
    generator = np.random.Generator(np.random.Philox(np.random.SeedSequence(entropy)))
    return np.asarray(init(shape, node.dtype.numpy, generator)).astype(node.dtype.numpy)


def run(
    roots: Sequence[Node], values: dict[Node, np.ndarray], env: Mapping[str, int], double: bool
) -> None:
    """Fill in the values of everything below the roots."""
    with np.errstate(all="ignore"):
        for node in topological(roots):
            if node not in values:
                _check_sizes(node, env)
                if node.op.kind == "composite":
                    result = _composite(node, values, env, double)
                else:
                    inputs = [values[i] for i in node.inputs]
                    result = _EVALUATORS[node.op.kind](node, inputs, env, double)
                dtype = _numpy(node.dtype, double)
                values[node] = np.asarray(result).astype(dtype, copy=False)


def _check_sizes(node: Node, env: Mapping[str, int]) -> None:
    """Refuse what would read where nothing is; static sizes were checked when it was built."""
    shapes = (node.shape, *(i.shape for i in node.inputs))
    if all(isinstance(s, int) for shape in shapes for s in shape):
        return
    for check in size_checks([node]):
        error = size_error(check, env, "interpret")
        if error is not None:
            raise error


def _numpy(dtype: DType, double: bool) -> np.dtype[Any]:
    return (float64 if double and dtype.is_float else dtype).numpy


Env = Mapping[str, int]


def _leaf(node: Node, inputs: list[np.ndarray], env: Env, double: bool) -> Any:
    if node.op is leaves.CONSTANT:
        return node.attr("value")
    if node.op is leaves.IOTA:
        return np.arange(evaluate_size(node.shape[0], env))
    if node.op is leaves.DIMENSION:
        return evaluate_size(node.attr("size"), env)
    raise ArgumentError(f"no value was given for {node!r}", site=node.site)


def _elementwise(node: Node, inputs: list[np.ndarray], env: Env, double: bool) -> Any:
    assert isinstance(node.op, kinds.ElementwiseOp)
    dtypes = [i.dtype for i in inputs]
    floats = [d for d in dtypes if d.kind == "f"]
    weak = np.result_type(*floats) if floats else _numpy(node.dtype, double)

    def of_constant(value: Any) -> np.ndarray:
        if isinstance(value, bool) or (weak.kind != "f" and isinstance(value, int)):
            return np.asarray(value, dtype=bool if isinstance(value, bool) else weak)
        return np.asarray(value, dtype=weak if weak.kind == "f" else np.float32)

    def of_instruction(
        instruction: Instruction, operands: list[np.ndarray], payload: object
    ) -> Any:
        if isinstance(payload, DType):
            return _cast(operands[0], _numpy(payload, double))
        return np.asarray(instruction.evaluate(*operands))

    result = scalar.evaluate(node.op.body(node.attrs), inputs, of_constant, of_instruction)
    return np.broadcast_to(result, static_shape(node.shape, env))


def _cast(x: np.ndarray, dtype: np.dtype[Any]) -> Any:
    return x.astype(dtype)


def _reduce(node: Node, inputs: list[np.ndarray], env: Env, double: bool) -> Any:
    assert isinstance(node.op, kinds.ReduceOp)
    axes: tuple[int, ...] = node.attr("axes")
    (x,) = inputs
    if node.op.gives_index:
        kept = [a for a in range(x.ndim) if a not in axes]
        count = math.prod(x.shape[a] for a in axes)  # not -1: NumPy can't tell it of empty arrays
        flat = np.transpose(x, kept + list(axes)).reshape(*[x.shape[a] for a in kept], count)
        if count == 0:
            return np.zeros(flat.shape[:-1], np.int64)
        return (np.argmax if node.op.combine == "argmax" else np.argmin)(flat, axis=-1)
    if node.op.combine in ("min", "max"):
        start = farthest(x.dtype, node.op.combine == "min")
        return _REDUCTIONS[node.op.combine](x, axis=axes, initial=start)
    return _REDUCTIONS[node.op.combine](x, axis=axes)


def farthest(dtype: np.dtype[Any], above: bool) -> Any:
    """Return the largest or the least value of a dtype: the extremum of nothing."""
    if dtype.kind == "f":
        return math.inf if above else -math.inf
    if dtype.kind == "b":
        return above
    return np.iinfo(dtype).max if above else np.iinfo(dtype).min


_REDUCTIONS: dict[str, Callable[..., Any]] = {
    "add": np.sum, "mul": np.prod, "min": np.min, "max": np.max, "and": np.all, "or": np.any,
}  # fmt: skip


def _prefix(node: Node, inputs: list[np.ndarray], env: Env, double: bool) -> Any:
    assert isinstance(node.op, kinds.PrefixOp)
    dtype = _numpy(node.dtype, double)
    if not node.op.gives_index:
        inputs = [i.astype(dtype, copy=False) for i in inputs]
    attrs = dict(node.attrs)
    whole = [np.broadcast_to(i, static_shape(node.shape, env)) for i in inputs]
    return running(node.op.combine, whole, attrs["axis"], attrs["reverse"], attrs["exclusive"])


def running(
    combine: str, inputs: Sequence[np.ndarray], axis: int, reverse: bool, exclusive: bool
) -> np.ndarray:
    """Return a running combination, step by step; of complex numbers too."""
    lines = [np.moveaxis(i, axis, 0) for i in inputs]
    lines = [i[::-1] for i in lines] if reverse else lines
    x, count = lines[-1], len(lines[-1])
    result = np.empty(x.shape, np.int64 if combine.startswith("arg") else x.dtype)
    if count:
        result[0] = 0 if combine.startswith("arg") else x[0]
    for i in range(1, count):
        if combine == "linear":
            result[i] = lines[0][i] * result[i - 1] + x[i]
        elif combine.startswith("arg"):
            best = np.take_along_axis(x, result[i - 1][None], 0)[0]
            wins = x[i] > best if combine == "argmax" else x[i] < best
            result[i] = np.where(wins | (np.isnan(x[i]) & ~np.isnan(best)), i, result[i - 1])
        else:
            result[i] = _STEPS[combine](result[i - 1], x[i])
    if exclusive:
        neutral = np.full_like(result[:1], combine == "mul")
        result = np.concatenate([neutral, result[:-1]])[:count]
    if reverse:
        result = (count - 1 - result if combine.startswith("arg") else result)[::-1]
    return np.moveaxis(result, 0, axis)


_STEPS: dict[str, Callable[..., Any]] = {
    "add": np.add, "mul": np.multiply, "min": np.minimum, "max": np.maximum,
}  # fmt: skip


def _order(node: Node, inputs: list[np.ndarray], env: Env, double: bool) -> Any:
    (x,), axis = inputs, node.attr("axis")
    if not node.attr("descending"):
        return np.argsort(x, axis, kind="stable")
    backward = np.argsort(np.flip(x, axis), axis, kind="stable")
    return x.shape[axis] - 1 - np.flip(backward, axis)


def _contract(node: Node, inputs: list[np.ndarray], env: Env, double: bool) -> Any:
    dtype = _numpy(node.dtype, double)
    return np.einsum(node.attr("spec"), *(i.astype(dtype, copy=False) for i in inputs))


def _view(node: Node, inputs: list[np.ndarray], env: Env, double: bool) -> Any:
    assert isinstance(node.op, kinds.ViewOp)
    return node.op.evaluate(inputs[0], static_attrs(node, env), static_shape(node.shape, env))


def static_attrs(node: Node, env: Env) -> dict[str, Any]:
    """Return the attributes with sizes replaced by their values."""

    def value(attribute: Any) -> Any:
        if isinstance(attribute, tuple):
            return tuple(value(a) for a in attribute)
        return evaluate_size(attribute, env) if isinstance(attribute, Dim) else attribute

    return {k: value(v) for k, v in node.attrs}


def _assembly(node: Node, inputs: list[np.ndarray], env: Env, double: bool) -> Any:
    assert isinstance(node.op, kinds.AssemblyOp)
    fill = node.op.fill(dict(node.attrs))
    shape, dtype = static_shape(node.shape, env), _numpy(node.dtype, double)
    result = np.full(shape, 0 if fill is None else fill, dtype)
    for piece in node.op.pieces(node):
        part = inputs[piece.operand]
        starts = [evaluate_size(s, env) for s in piece.starts]
        places = [
            start + step * np.arange(size)
            for start, step, size in zip(starts, piece.steps, part.shape, strict=True)
        ]
        result[np.ix_(*places)] = part
    return result


def _gather(node: Node, inputs: list[np.ndarray], env: Env, double: bool) -> Any:
    assert isinstance(node.op, kinds.GatherOp)
    x, *indices = inputs
    return at_places(node, x, indices, env)


def at_places(node: Node, x: np.ndarray, indices: Sequence[np.ndarray], env: Env) -> Any:
    """Return what lies in an array at a node's indices."""
    assert isinstance(node.op, kinds.IndexedOp)
    places = node.op.places(node)
    found = [
        resolved_indices(node, place, given, evaluate_size(place.size, env))
        for place, given in zip(places, indices, strict=True)
    ]
    axes = [p.axis for p in places]
    if node.op.along:
        return np.take_along_axis(x, found[0], axes[0])
    taken = np.moveaxis(x, axes, range(len(axes)))[tuple(found)]
    count = found[0].ndim
    return np.moveaxis(taken, range(count), range(axes[0], axes[0] + count))


def resolved_indices(node: Node, place: kinds.Place, given: np.ndarray, size: int) -> Any:
    """Refuse bad indices that are known before a call; clip computed ones."""
    if size == 0 and given.size:
        raise IndexRangeError(f"{node.op.name} reads an axis of size 0", site=node.site)
    indices, low = given.astype(np.int64), -size if place.negative else 0
    outside = (indices < low) | (indices >= size)
    if place.checked and np.any(outside):
        raise IndexRangeError(
            f"{node.op.name}: index {indices[outside][0]} is not in [{low}, {size})",
            site=node.site,
            remedy="check the labels or indices that you pass in",
        )
    if place.negative:
        indices = np.where(indices < 0, indices + size, indices)
    return np.clip(indices, 0, max(size - 1, 0))


def _scatter(node: Node, inputs: list[np.ndarray], env: Env, double: bool) -> Any:
    assert isinstance(node.op, kinds.ScatterOp)
    base, updates, *indices = inputs
    flat = np.array(base).ravel()
    places = np.arange(flat.size).reshape(base.shape)
    at = at_places(node, places, indices, env).ravel()
    if node.op.combine == "set":
        flat[at] = updates.ravel()  # the last of those that meet stays
    else:
        _UPDATES[node.op.combine].at(flat, at, updates.ravel())
    return flat.reshape(base.shape)


_UPDATES: dict[str, np.ufunc] = {"add": np.add, "min": np.minimum, "max": np.maximum}


def _composite(node: Node, values: dict[Node, np.ndarray], env: Env, double: bool) -> Any:
    """Evaluate the expansion on the node's own inputs, whose values are there already."""
    assert isinstance(node.op, kinds.CompositeOp)
    expansion = node.op.expanded(node)
    run([expansion], values, env, double)
    return values[expansion]


_EVALUATORS: dict[str, Callable[[Node, list[np.ndarray], Env, bool], Any]] = {
    "leaf": _leaf, "elementwise": _elementwise, "reduce": _reduce, "contract": _contract,
    "view": _view, "assembly": _assembly, "gather": _gather, "scatter": _scatter,
    "prefix": _prefix, "order": _order,
}  # fmt: skip
