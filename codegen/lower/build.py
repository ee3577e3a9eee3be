"""From groups to kernels: operands are pulled through views down to what is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from graphdl.codegen.lower.comments import kernel_comment
from graphdl.codegen.lower.partition import Group, Partition
from graphdl.codegen.lower.sources import Index, broadcast_index
from graphdl.codegen.program import (
    Access,
    Axis,
    Buffer,
    ContractKernel,
    Kernel,
    LoopKernel,
    Reduction,
    Stage,
    Store,
    Value,
    walk_values,
)
from graphdl.ir import instructions, kinds, leaves, scalar
from graphdl.ir.dims import Size
from graphdl.ir.dtypes import DType, bool_, float32, int32, int64, promote, uint8
from graphdl.ir.instructions import INSTRUCTIONS, Instruction
from graphdl.ir.kinds import Affine
from graphdl.ir.node import Node

# A value of an earlier sweep that costs more cycles than this is kept in memory.
AGAIN = 7


class Builder:
    """Builds the kernels of a partition.

    Parameters
    ----------
    partition : Partition
        Which nodes share a kernel.
    buffer_of : mapping of Node to Buffer
        Where stored nodes, inputs, state and array constants lie.
    targets : mapping of Node to list of Buffer
        Where else a node's value is written: outputs and state.
    new_temporary : callable
        Makes a buffer for a value that a later sweep of the same kernel needs.
    """

    def __init__(
        self,
        partition: Partition,
        buffer_of: Mapping[Node, Buffer],
        targets: Mapping[Node, Sequence[Buffer]],
        new_temporary: Any,
    ) -> None:
        self.partition = partition
        self.sources = partition.sources
        self.buffer_of = buffer_of
        self.targets = targets
        self.new_temporary = new_temporary

    def kernels(self, group: Group, name: str) -> list[Kernel]:
        """Return the kernels of a group (an assembly has one a piece)."""
        anchor = group.anchor
        if anchor is None:
            return [_LoopBuilder(self, group, name).kernel()]
        if isinstance(anchor.op, kinds.ContractOp):
            return [_ContractBuilder(self, group, name).kernel()]
        if isinstance(anchor.op, kinds.AssemblyOp):
            return self._assembly(anchor, name)
        return self._scatter(anchor, name)

    def copy(self, node: Node, target: Buffer, name: str) -> LoopKernel:
        """Return the kernel that stores any node, a view or a leaf too, in a buffer."""
        index = loop_index(node.shape, "x")
        value = _Pull(self, {}).value(node, index)
        store = Store(Access(target, node.shape, index), value)
        return _pointwise(name, node.shape, [store], (node,))

    def stores(self, node: Node, index: Index, value: Value) -> list[Store]:
        """Return the stores of a node's value into all its buffers."""
        buffers = [self.buffer_of[node]] if node in self.buffer_of else []
        buffers += self.targets.get(node, ())
        return [Store(Access(b, node.shape, index), value) for b in buffers]

    def _assembly(self, node: Node, name: str) -> list[Kernel]:
        assert isinstance(node.op, kinds.AssemblyOp)
        kernels: list[Kernel] = []
        fill = node.op.fill(dict(node.attrs))
        if fill is not None:
            index = loop_index(node.shape, "x")
            stores = self.stores(node, index, constant(fill, node.dtype))
            kernels.append(_pointwise(f"{name}_fill", node.shape, stores, (node,)))
        for number, piece in enumerate(node.op.pieces(node)):
            part = node.inputs[piece.operand]
            index = loop_index(part.shape, "x")
            value = cast(_Pull(self, {}).value(part, index), node.dtype)
            places = tuple(
                i.scaled(step, start)
                for i, step, start in zip(index, piece.steps, piece.starts, strict=True)
            )
            stores = self.stores(node, places, value)
            kernels.append(_pointwise(f"{name}_piece{number}", part.shape, stores, (node,)))
        return kernels

    def _scatter(self, node: Node, name: str) -> list[Kernel]:
        assert isinstance(node.op, kinds.ScatterOp)
        updates, indices = node.inputs
        axis = node.attr("axis")
        whole = loop_index(node.shape, "x")
        zero = self.stores(node, whole, constant(0, node.dtype))
        fill = _pointwise(f"{name}_fill", node.shape, zero, (node,))
        index = loop_index(updates.shape, "x")
        pull = _Pull(self, {})
        count = 1 if node.op.along else indices.ndim
        place = index if node.op.along else index[axis : axis + count]
        at = pull.value(indices, place)
        at = at if node.attr("checked") else clipped(at, node.shape[axis])
        target = (*index[:axis], Affine.index("@0"), *index[axis + count :])
        value = pull.value(updates, index)
        stores = [
            Store(Access(s.access.buffer, node.shape, target, {"@0": at}), value, accumulate=True)
            for s in zero
        ]
        return [fill, _pointwise(f"{name}_add", updates.shape, stores, (node,))]


