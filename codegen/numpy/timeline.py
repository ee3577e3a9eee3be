"""A kernel's operations in their order, and which of them touch an array or a buffer."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Sequence

from graphdl.codegen.numpy.memory import Sharing
from graphdl.codegen.numpy.operations import Array, Operation, Region
from graphdl.codegen.program import Buffer


class Timeline:
    """The operations of all regions, numbered, with what is needed to search them quickly.

    Attributes
    ----------
    operations : list of Operation
        In their order.
    made, read : mapping of Array to list of int
        The operations that write an array, and those that take it as an argument.
    flattened : set of Array
        What is read with several axes as one: it must lie in memory in that order.
    """

    def __init__(self, regions: Sequence[Region], sharing: Sharing) -> None:
        self.operations: list[Operation] = [o for r in regions for o in r.operations]
        self.made: dict[Array, list[int]] = defaultdict(list)
        self.read: dict[Array, list[int]] = defaultdict(list)
        self.flattened: set[Array] = set()
        self._sharing = sharing
        self._touched: dict[Buffer | None, list[int]] = defaultdict(list)
        self._written: dict[Buffer | None, list[int]] = defaultdict(list)
        for number, operation in enumerate(self.operations):
            self._enter(number, operation)

    def _enter(self, number: int, operation: Operation) -> None:
        for use in operation.args:
            self.read[use.array].append(number)
            if any(len(g) > 1 for g in use.groups or ()):
                self.flattened.add(use.array)
        self.made[operation.out.array].append(number)
        self._written[operation.out.array.buffer].append(number)
        for buffer in {a.buffer for a in operation.arrays()}:
            self._touched[buffer].append(number)

    def put(self, register: Array, target: Array, store: int) -> None:
        """Let a view of a buffer serve as a register, which makes a store superfluous."""
        register.place = target
        touched = self._written[target.buffer], self._touched[target.buffer], self.read[register]
        for numbers in touched:
            del numbers[bisect_left(numbers, store)]
        for number in self.made[register]:
            insort(self._written[target.buffer], number)
        for number in {*self.made[register], *self.read[register]}:
            insort(self._touched[target.buffer], number)

    def touches(self, array: Array, buffer: Buffer) -> bool:
        """Whether an array shares memory with a buffer."""
        return array.buffer is not None and array.buffer in self._sharing.of(buffer)

    def touching(self, buffer: Buffer, start: int, stop: int) -> list[int]:
        """Return the operations from a number to before another that touch a buffer's memory."""
        lists = [self._touched[b] for b in self._sharing.of(buffer)]
        return [n for ns in lists for n in ns[bisect_left(ns, start) : bisect_left(ns, stop)]]

    def last_touch(self, buffer: Buffer, stop: int) -> int | None:
        """Return the last operation before a number that touches a buffer's memory."""
        lists = [self._touched[b] for b in self._sharing.of(buffer)]
        found = [ns[at - 1] for ns in lists if (at := bisect_left(ns, stop))]
        return max(found, default=None)

    def next_write(self, buffer: Buffer, start: int) -> int | None:
        """Return the first operation from a number on that writes to a buffer's memory."""
        lists = [self._written[b] for b in self._sharing.of(buffer)]
        found = [ns[at] for ns in lists if (at := bisect_left(ns, start)) < len(ns)]
        return min(found, default=None)
