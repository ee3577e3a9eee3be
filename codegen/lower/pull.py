"""Values of nodes at an index: pulled through views down to what is stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from graphdl.codegen.lower.sources import Index, Sources, broadcast_index
from graphdl.codegen.program import Access, Buffer, Store, Value
from graphdl.ir import instructions, kinds, leaves, scalar
from graphdl.ir.dims import Shape, Size
from graphdl.ir.dtypes import DType, bool_, float32, int32, int64, promote, uint8
from graphdl.ir.instructions import INSTRUCTIONS, Instruction
from graphdl.ir.kinds import Affine
from graphdl.ir.node import Node


class Storage:
    """Where the values of a program lie.

    Parameters
    ----------
    sources : Sources
        Looks through views.
    buffer_of : mapping of Node to Buffer
        Where stored nodes, inputs, state and array constants lie.
    targets : mapping of Node to list of Buffer
        Where else a node's value is written: outputs and state.
    new_temporary : callable
        Makes a buffer for a value that a later sweep of the same kernel needs.
    """

    def __init__(
        self,
        sources: Sources,
        buffer_of: Mapping[Node, Buffer],
        targets: Mapping[Node, Sequence[Buffer]],
        new_temporary: Callable[[Node], Buffer],
    ) -> None:
        self.sources = sources
        self.buffer_of = buffer_of
        self.targets = targets
        self.new_temporary = new_temporary

    def stores(self, node: Node, index: Index, value: Value) -> list[Store]:
        """Return the stores of a node's value into all its buffers."""
        buffers = [self.buffer_of[node]] if node in self.buffer_of else []
        buffers += self.targets.get(node, ())
        return [Store(Access(b, node.shape, index), value) for b in buffers]


def flat_index(shape: Shape, index: Index) -> Affine:
    """Return the row-major place of an element."""
    place = Affine()
    stride: Size = 1
    for size, along in zip(reversed(shape), reversed(index), strict=True):
        place, stride = place.plus(along.scaled(stride)), size * stride
    return place


class Pull:
    """Values of nodes at indices, outside of any group or inside one (``own``)."""

    def __init__(self, storage: Storage, own: Mapping[Node, Any]) -> None:
        self.storage = storage
        self.own = own
        self.memo: dict[tuple[Node, Index], Value] = {}
        self.gathered: dict[str, Value] = {}

    def value(self, node: Node, index: Index) -> Value:
        """Return a node's element at an index."""
        source, place = self.storage.sources.resolve(node, index)
        key = (source, place)
        if key not in self.memo:
            self.memo[key] = self._value(source, place)
        return self.memo[key]

    def _value(self, node: Node, index: Index) -> Value:
        if node in self.own:
            return self.member(node)
        stored = self.storage.sources.stored(node)
        buffer = self.storage.buffer_of.get(stored)
        if buffer is not None:
            return self._load(buffer, node, index)
        if node.op.kind == "leaf":
            return self._leaf(node, index)
        if stored.op is leaves.IOTA:  # positions in another shape: no array holds them
            return self._leaf(stored, (flat_index(node.shape, index),))
        return self.compute(node, index)

    def member(self, node: Node) -> Value:
        """Return the value of a node of the group being built."""
        raise KeyError(node)

    def _load(self, buffer: Buffer, node: Node, index: Index) -> Value:
        names = {n for i in index for n, _ in i.terms}
        used = {n: v for n, v in self.gathered.items() if n in names}
        return Value("load", buffer.dtype, Access(buffer, node.shape, index, used))

    def _leaf(self, node: Node, index: Index) -> Value:
        if node.op is leaves.CONSTANT:
            return constant(node.attr("value").item(), node.dtype)
        if node.op is leaves.IOTA:
            return cast(self._position(index[0]), node.dtype)
        if node.op is leaves.DIMENSION:
            return cast(Value("size", int64, node.attr("size")), node.dtype)
        raise KeyError(node)

    def _position(self, index: Affine) -> Value:
        """Return an index as a number, its data-dependent terms included."""
        plain = tuple((n, c) for n, c in index.terms if n not in self.gathered)
        total = Value("index", int64, Affine(plain, index.offset))
        for name, coefficient in index.terms:
            if name in self.gathered:
                args = cast(self.gathered[name], int64), Value("size", int64, coefficient)
                times = Value("instruction", int64, None, INSTRUCTIONS["mul"], args)
                total = Value("instruction", int64, None, INSTRUCTIONS["add"], (total, times))
        return total

    def compute(self, node: Node, index: Index) -> Value:
        """Return the value that an elementwise or gather node computes at an index."""
        if isinstance(node.op, kinds.GatherOp):
            return self._gather(node, index)
        assert isinstance(node.op, kinds.ElementwiseOp), node
        operands = [self.value(i, broadcast_index(i, node, index)) for i in node.inputs]
        return typed(node.op.body(node.attrs), operands)

    def _gather(self, node: Node, index: Index) -> Value:
        assert isinstance(node.op, kinds.GatherOp)
        found = []
        for at in self.positions(node, index):
            name = f"@{len(self.gathered)}"
            self.gathered[name] = at
            found.append(Affine.index(name))
        return self.value(node.inputs[0], node.op.target(node, index, found))

    def positions(self, node: Node, index: Index) -> list[Value]:
        """Return where a gather or scatter finds a slice's element, an index an indexed axis."""
        assert isinstance(node.op, kinds.IndexedOp)
        place = node.op.indices_at(node, index)
        return [located(self.value(p.indices, place), p) for p in node.op.places(node)]