def _pointwise(
    name: str, shape: Sequence[Size], stores: Sequence[Store], nodes: tuple[Node, ...]
) -> LoopKernel:
    axes = tuple(Axis(f"x{i}", s) for i, s in enumerate(shape) if s != 1)
    stages = (Stage((), tuple(stores)),)
    return LoopKernel(name, kernel_comment(stages), axes, stages, nodes)


def loop_index(shape: Sequence[Size], prefix: str) -> Index:
    """Return one loop an axis, none for axes of size 1."""
    return tuple(Affine() if s == 1 else Affine.index(f"{prefix}{i}") for i, s in enumerate(shape))


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


def clipped(index: Value, size: Size) -> Value:
    """Limit a computed index to ``[0, size)``."""
    dtype = int32 if index.dtype is uint8 else index.dtype
    index = cast(index, dtype)
    top = Value("size", dtype, size - 1)
    low = Value("instruction", dtype, None, INSTRUCTIONS["max"], (index, constant(0, dtype)))
    return Value("instruction", dtype, None, INSTRUCTIONS["min"], (low, top))


class _Pull:
    """Values of nodes at indices, outside of any group or inside one (``own``)."""

    def __init__(self, builder: Builder, own: Mapping[Node, Any]) -> None:
        self.builder = builder
        self.own = own
        self.memo: dict[tuple[Node, Index], Value] = {}
        self.gathered: dict[str, Value] = {}

    def value(self, node: Node, index: Index) -> Value:
        """Return a node's element at an index."""
        source, place = self.builder.sources.resolve(node, index)
        key = (source, place)
        if key not in self.memo:
            self.memo[key] = self._value(source, place)
        return self.memo[key]

    def _value(self, node: Node, index: Index) -> Value:
        if node in self.own:
            return self.member(node)
        stored = self.builder.sources.stored(node)
        buffer = self.builder.buffer_of.get(stored)
        if buffer is not None:
            return self._load(buffer, node, index)
        if node.op.kind == "leaf":
            return self._leaf(node, index)
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
        x, indices = node.inputs
        axis = node.attr("axis")
        count = 1 if node.op.along else indices.ndim
        place = index if node.op.along else index[axis : axis + count]
        at = self.value(indices, place)
        if not node.attr("checked"):
            at = clipped(at, x.shape[axis])
        name = f"@{len(self.gathered)}"
        self.gathered[name] = at
        return self.value(x, (*index[:axis], Affine.index(name), *index[axis + count :]))


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
        if instruction.result == "bool":  # bools are compared as numbers
            args = [cast(a, int32) if a.dtype is bool_ else a for a in args]
        dtype = instructions.result_dtype(instruction, [a.dtype for a in args], payload)
        if dtype is bool_:
            if instruction.name == "abs":
                return args[0]
            instruction = INSTRUCTIONS[of_bools(instruction.name)]
        return Value("instruction", dtype, payload, instruction, tuple(args))

    return scalar.evaluate(body, operands, of_constant, of_instruction)


def of_bools(name: str) -> str:
    """Return what arithmetic is on truth values, as in NumPy."""
    return {"add": "or", "mul": "and", "max": "or", "min": "and"}.get(name, name)


def _cost(value: Value) -> int:
    """Return rough cycles an element, all operands included."""
    return sum(v.instruction.cost for v in walk_values([value]) if v.instruction is not None)


