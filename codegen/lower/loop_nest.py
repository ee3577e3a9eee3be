"""Groups without a contraction as loop kernels, sweep by sweep."""

from __future__ import annotations

from collections import defaultdict
from itertools import count

from graphdl.codegen.lower.comments import kernel_comment
from graphdl.codegen.lower.groups import Group
from graphdl.codegen.lower.pull import Pull, Storage, cast, of_bools
from graphdl.codegen.lower.sources import broadcast_index
from graphdl.codegen.program import (
    Access,
    Axis,
    LoopKernel,
    Reduction,
    Scan,
    Stage,
    Store,
    Value,
    walk_values,
)
from graphdl.ir import kinds
from graphdl.ir.dtypes import bool_, int64
from graphdl.ir.node import Node

# A value of an earlier sweep that costs more cycles than this is kept in memory.
AGAIN = 7


class LoopBuilder(Pull):
    """Builds the nest of a group without a contraction, sweep by sweep."""

    def __init__(self, storage: Storage, group: Group, name: str) -> None:
        super().__init__(storage, dict.fromkeys(group.members))
        self.group = group
        self.name = name
        self.values: dict[Node, Value] = {}
        self.time: dict[Node, int] = {}
        self.sweep = 0
        self.reductions: dict[int, list[Reduction]] = {}
        self.inner: dict[int, list[Store]] = {}
        self.outer: dict[int, list[Store]] = {}
        self.reduction_numbers, self.scan_numbers = count(), count()

    def kernel(self) -> LoopKernel:
        """Return the finished kernel."""
        members: dict[int, list[Node]] = defaultdict(list)
        for node in self.group.members:
            self.time[node] = self._time(node)
            members[self.time[node]].append(node)
        last = max(self.time.values())
        for moment in range(-1, last + 1):
            self._at(moment, members[moment])
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
        comment = kernel_comment(stages)
        return LoopKernel(self.name, comment, outer, tuple(stages), tuple(self.group.members))

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
            source = self.storage.sources.stored(operand)
            if source in self.time:
                outer_value = not self._is_inner(source)
                moment = max(moment, self.time[source] + (1 if swept and outer_value else 0))
        return moment

    def _at(self, moment: int, members: list[Node]) -> None:
        """Build the members of one sweep and of the point after it."""
        self.sweep = moment
        self.memo.clear()
        for node in members:
            self._build(node, moment)

    def _build(self, node: Node, moment: int) -> None:
        if isinstance(node.op, kinds.ReduceOp):
            operand = self.value(node.inputs[0], self.group.input_index(node))
            if node.op.combine in ("add", "mul"):
                operand = cast(operand, node.dtype)
            name = f"r{next(self.reduction_numbers)}"
            combine = of_bools(node.op.combine) if operand.dtype is bool_ else node.op.combine
            reduction = Reduction(name, combine, operand, node.dtype)
            self.reductions.setdefault(moment, []).append(reduction)
            self.values[node] = Value("reduced", node.dtype, reduction)
        elif isinstance(node.op, kinds.PrefixOp):
            self.values[node] = self._running(node)
        else:
            self.values[node] = self.compute(node, self.group.index(node))
        stores = self.storage.stores(node, self.group.index(node), self.values[node])
        level = self.inner if self._is_inner(node) else self.outer
        level.setdefault(moment, []).extend(stores)

    def _running(self, node: Node) -> Value:
        """Return the state of a running combination at a point."""
        assert isinstance(node.op, kinds.PrefixOp)
        index, combine = self.group.index(node), node.op.combine
        args = [self.value(i, broadcast_index(i, node, index)) for i in node.inputs]
        if node.op.gives_index:
            args.append(Value("index", int64, index[node.attr("axis")]))
        else:
            args = [cast(a, node.dtype) for a in args]
            combine = of_bools(combine) if node.dtype is bool_ else combine
        (axis,) = self.group.reduced or ()
        scan = Scan(f"r{next(self.scan_numbers)}", combine, f"x{axis}", node.attr("exclusive"))
        return Value("running", node.dtype, scan, args=tuple(args))

    def member(self, node: Node) -> Value:
        """Return a member's value; an expensive one of an earlier sweep is kept in memory."""
        value = self.values[node]
        if not self._is_inner(node) or self.time[node] == self.sweep:
            return value
        if node not in self.storage.buffer_of and _cost(value) <= AGAIN:
            return value
        buffer = self.storage.buffer_of.get(node)
        if buffer is None:
            buffer = self.storage.new_temporary(node)
            store = Store(Access(buffer, node.shape, self.group.index(node)), self.values[node])
            self.inner.setdefault(self.time[node], []).append(store)
        return self._load(buffer, node, self.group.index(node))


def _cost(value: Value) -> int:
    """Return rough cycles an element, all operands included; a running state has its one moment."""
    values = walk_values([value])
    running = any(v.kind == "running" for v in values)
    return sum(v.instruction.cost for v in values if v.instruction is not None) + 1000 * running
