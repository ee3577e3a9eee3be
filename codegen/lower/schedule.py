"""The order of kernels: what frees most memory first, updates in place after the last reader."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence

from graphdl.codegen.program import Buffer, Kernel, kernel_stores, reads


def dependences(kernels: Sequence[Kernel]) -> list[set[int]]:
    """Return which kernels each kernel needs: the writers of what it reads, in the given order."""
    writers: dict[Buffer, list[int]] = {}
    pieces: dict[Buffer, list[int]] = {}
    needed: list[set[int]] = []
    for number, kernel in enumerate(kernels):
        stored = list(dict.fromkeys(s.access.buffer for s in kernel_stores(kernel)))
        needs = {w for a in reads(kernel) for w in writers.get(a.buffer, ())}
        needs |= {w for b in stored for w in pieces.get(b, ())}  # pieces of one buffer, in order
        needed.append(needs)
        for buffer in stored:
            pieces.setdefault(buffer, []).append(number)
            if buffer.role != "state":
                writers.setdefault(buffer, []).append(number)
    _after_readers(kernels, needed)
    return needed


def _after_readers(kernels: Sequence[Kernel], needed: list[set[int]]) -> None:
    """Let every kernel that overwrites state wait for all that still read the old value."""
    readers: dict[Buffer, set[int]] = {}
    for number, kernel in enumerate(kernels):
        for access in reads(kernel):
            if access.buffer.role == "state":
                readers.setdefault(access.buffer, set()).add(number)
    for number, kernel in enumerate(kernels):
        for store in kernel_stores(kernel):
            needed[number] |= readers.get(store.access.buffer, set()) - {number}


def schedule(kernels: Sequence[Kernel], bytes_of: Callable[[Buffer], int]) -> list[Kernel] | None:
    """Return the kernels in an order of low peak memory; None if the dependences have a cycle.

    Among the kernels that are ready, the one that frees most (or adds least) goes first; at equal
    effect the given order decides.
    """
    needed = dependences(kernels)
    users: list[list[int]] = [[] for _ in kernels]
    for number, needs in enumerate(needed):
        for other in needs:
            users[other].append(number)
    remaining = _readers_left(kernels)
    waiting = [len(n) for n in needed]
    ready = [(_growth(kernels[i], remaining, bytes_of), i) for i, w in enumerate(waiting) if not w]
    heapq.heapify(ready)
    order: list[Kernel] = []
    while ready:
        growth, number = heapq.heappop(ready)
        now = _growth(kernels[number], remaining, bytes_of)
        if now != growth and ready and (now, number) > ready[0]:
            heapq.heappush(ready, (now, number))
            continue
        order.append(kernels[number])
        for buffer in _temporaries_read(kernels[number]):
            remaining[buffer] -= 1
        for user in users[number]:
            waiting[user] -= 1
            if not waiting[user]:
                heapq.heappush(ready, (_growth(kernels[user], remaining, bytes_of), user))
    return order if len(order) == len(kernels) else None


def _temporaries_read(kernel: Kernel) -> list[Buffer]:
    found = dict.fromkeys(a.buffer for a in reads(kernel))
    return [b for b in found if b.role == "temporary"]


def _readers_left(kernels: Sequence[Kernel]) -> dict[Buffer, int]:
    count: dict[Buffer, int] = {}
    for kernel in kernels:
        for buffer in _temporaries_read(kernel):
            count[buffer] = count.get(buffer, 0) + 1
    return count


def _growth(kernel: Kernel, remaining: dict[Buffer, int], bytes_of: Callable[[Buffer], int]) -> int:
    """Return how much more memory is live after a kernel than before."""
    written = dict.fromkeys(
        s.access.buffer for s in kernel_stores(kernel) if s.access.buffer.role == "temporary"
    )
    freed = [b for b in _temporaries_read(kernel) if remaining[b] == 1 and b not in written]
    return sum(bytes_of(b) for b in written) - sum(bytes_of(b) for b in freed)