class _LoopBuilder(_Pull):
    """Builds the nest of a group without a contraction, sweep by sweep."""

    def __init__(self, builder: Builder, group: Group, name: str) -> None:
        super().__init__(builder, dict.fromkeys(group.members))
        self.group = group
        self.name = name
        self.values: dict[Node, Value] = {}
        self.time: dict[Node, int] = {}
        self.sweep = 0
        self.reductions: dict[int, list[Reduction]] = {}
        self.inner: dict[int, list[Store]] = {}
        self.outer: dict[int, list[Store]] = {}

    def kernel(self) -> LoopKernel:
        """Return the finished kernel."""
        for node in self.group.members:
            self.time[node] = self._time(node)
        last = max(self.time.values())
        for moment in range(-1, last + 1):
            self._at(moment)
        inner = tuple(
            Axis(f"x{i}", s)
            for i, s in enumerate(self.group.domain)
            if i in (self.group.reduced or ())
        )
        outer = tuple(
            Axis(f"x{i}", s)
            for i, s in enumerate(self.group.domain)
            if i not in (self.group.reduced or ())
        )
        stages: list[Stage] = []
        for moment in range(-1, last + 1):
            swept = self.inner.get(moment, []), self.reductions.get(moment, [])
            if any(swept):
                stages.append(Stage(inner, tuple(swept[0]), tuple(swept[1])))
            if self.outer.get(moment):
                stages.append(Stage((), tuple(self.outer[moment])))
        members = tuple(self.group.members)
        return LoopKernel(self.name, kernel_comment(stages), outer, tuple(stages), members)

    def _is_inner(self, node: Node) -> bool:
        """Whether a member is computed inside the inner loops."""
        return self.group.reduced is not None and self.group.is_full(node)

    def _time(self, node: Node) -> int:
        """Return the sweep in which a member is computed, or after which, at the outer level."""
        swept = self.group.reduced is not None and (
            self._is_inner(node) or isinstance(node.op, kinds.ReduceOp)
        )
        moment = 0 if swept or self.group.reduced is None else -1
        for operand in node.inputs:
            source = self.builder.sources.stored(operand)
            if source in self.time:
                outer_value = not self._is_inner(source)
                moment = max(moment, self.time[source] + (1 if swept and outer_value else 0))
        return moment

    def _at(self, moment: int) -> None:
        """Build the members of one sweep and of the point after it."""
        self.sweep = moment
        self.memo.clear()
        for node in self.group.members:
            if self.time[node] == moment:
                self._build(node, moment)

    def _build(self, node: Node, moment: int) -> None:
        if isinstance(node.op, kinds.ReduceOp):
            operand = self.value(node.inputs[0], self.group.input_index(node))
            if node.op.combine in ("add", "mul"):
                operand = cast(operand, node.dtype)
            number = sum(len(r) for r in self.reductions.values())
            combine = of_bools(node.op.combine) if operand.dtype is bool_ else node.op.combine
            reduction = Reduction(f"r{number}", combine, operand, node.dtype)
            self.reductions.setdefault(moment, []).append(reduction)
            self.values[node] = Value("reduced", node.dtype, reduction)
        else:
            self.values[node] = self.compute(node, self.group.index(node))
        stores = self.builder.stores(node, self.group.index(node), self.values[node])
        level = self.inner if self._is_inner(node) else self.outer
        level.setdefault(moment, []).extend(stores)

    def member(self, node: Node) -> Value:
        """Return a member's value; an expensive one of an earlier sweep is kept in memory."""
        value = self.values[node]
        if not self._is_inner(node) or self.time[node] == self.sweep:
            return value
        if node not in self.builder.buffer_of and _cost(value) <= AGAIN:
            return value
        buffer = self.builder.buffer_of.get(node)
        if buffer is None:
            buffer = self.builder.new_temporary(node)
            store = Store(Access(buffer, node.shape, self.group.index(node)), self.values[node])
            self.inner.setdefault(self.time[node], []).append(store)
        return self._load(buffer, node, self.group.index(node))


class _ContractBuilder(_Pull):
    """Builds a contraction with its epilogue."""

    def __init__(self, builder: Builder, group: Group, name: str) -> None:
        super().__init__(builder, dict.fromkeys(group.members))
        self.group = group
        self.name = name
        self.values: dict[Node, Value] = {}

    def kernel(self) -> ContractKernel:
        """Return the finished kernel."""
        node = self.group.anchor
        assert node is not None
        left, right, out = kinds.split_spec(node.attr("spec"))
        names, axes = self._axes(node, left, right, out)
        operands = _Pull(self.builder, {})
        x, y = (
            cast(operands.value(i, tuple(names[c] for c in labels)), node.dtype)
            for i, labels in zip(node.inputs, (left, right), strict=True)
        )
        result = Value("reduced", node.dtype)
        stores: list[Store] = []
        for member in self.group.members:
            index = self.group.index(member)
            self.values[member] = result if member is node else self.compute(member, index)
            stores += self.builder.stores(member, index, self.values[member])

        def pick(labels: str) -> tuple[Axis, ...]:
            return tuple(axes[c] for c in labels if c in axes)

        return ContractKernel(
            self.name,
            f"{_contract_text(node)}\n{kernel_comment([Stage((), tuple(stores))])}",
            pick("".join(c for c in out if c in left and c in right)),
            pick("".join(c for c in out if c not in right)),
            pick("".join(c for c in out if c not in left)),
            pick("".join(c for c in left if c not in out)),
            x,
            y,
            result,
            tuple(stores),
            tuple(self.group.members),
        )

    def _axes(
        self, node: Node, left: str, right: str, out: str
    ) -> tuple[dict[str, Affine], dict[str, Axis]]:
        """Return each label's index and, unless its size is 1, its loop."""
        x, y = node.inputs
        sizes = dict(zip(left + right, x.shape + y.shape, strict=True))
        names: dict[str, Affine] = dict(zip(out, self.group.index(node), strict=True))
        axes: dict[str, Axis] = {}
        for label, size in sizes.items():
            if label not in out:
                names[label] = Affine() if size == 1 else Affine.index(f"k{len(axes)}")
            if names[label].terms:
                axes[label] = Axis(names[label].terms[0][0], size)
        return names, axes

    def member(self, node: Node) -> Value:
        """Return a value of the epilogue."""
        return self.values[node]


def _contract_text(node: Node) -> str:
    x, y = node.inputs
    return f"contract {node.attr('spec')}: {x.name or x.op.name}, {y.name or y.op.name}"