def constant(value: float | int | bool, dtype: DType) -> Value:
    """Return a typed literal."""
    with np.errstate(all="ignore"):  # what does not fit wraps around, as in NumPy
        return Value("constant", dtype, np.asarray(value).astype(dtype.numpy).item())


def cast(value: Value, dtype: DType) -> Value:
    """Return the value in another dtype."""
    if value.dtype is dtype:
        return value
    if value.kind in ("index", "size") and dtype is not bool_ and dtype is not uint8:
        return Value(value.kind, dtype, value.payload)
    if value.kind == "constant":
        return constant(value.payload, dtype)
    return Value("instruction", dtype, dtype, INSTRUCTIONS["cast"], (value,))


def located(index: Value, place: kinds.Place) -> Value:
    """Return an index as a place in ``[0, size)``: counted from the end, clipped if computed."""
    large = isinstance(place.size, int) and place.size > np.iinfo(np.int32).max
    dtype = int64 if large else int32 if index.dtype is uint8 else index.dtype
    if place.negative:
        index, zero = cast(index, dtype), constant(0, dtype)
        moved = _instruction("add", dtype, index, Value("size", dtype, place.size))
        index = _instruction("select", dtype, _instruction("lt", bool_, index, zero), moved, index)
    if not place.checked:
        low = _instruction("max", dtype, cast(index, dtype), constant(0, dtype))
        index = _instruction("min", dtype, low, Value("size", dtype, place.size - 1))
    return index


def _instruction(name: str, dtype: DType, *args: Value) -> Value:
    return Value("instruction", dtype, None, INSTRUCTIONS[name], args)


def typed(body: scalar.Scalar, operands: Sequence[Value]) -> Value:
    """Return a scalar expression as typed values."""
    weak = promote(*(o.dtype for o in operands)) if operands else float32

    def of_constant(number: Any) -> Value:
        if isinstance(number, bool):
            return constant(number, bool_)
        fits = weak.is_float or (isinstance(number, int) and weak is not bool_)
        return constant(number, weak if fits else float32)

    def of_instruction(instruction: Instruction, args: list[Value], payload: object) -> Value:
        if isinstance(payload, DType):
            return cast(args[0], payload)
        dtype = instructions.result_dtype(instruction, [a.dtype for a in args], payload)
        if instruction.result == "bool":  # bools are compared as numbers
            joint = promote(*(a.dtype for a in args))
            args = [cast(a, int32 if joint is bool_ else joint) for a in args]
        else:
            kept = 1 if instruction.result == "select" else 0
            args = [*args[:kept], *(cast(a, dtype) for a in args[kept:])]
        if dtype is bool_:
            if instruction.name == "abs":
                return args[0]
            instruction = INSTRUCTIONS[of_bools(instruction.name)]
        return Value("instruction", dtype, payload, instruction, tuple(args))

    return scalar.evaluate(body, operands, of_constant, of_instruction)


def of_bools(name: str) -> str:
    """Return what arithmetic is on truth values, as in NumPy."""
    return {"add": "or", "mul": "and", "max": "or", "min": "and"}.get(name, name)
