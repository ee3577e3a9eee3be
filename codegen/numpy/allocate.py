"""Places for the arrays of a kernel: results straight into buffers, registers reused."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from graphdl.codegen.numpy.operations import Array, Operation, Region
from graphdl.codegen.numpy.views import Form
from graphdl.codegen.program import Buffer
from graphdl.ir.dim_bounds import upper_bound
from graphdl.ir.dtypes import DType

Overlap = Callable[[Buffer, Buffer], bool]
Fits = Callable[[Operation, Array], bool]
"""Whether an operation can write its result to a view as it is."""


ALIGNMENT = 64


def aligned(count: int) -> int:
    """Round a number of bytes up."""
    return -(-count // ALIGNMENT) * ALIGNMENT


def offsets(
    temporaries: Sequence[Buffer], maxima: Mapping[str, int]
) -> tuple[dict[Buffer, tuple[int, int]], int]:
    """Return each temporary's bytes in the arena, and the arena's size; lay them out if need be."""
    planned = any(b.offset for b in temporaries)
    places: dict[Buffer, tuple[int, int]] = {}
    end = 0
    for buffer in temporaries:
        count = aligned(upper_bound(buffer.size, maxima) * buffer.dtype.itemsize)
        begin = buffer.offset if planned else end
        places[buffer] = (begin, begin + count)
        end = max(end, begin + count)
    return places, end


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
    lives : list of (int, int)
        When it is taken.
    """

    dtype: DType
    form: Form
    whole: bool = False
    view: Array | None = None
    window: tuple[int, int] = (0, 1 << 60)
    lives: list[tuple[int, int]] = field(default_factory=list)


def place(regions: Sequence[Region], overlap: Overlap, fits: Fits) -> dict[Array, Slot]:
    """Drop stores that an operation can do itself; give every register that is left a slot.

    Parameters
    ----------
    regions : sequence of Region
        A kernel's; their operations change.
    overlap : callable
        Whether two buffers share memory.
    fits : callable
        Whether an operation can write to a view of a buffer.
    """
    for region in regions:
        for operation in [o for o in region.operations if o.is_store]:
            everything = [o for r in regions for o in r.operations]
            if _absorb(everything, operation, overlap, fits):
                region.operations.remove(operation)
    operations = [o for r in regions for o in r.operations]
    lives = _lives(regions)
    slots = _windows(regions, overlap)
    return _assign(operations, lives, slots, fits)


def _absorb(operations: list[Operation], store: Operation, overlap: Overlap, fits: Fits) -> bool:
    """Let the operation that makes a stored register write to the store's target."""
    source, target = store.args[0].array, store.out.array
    if not source.is_register or source.place is not None or source.dtype is not target.dtype:
        return False
    if store.out.form != source.form or target.form != source.form:
        return False
    if source in _flattened(operations):
        return False
    end = operations.index(store)
    makers = [n for n, o in enumerate(operations) if o.out.array is source]
    if not makers or makers[0] > end or any(o.updates for o in operations[:end]):
        return False
    if not fits(operations[makers[0]], target):
        return False
    buffer = target.buffer
    assert buffer is not None
    for number in range(makers[0], end):
        for position, array in enumerate(operations[number].arrays()):
            if array is source or array.buffer is None or not overlap(array.buffer, buffer):
                continue
            if number != makers[0] or position not in operations[number].inplace:
                return False
    for number in range(end + 1, len(operations)):
        later = operations[number]
        if any(u.array is source for u in later.args) and any(
            o.out.array.buffer is not None and overlap(o.out.array.buffer, buffer)
            for o in operations[end + 1 : number + 1]
        ):
            return False
    source.place = target
    return True


def _lives(regions: Sequence[Region]) -> dict[Array, tuple[int, int]]:
    """Return the first and last operation of every register without a place."""
    lives: dict[Array, tuple[int, int]] = {}
    number = 0
    for region in regions:
        first = number
        for operation in region.operations:
            for array in operation.arrays():
                if array.is_register and array.place is None:
                    lives[array] = (lives.get(array, (number, number))[0], number)
            number += 1
        if region.axis:  # what comes into a loop is needed until its last turn
            for array, (start, end) in lives.items():
                if start < first <= end:
                    lives[array] = (start, number - 1)
    return lives


