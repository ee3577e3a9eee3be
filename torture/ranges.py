"""Sets of units, as sorted ranges that do not touch: ``[[0, 500], [700, 800]]``."""

from __future__ import annotations

from collections.abc import Iterable

Ranges = list[list[int]]


def merged(ranges: Iterable[Iterable[int]]) -> Ranges:
    """Return the union of ranges.

    Examples
    --------
    >>> merged([[5, 8], [0, 3], [3, 4]])
    [[0, 4], [5, 8]]
    """
    found: Ranges = []
    for start, stop in sorted(tuple(r) for r in ranges):
        if found and start <= found[-1][1]:
            found[-1][1] = max(found[-1][1], stop)
        elif start < stop:
            found.append([start, stop])
    return found


def size(ranges: Ranges, limit: int) -> int:
    """Return how many units below a limit are in a set.

    Examples
    --------
    >>> size([[0, 4], [6, 9]], 8)
    6
    """
    return sum(max(0, min(stop, limit) - start) for start, stop in ranges)


def gap(ranges: Ranges, limit: int, most: int) -> range:
    """Return the first units below a limit that are not in a set, `most` of them.

    Examples
    --------
    >>> gap([[0, 4], [6, 9]], 100, 50), gap([[0, 4]], 6, 50), gap([[0, 4]], 4, 50)
    (range(4, 6), range(4, 6), range(4, 4))
    """
    start = 0
    for low, high in ranges:
        if start < low:
            return range(start, min(low, start + most, limit))
        start = high
    return range(start, max(start, min(start + most, limit)))
