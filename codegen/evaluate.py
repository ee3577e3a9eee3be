"""Programs evaluated plainly: the meaning that every printer has to keep.

Each stage is computed at all points of its loops at once, by explicit indices into flat buffers.
It is slow, allocates freely, and shares no code with the targets.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from graphdl.codegen.index_error import index_error
from graphdl.codegen.program import (
    Access,
    Axis,
    Buffer,
    ContractKernel,
    LoopKernel,
    OrderKernel,
    Program,
    Reduction,
    Scan,
    Stage,
    Store,
    Value,
    walk_values,
)
from graphdl.ir.dims import evaluate as evaluate_size
from graphdl.ir.dtypes import promote

Array = np.ndarray[Any, Any]


def evaluate_program(
    program: Program,
    inputs: Sequence[Any],
    state: Mapping[str, Array],
    dims: Mapping[str, int] | None = None,
    *,
    arena: int = 0,
) -> dict[str, Array]:
    """Run a program once.

    Parameters
    ----------
    program : Program
        What to run.
    inputs : sequence of array_like
        In the program's order.
    state : mapping of str to ndarray
        By label; changed in place.
    dims : mapping of str to int, optional
        Values of symbolic dims.
    arena : int
        If given, temporaries lie at their offsets in this many bytes, so that a wrong memory plan
        gives wrong results; else each has memory of its own.

    Returns
    -------
    dict of str to ndarray
        Outputs by label.

    Raises
    ------
    IndexRangeError
        If an index check fails; nothing is stored then.
    """
    env = dict(dims or {})
    memory: dict[Buffer, Array] = {}
    for buffer, value in zip(program.inputs, inputs, strict=True):
        memory[buffer] = np.ascontiguousarray(value, buffer.dtype.numpy)
    for buffer in program.state:
        memory[buffer] = state[buffer.label]
    for buffer in program.constants:
        assert buffer.value is not None
        memory[buffer] = np.ascontiguousarray(buffer.value)
    space = np.full(arena, 0xA5, np.uint8)  # what a buffer holds before its first store is junk
    for buffer in (*program.outputs, *program.temporaries):
        shape = tuple(evaluate_size(s, env) for s in buffer.shape)
        if buffer.role == "temporary" and arena:
            memory[buffer] = np.ndarray(shape, buffer.dtype.numpy, space, buffer.offset)
        else:
            memory[buffer] = np.full(shape, 0x55, buffer.dtype.numpy)
    for check in program.checks:
        error = index_error(program.label, check, memory[check.buffer], env)
        if error is not None:
            raise error
    with np.errstate(all="ignore"):
        for kernel in program.kernels:
            if isinstance(kernel, LoopKernel):
                _loops(kernel, memory, env)
            elif isinstance(kernel, OrderKernel):
                _order(kernel, memory, env)
            else:
                _contract(kernel, memory, env)
    return {b.label: memory[b] for b in program.outputs}


class _Stage:
    """Values at all points of some loops."""

    def __init__(
        self,
        axes: Sequence[Axis],
        memory: Mapping[Buffer, Array],
        env: Mapping[str, int],
        results: Mapping[object, Array],
    ) -> None:
        self.memory, self.env, self.results = memory, env, results
        self.shape = tuple(evaluate_size(a.size, env) for a in axes)
        grid = np.indices(self.shape, sparse=True) if axes else ()
        self.positions = {a.name: g for a, g in zip(axes, grid, strict=True)}
        self.values: dict[Value, Array] = {}

    def compute(self, roots: Sequence[Value]) -> None:
        """Evaluate everything below the roots."""
        for value in walk_values(roots):
            if value not in self.values:
                result = np.asarray(self._value(value)).astype(value.dtype.numpy, copy=False)
                self.values[value] = np.broadcast_to(result, self.shape)

    def flat(self, access: Access) -> Array:
        """Return the position in the flat buffer, at every point."""
        strides, offset = access.strides()
        total: Any = evaluate_size(offset, self.env)
        for name, stride in strides.items():
            gathered = access.gathered.get(name)
            index = self.positions[name] if gathered is None else self.values[gathered]
            total = total + np.asarray(index, np.int64) * evaluate_size(stride, self.env)
        return np.broadcast_to(np.asarray(total, np.int64), self.shape)

    def store(self, stores: Sequence[Store]) -> None:
        """Write values; all of them are known before."""
        for store in stores:
            flat = self.memory[store.access.buffer].reshape(-1)
            at, values = self.flat(store.access).ravel(), self.values[store.value].ravel()
            if store.combine in _UPDATES:
                _UPDATES[store.combine].at(flat, at, values)
            else:
                flat[at] = values

    def _value(self, value: Value) -> Any:
        if value.kind == "load":
            return self.memory[value.payload.buffer].reshape(-1)[self.flat(value.payload)]
        if value.kind == "constant":
            return value.payload
        if value.kind == "size":
            return evaluate_size(value.payload, self.env)
        if value.kind == "index":
            terms = value.payload.terms
            total: Any = evaluate_size(value.payload.offset, self.env)
            for name, factor in terms:
                total = total + self.positions[name] * evaluate_size(factor, self.env)
            return total
        if value.kind == "reduced":
            result = self.results[value.payload if value.payload is not None else value]
            return result.reshape(result.shape + (1,) * (len(self.shape) - result.ndim))
        if value.kind == "running":
            args = [self.values[a].astype(a.dtype.numpy) for a in value.args]
            return _running(value.payload, args, list(self.positions).index(value.payload.axis))
        return _apply(value, [self.values[a] for a in value.args])


def _running(scan: Scan, args: list[Array], axis: int) -> Array:
    """Return the states after all steps of an axis, or before them."""
    lines = [np.moveaxis(a, axis, 0) for a in args]
    states = np.empty_like(lines[-1])
    state = np.full(states.shape[1:], scan.combine in ("mul", "and"), states.dtype)
    for step in range(len(states)):
        before = state
        if scan.combine == "linear":
            state = lines[0][step] * state + lines[1][step] if step else lines[1][step]
        elif scan.combine.startswith("arg"):
            winner = getattr(np, scan.combine)(lines[0][: step + 1], axis=0)
            state = np.take_along_axis(lines[1], winner[None], 0)[0]
        else:
            state = _COMBINE[scan.combine](np.stack([state, lines[0][step]]), axis=0)
            state = state if step else lines[0][0]
        states[step] = before if scan.exclusive else state
    return np.moveaxis(states, 0, axis)


def _apply(value: Value, args: list[Array]) -> Any:
    instruction = value.instruction
    assert instruction is not None
    if instruction.result == "cast":
        return args[0].astype(value.dtype.numpy)
    if instruction.result == "select":
        return np.where(args[0], args[1], args[2])
    dtype = value.dtype
    if instruction.result == "bool":
        dtype = promote(*(a.dtype for a in value.args))
    args = [a.astype(dtype.numpy, copy=False) for a in args]
    return instruction.evaluate(*args)


def _loops(kernel: LoopKernel, memory: Mapping[Buffer, Array], env: Mapping[str, int]) -> None:
    results: dict[object, Array] = {}
    for stage in kernel.stages:
        here = _Stage((*kernel.axes, *stage.axes), memory, env, results)
        here.compute(list(stage.roots()))
        for reduction in stage.reductions:
            results[reduction] = _reduce(reduction, here, stage, len(kernel.axes))
        here.store(stage.stores)


_COMBINE: dict[str, Callable[..., Any]] = {
    "add": np.sum, "mul": np.prod, "min": np.min, "max": np.max, "and": np.all, "or": np.any,
    "argmin": np.argmin, "argmax": np.argmax,
}  # fmt: skip

_UPDATES: dict[str, np.ufunc] = {"add": np.add, "min": np.minimum, "max": np.maximum}

_NEUTRAL = {"min": math.inf, "max": -math.inf}


def _reduce(reduction: Reduction, here: _Stage, stage: Stage, outer: int) -> Array:
    values = here.values[reduction.value]
    count = math.prod(values.shape[outer:])
    flat = values.reshape((*values.shape[:outer], count))
    if count == 0 and reduction.combine in ("min", "max", "argmin", "argmax"):
        return np.full(flat.shape[:-1], _NEUTRAL.get(reduction.combine, 0)).astype(
            reduction.dtype.numpy
        )
    result = _COMBINE[reduction.combine](flat, axis=-1)
    return np.asarray(result).astype(reduction.dtype.numpy)


def _order(kernel: OrderKernel, memory: Mapping[Buffer, Array], env: Mapping[str, int]) -> None:
    axes = (*kernel.axes, kernel.axis)
    here = _Stage(axes, memory, env, {})
    here.compute([kernel.value])
    keys = here.values[kernel.value]
    if kernel.descending:
        backward = np.argsort(keys[..., ::-1], axis=-1, kind="stable")
        places = keys.shape[-1] - 1 - backward[..., ::-1]
    else:
        places = np.argsort(keys, axis=-1, kind="stable")
    stored = _Stage(axes, memory, env, {kernel.result: places})
    stored.compute([s.value for s in kernel.stores])
    stored.store(kernel.stores)


def _contract(
    kernel: ContractKernel, memory: Mapping[Buffer, Array], env: Mapping[str, int]
) -> None:
    groups = kernel.batch, kernel.rows, kernel.columns, kernel.summed
    batch, rows, columns, summed = (
        math.prod(evaluate_size(a.size, env) for a in axes) for axes in groups
    )
    left = _Stage((*kernel.batch, *kernel.rows, *kernel.summed), memory, env, {})
    left.compute([kernel.left])
    right = _Stage((*kernel.batch, *kernel.summed, *kernel.columns), memory, env, {})
    right.compute([kernel.right])
    product = np.matmul(
        left.values[kernel.left].reshape(batch, rows, summed),
        right.values[kernel.right].reshape(batch, summed, columns),
    )
    axes = (*kernel.batch, *kernel.rows, *kernel.columns)
    shape = tuple(evaluate_size(a.size, env) for a in axes)
    epilogue = _Stage(axes, memory, env, {kernel.result: product.reshape(shape)})
    epilogue.compute([v for s in kernel.stores for v in (*s.access.gathered.values(), s.value)])
    epilogue.store(kernel.stores)
