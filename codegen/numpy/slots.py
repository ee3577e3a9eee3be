"""Memory for registers: each takes the first slot that is free during its life."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from graphdl.codegen.numpy.operations import Array, Operation
from graphdl.codegen.numpy.timeline import Timeline
from graphdl.codegen.numpy.views import Form
from graphdl.ir.dtypes import DType

Fits = Callable[[Operation, Array], bool]
"""Whether an operation can write its result to a view as it is."""

Life = tuple[int, int]
"""The first and the last operation that touch a register."""


@dataclass(eq=False, slots=True)
class Slot:
    """Memory that serves one register after the other.

    Attributes
    ----------
    whole : bool
        Whether it keeps all blocks of a loop.
    view : Array or None
        A view of a buffer that is about to be overwritten, else scratch.
    window : tuple of int
        First and last operation between which a view may be used.
    """

    dtype: DType
    form: Form
    whole: bool = False
    view: Array | None = None
    window: tuple[int, int] = (0, 1 << 60)

    @property
    def kind(self) -> tuple[object, ...]:
        """What a register must have in common with it."""
        return self.dtype, self.form, None if self.view is not None else self.whole


class Slots:
    """The slots of a kernel while its registers are given theirs, in the order of operations.

    Slots go by their numbers: the views, in the order of the ends of their windows, then scratch.

    Parameters
    ----------
    timeline : Timeline
        The kernel's operations.
    lives : mapping of Array to Life
        What needs a slot, and when.
    views : sequence of Slot
        Those that may be used before they are overwritten.
    fits : callable
        Whether an operation can write to a view of a buffer.
    """

    def __init__(
        self,
        timeline: Timeline,
        lives: Mapping[Array, Life],
        views: Sequence[Slot],
        fits: Fits,
    ) -> None:
        self._timeline, self._lives, self._fits = timeline, lives, fits
        self._slots = list(views)
        self._opening: dict[int, list[int]] = defaultdict(list)
        for number, slot in enumerate(views):
            self._opening[slot.window[0]].append(number)
        self._free: dict[tuple[object, ...], list[int]] = defaultdict(list)
        self._taken: dict[int, Array] = {}
        self._ending: dict[int, list[int]] = defaultdict(list)

    def assign(self) -> dict[Array, Slot]:
        """Give every register a slot."""
        assigned: dict[Array, Slot] = {}
        for now, operation in enumerate(self._timeline.operations):
            for number in [*self._ending.pop(now - 1, ()), *self._opening.pop(now, ())]:
                insort(self._free[self._slots[number].kind], number)
            out = operation.out.array
            if out in self._lives and self._lives[out][0] == now:
                slot = assigned[out] = self._slots[self._take(operation, out)]
                out.place = slot.view
        return assigned

    def _take(self, operation: Operation, out: Array) -> int:
        """Return the number of a register's slot."""
        start, end = self._lives[out]
        firsts = (next(found, None) for found in self._able(operation, out))
        number = min((n for n in firsts if n is not None), default=None)
        if number is None:
            number = len(self._slots)
            self._slots.append(Slot(out.dtype, out.form, out.whole))
        elif number in self._ending[start]:
            self._ending[start].remove(number)
        else:
            free = self._free[self._slots[number].kind]
            del free[bisect_left(free, number)]
        self._taken[number] = out
        self._ending[end].append(number)
        return number

    def _able(self, operation: Operation, out: Array) -> Iterator[Iterator[int]]:
        """Return the slots that a register can have, in order: handed on, views, and scratch."""
        start, end = self._lives[out]
        scratch = self._free[out.dtype, out.form, out.whole]
        views = self._free[out.dtype, out.form, None]
        still = bisect_left(views, end, key=lambda n: self._slots[n].window[1])
        handed = [n for n in self._ending[start] if self._hands_on(n, operation, out)]
        yield (n for n in sorted(handed) if self._admits(n, operation, out))
        later = (views[at] for at in range(still, len(views)))
        yield (n for n in later if self._admits(n, operation, out))
        yield iter(scratch)

    def _hands_on(self, number: int, operation: Operation, out: Array) -> bool:
        """Whether a slot's register ends where the other begins, and may be overwritten there."""
        slot, dying = self._slots[number], self._taken[number]
        same = slot.dtype is out.dtype and slot.form == out.form
        return (
            same
            and (slot.view is not None or slot.whole is out.whole)
            and any(u.array is dying for u in operation.args)
            and _dies_in_place(operation, dying)
        )

    def _admits(self, number: int, operation: Operation, out: Array) -> bool:
        """Whether a view, if it is one, can hold a register as it is and as long as it lives."""
        slot = self._slots[number]
        if slot.view is None:
            return True
        # axes that are read as one may be none of a buffer's views
        if out in self._timeline.flattened or not self._fits(operation, slot.view):
            return False
        end, last = self._lives[out][1], slot.window[1]
        return end < last or (end == last and _dies_in_place(self._timeline.operations[last], out))


def _dies_in_place(operation: Operation, array: Array) -> bool:
    """Whether the operation may overwrite the array that it reads."""
    return all(
        position in operation.inplace
        for position, use in enumerate(operation.args)
        if use.array is array
    )