def _windows(regions: Sequence[Region], overlap: Overlap) -> list[Slot]:
    """Return the targets that may hold intermediate results until they are written."""
    operations = [o for r in regions for o in r.operations]
    ends = _loop_ends(regions)
    slots = []
    for number, operation in enumerate(operations):
        target = operation.out.array.place
        if target is None or target.buffer is None:
            continue
        if any(o.out.array is operation.out.array for o in operations[:number]):
            continue
        buffer = target.buffer
        touched = [
            n
            for n, o in enumerate(operations[:number])
            if any(a.buffer is not None and overlap(a.buffer, buffer) for a in o.arrays())
        ]
        begin = touched[-1] + 1 if touched else 0
        if touched and ends[touched[-1]] <= number:  # the loop's next turn touches it again
            begin = ends[touched[-1]]
        reads = [a for a in operation.arrays() if a is not operation.out.array]
        if any(a.buffer is not None and overlap(a.buffer, buffer) for a in reads):
            continue
        if begin < number:
            slots.append(Slot(target.dtype, target.form, view=target, window=(begin, number)))
    return slots


def _loop_ends(regions: Sequence[Region]) -> list[int]:
    """Return for each operation the number of the first one after its loop, or after itself."""
    ends: list[int] = []
    for region in regions:
        end = len(ends) + len(region.operations)
        ends += [end if region.axis else n + 1 for n in range(len(ends), end)]
    return ends


def _assign(
    operations: Sequence[Operation],
    lives: dict[Array, tuple[int, int]],
    slots: list[Slot],
    fits: Fits,
) -> dict[Array, Slot]:
    assigned: dict[Array, Slot] = {}
    flattened = _flattened(operations)
    for number, operation in enumerate(operations):
        out = operation.out.array
        if out not in lives or lives[out][0] != number:
            continue
        own = out in flattened  # its axes are read as one, which may be none of a buffer's views
        able = [s for s in slots if s.view is None or (not own and fits(operation, s.view))]
        slot = next((s for s in able if _free(s, out, lives[out], operations, assigned)), None)
        if slot is None:
            slot = Slot(out.dtype, out.form, out.whole)
            slots.append(slot)
        # what has ended can meet nothing that is still to begin
        slot.lives = [life for life in slot.lives if life[1] >= number] + [lives[out]]
        assigned[out] = slot
        if slot.view is not None:
            out.place = slot.view
    return assigned


def _flattened(operations: Sequence[Operation]) -> set[Array]:
    """Return what is read with several axes as one: it must lie in memory in that order."""
    uses = (u for o in operations for u in o.args if u.groups is not None)
    return {u.array for u in uses if any(len(g) > 1 for g in u.groups or ())}


def _free(
    slot: Slot,
    out: Array,
    life: tuple[int, int],
    operations: Sequence[Operation],
    assigned: dict[Array, Slot],
) -> bool:
    start, end = life
    if slot.dtype is not out.dtype or slot.form != out.form:
        return False
    if slot.view is None and slot.whole is not out.whole:
        return False
    if slot.view is not None:
        first, last = slot.window
        if start < first or end > last:
            return False
        if end == last and not _dies_in_place(operations[last], out):
            return False
    for begin, finish in slot.lives:
        if begin <= end and start <= finish:
            if finish != start:
                return False
            read = [u.array for u in operations[start].args]
            dying = [a for a in read if assigned.get(a) is slot]
            if not all(_dies_in_place(operations[start], a) for a in dying):
                return False
    return True


def _dies_in_place(operation: Operation, array: Array) -> bool:
    """Whether the operation may overwrite the array that it reads."""
    return all(
        position in operation.inplace
        for position, use in enumerate(operation.args)
        if use.array is array
    )
