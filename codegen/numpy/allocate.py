"""Places for the arrays of a kernel: results straight into buffers, registers reused."""

from __future__ import annotations

from collections.abc import Sequence

from graphdl.codegen.numpy.memory import Sharing
from graphdl.codegen.numpy.operations import Array, Operation, Region
from graphdl.codegen.numpy.slots import Fits, Life, Slot, Slots
from graphdl.codegen.numpy.timeline import Timeline


def place(regions: Sequence[Region], sharing: Sharing, fits: Fits) -> dict[Array, Slot]:
    """Drop stores that an operation can do itself; give every register that is left a slot.

    Parameters
    ----------
    regions : sequence of Region
        A kernel's; their operations change.
    sharing : Sharing
        Which of its buffers share memory.
    fits : callable
        Whether an operation can write to a view of a buffer.
    """
    _absorb_stores(regions, Timeline(regions, sharing), fits)
    timeline = Timeline(regions, sharing)
    lives = _lives(regions)
    return Slots(timeline, lives, _windows(regions, timeline), fits).assign()


def _absorb_stores(regions: Sequence[Region], timeline: Timeline, fits: Fits) -> None:
    """Let operations write their results to where they would be stored."""
    absorbed: set[Operation] = set()
    updates = (n for n, o in enumerate(timeline.operations) if o.updates)
    stop = next(updates, len(timeline.operations))  # what comes after it may depend on it
    for number, operation in enumerate(timeline.operations[:stop]):
        if operation.is_store and _absorb(timeline, number, fits):
            absorbed.add(operation)
    for region in regions:
        region.operations[:] = [o for o in region.operations if o not in absorbed]


def _absorb(timeline: Timeline, number: int, fits: Fits) -> bool:
    """Let the operation that makes a stored register write to the store's target."""
    store = timeline.operations[number]
    source, target = store.args[0].array, store.out.array
    if not source.is_register or source.place is not None or source.dtype is not target.dtype:
        return False
    if store.out.form != source.form or target.form != source.form:
        return False
    if source in timeline.flattened or not timeline.made[source]:
        return False
    buffer, maker = target.buffer, timeline.made[source][0]
    assert buffer is not None
    if maker > number or not fits(timeline.operations[maker], target):
        return False
    for earlier in timeline.touching(buffer, maker, number):
        for position, array in enumerate(timeline.operations[earlier].arrays()):
            if array is source or not timeline.touches(array, buffer):
                continue
            if earlier != maker or position not in timeline.operations[maker].inplace:
                return False
    overwritten = timeline.next_write(buffer, number + 1)
    if overwritten is not None and overwritten <= timeline.read[source][-1]:
        return False
    timeline.put(source, target, number)
    return True


def _lives(regions: Sequence[Region]) -> dict[Array, Life]:
    """Return the first and last operation of every register without a place."""
    lives: dict[Array, Life] = {}
    number = 0
    for region in regions:
        first = number
        touched = [
            [a for a in o.arrays() if a.is_register and a.place is None] for o in region.operations
        ]
        for arrays in touched:
            for array in arrays:
                lives[array] = (lives.get(array, (number, number))[0], number)
            number += 1
        if region.axis:  # what comes into a loop is needed until its last turn
            for array in (a for arrays in touched for a in arrays if lives[a][0] < first):
                lives[array] = (lives[array][0], number - 1)
    return lives


def _windows(regions: Sequence[Region], timeline: Timeline) -> list[Slot]:
    """Return the targets that may hold intermediate results until they are written."""
    ends = _loop_ends(regions)
    slots = []
    for number, operation in enumerate(timeline.operations):
        out = operation.out.array
        target = out.place
        if target is None or target.buffer is None or timeline.made[out][0] < number:
            continue
        if any(timeline.touches(a, target.buffer) for a in operation.arrays() if a is not out):
            continue
        begin, last = 0, timeline.last_touch(target.buffer, number)
        if last is not None:  # the next turn of a loop touches it again
            begin = ends[last] if ends[last] <= number else last + 1
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
