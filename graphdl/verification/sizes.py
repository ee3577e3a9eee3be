"""Sizes of symbolic dims: small ones for symbols, larger ones for floats.

A proof at small sizes says nothing of what depends on a size itself, such as a comparison of it
with a number; so floats are compared at larger ones, too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from graphdl.ir.errors import DimensionError, GradientError, IndexRangeError, ShapeError
from graphdl.ir.node import Node
from graphdl.verification.precise import operations

REFUSED = (DimensionError, GradientError, IndexRangeError, ShapeError)
"""What a graph may answer to sizes and values that nobody has chosen for it."""
_FACTORS = (2, 7)
_MOST_OPERATIONS = 3_000_000
"""Elements that are computed at larger sizes."""


def small(dims: Sequence[str]) -> list[dict[str, int]]:
    """Return small sizes: all 1, all 2, then mixed.

    Examples
    --------
    >>> small(["N", "M"])
    [{'N': 1, 'M': 1}, {'N': 2, 'M': 2}, {'N': 1, 'M': 2}, {'N': 2, 'M': 1}]
    """
    if not dims:
        return [{}]
    mixed = [{d: 1 + (k + turn) % 2 for k, d in enumerate(dims)} for turn in (0, 1)]
    return [dict.fromkeys(dims, 1), dict.fromkeys(dims, 2), *(mixed if len(dims) > 1 else [])]


def larger(
    roots: Sequence[Node], env: Mapping[str, int], free: Collection[str]
) -> Iterator[dict[str, int]]:
    """Yield larger sizes of the free dims, as long as there is not too much to compute."""
    for factor in _FACTORS if free else ():
        sizes = {d: size * factor if d in free else size for d, size in env.items()}
        if operations(roots, sizes) <= _MOST_OPERATIONS:
            yield sizes
