"""The arena's layout, and which of a kernel's buffers share memory in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from graphdl.codegen.lower.memory import ALIGNMENT, buffer_bytes
from graphdl.codegen.program import Buffer


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
        count = buffer_bytes(buffer, maxima)
        begin = buffer.offset if planned else end
        places[buffer] = (begin, begin + count)
        end = max(end, begin + count)
    return places, end


class Sharing:
    """Which buffers of a kernel share memory.

    Parameters
    ----------
    buffers : iterable of Buffer
        All that the kernel reads or writes.
    places : mapping of Buffer to (int, int)
        First byte and end of those in the arena; every other buffer has memory of its own.
    """

    def __init__(self, buffers: Iterable[Buffer], places: Mapping[Buffer, tuple[int, int]]) -> None:
        self._with = {b: [b] for b in buffers}
        reached: list[Buffer] = []  # those that may reach into what comes next
        for buffer in sorted((b for b in self._with if b in places), key=places.__getitem__):
            begin, end = places[buffer]
            reached = [b for b in reached if places[b][1] > begin]
            if begin == end:
                continue
            for other in reached:
                self._with[other].append(buffer)
                self._with[buffer].append(other)
            reached.append(buffer)

    def of(self, buffer: Buffer) -> Sequence[Buffer]:
        """Return the buffer itself and those that share memory with it."""
        return self._with[buffer]
