"""Elements along an axis at positions that the graph knows: what roll, pad and repeat share."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from graphdl.ir.leaves import constant
from graphdl.ir.node import Node, operators
from graphdl.ops.concat import concat
from graphdl.ops.expand import broadcast_to
from graphdl.ops.gather import gather

MOST_PIECES = 16
"""Slices put together up to this number; beyond, one gather is shorter."""


def at_positions(x: Node, positions: np.ndarray | Node, axis: int) -> Node:
    """Return the elements of ``x`` at positions along an axis.

    Positions that are known are cut into runs with one step: each is a view (a slice, a flip, or
    one element repeated), so that neither they nor their derivative need indices.
    """
    if isinstance(positions, Node):
        return gather(x, positions, axis)
    runs = list(_runs(positions))
    if len(runs) > MOST_PIECES:
        return gather(x, constant(positions.astype(np.int32)), axis)
    return concat([_run(x, axis, *run) for run in runs], axis)


def _runs(positions: np.ndarray) -> Iterator[tuple[int, int, int]]:
    """Yield start, step and number of positions of each run; one empty run of nothing."""
    begin, count = 0, len(positions)
    while begin < count or count == 0:
        step = int(positions[begin + 1] - positions[begin]) if begin + 1 < count else 1
        end = begin + 1
        while end < count and positions[end] - positions[end - 1] == step:
            end += 1
        if count == 0:
            yield 0, 1, 0
            return
        yield int(positions[begin]), step, end - begin
        begin = end


def _run(x: Node, axis: int, start: int, step: int, count: int) -> Node:
    sizes = [1 if i == axis and step == 0 else count if i == axis else s
             for i, s in enumerate(x.shape)]  # fmt: skip
    starts = [start if i == axis else 0 for i in range(x.ndim)]
    steps = [(step or 1) if i == axis else 1 for i in range(x.ndim)]
    part: Node = operators["slice"](x, starts, steps, tuple(sizes))
    return broadcast_to(part, tuple(count if i == axis else s for i, s in enumerate(sizes)))


__all__: list[str] = []
