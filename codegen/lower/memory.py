"""The arena plan: temporaries share memory when they are not alive at the same time."""

from __future__ import annotations

from bisect import insort
from collections.abc import Mapping, Sequence, Set

from graphdl.codegen.program import (
    Access,
    Buffer,
    Kernel,
    LoopKernel,
    OrderKernel,
    Store,
    kernel_stores,
    loads,
    reads,
)
from graphdl.ir.dim_bounds import upper_bound

ALIGNMENT = 64


def buffer_bytes(buffer: Buffer, maxima: Mapping[str, int]) -> int:
    """Return a buffer's size at the largest dims, rounded up to the alignment."""
    size = upper_bound(buffer.size, maxima) * buffer.dtype.itemsize
    return -(-size // ALIGNMENT) * ALIGNMENT


def plan(kernels: Sequence[Kernel], maxima: Mapping[str, int]) -> int:
    """Give every temporary an offset; return the bytes of the arena.

    Large buffers are placed first, each at the lowest offset that is free during its whole life.
    A kernel whose operand dies may write its result over it, where every element is read at the
    place at which it is written.
    """
    lives = _lives(kernels)
    sizes = {b: buffer_bytes(b, maxima) for b in lives}
    placed: list[Buffer] = []
    for buffer in sorted(lives, key=lambda b: (-sizes[b], lives[b][0], b.name)):
        near = [b for b in placed if _overlap(lives[b], lives[buffer])]
        shared = {b for b in near if _reusable(b, buffer, lives, kernels)}
        buffer.offset = _lowest(buffer, near, shared, sizes)
        insort(placed, buffer, key=lambda b: b.offset)
    return max((b.offset + sizes[b] for b in placed), default=0)


def _lowest(
    buffer: Buffer, near: Sequence[Buffer], shared: Set[Buffer], sizes: Mapping[Buffer, int]
) -> int:
    """Return the lowest offset at which a buffer meets no other, or only those that it may share.

    Those near are in the order of their offsets.
    """
    size, free = sizes[buffer], 0
    for other in near:
        if other.offset >= free + size:
            break
        free = max(free, other.offset + sizes[other])

    def fits(offset: int) -> bool:
        met = (b for b in near if b.offset < offset + size and offset < b.offset + sizes[b])
        return all(b in shared and b.offset == offset for b in met)

    return min((b.offset for b in shared if b.offset < free and fits(b.offset)), default=free)


def _lives(kernels: Sequence[Kernel]) -> dict[Buffer, tuple[int, int]]:
    """Return the first and the last kernel of each temporary's life."""
    lives: dict[Buffer, tuple[int, int]] = {}
    for number, kernel in enumerate(kernels):
        accesses = [*(s.access for s in kernel_stores(kernel)), *reads(kernel)]
        for buffer in (a.buffer for a in accesses):
            if buffer.role == "temporary":
                lives[buffer] = (lives.get(buffer, (number, number))[0], number)
    return lives


def _overlap(a: tuple[int, int], b: tuple[int, int]) -> bool:
    return a[0] <= b[1] and b[0] <= a[1]


def _reusable(
    a: Buffer, b: Buffer, lives: Mapping[Buffer, tuple[int, int]], kernels: Sequence[Kernel]
) -> bool:
    """Whether one of two buffers ends in the very kernel that makes the other, in place."""
    first, second = (a, b) if lives[a][0] < lives[b][0] else (b, a)
    if lives[first][0] == lives[second][0]:
        return False
    if lives[first][1] != lives[second][0] or first.dtype.itemsize != second.dtype.itemsize:
        return False
    kernel = kernels[lives[first][1]]
    return first.size == second.size and in_place(kernel, first, second)


def in_place(kernel: Kernel, old: Buffer, new: Buffer) -> bool:
    """Whether a kernel reads ``old`` only at the element of ``new`` that it is about to write."""
    if isinstance(kernel, OrderKernel):
        return False
    if isinstance(kernel, LoopKernel):
        return not kernel.sequential and _stages_in_place(kernel, old, new)
    if any(a.buffer is old for a in loads([kernel.left, kernel.right])):
        return False
    return _same_places(kernel.stores, loads(s.value for s in kernel.stores), old, new) is not None


def _stages_in_place(kernel: LoopKernel, old: Buffer, new: Buffer) -> bool:
    """Nothing may be read in a stage after the one that writes."""
    written = False
    places: set[object] = set()
    for stage in kernel.stages:
        found = loads(stage.roots())
        if written and any(a.buffer is old for a in found):
            return False
        here = _same_places(stage.stores, found, old, new)
        if here is None:
            return False
        places |= here
        written = written or any(s.access.buffer is new for s in stage.stores)
    return len(places) <= 1


def _same_places(
    stores: Sequence[Store], found: Sequence[Access], old: Buffer, new: Buffer
) -> set[object] | None:
    """Return where the buffers are accessed, None if data decides."""
    accesses = [s.access for s in stores if s.access.buffer is new]
    accesses += [a for a in found if a.buffer is old]
    if any(a.gathered for a in accesses):
        return None
    places: set[object] = {(a.shape, a.index) for a in accesses}
    return places if len(places) <= 1 else None
