"""What a builder knows of a node's elements: their range, and whether they are exact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from graphdl.ir.dims import Shape, Size
from graphdl.ir.node import Node


@dataclass(frozen=True)
class Known:
    """A node, its range, and its grain.

    Attributes
    ----------
    node : Node
        Of the graph that grows.
    low, high : float
        Between these lie its elements, at the inputs that a case draws.
    grain : int or None
        If not None, elements are multiples of ``2**-grain``, few enough that sums and products of
        them are exact: every order of evaluation gives the same bits.
    """

    node: Node
    low: float
    high: float
    grain: int | None

    @property
    def bound(self) -> float:
        """The largest size of an element."""
        return max(-self.low, self.high)

    @property
    def exact(self) -> bool:
        """Whether any order of evaluation gives the same bits."""
        return self.grain is not None


def is_number(known: Known) -> bool:
    """Whether it is no bool."""
    return known.node.dtype.name != "bool"


def twice(grain: int | None) -> int | None:
    """Return the grain of a square, which is one of halves at least."""
    return None if grain is None else max(2 * grain, 1)


def at_least(grain: int | None, least: int) -> int | None:
    """Return the grain of what meets multiples of ``2**-least``."""
    return None if grain is None else max(grain, least)


def finest(*known: Known) -> int | None:
    """Return the grain of a sum; None if a term is not exact."""
    grains = [k.grain for k in known]
    return None if any(g is None for g in grains) else max(g for g in grains if g is not None)


def joint(a: Sequence[Size], b: Sequence[Size]) -> Shape:
    """Return the shape to which two that fit broadcast."""
    rank = max(len(a), len(b))
    x, y = (1,) * (rank - len(a)) + tuple(a), (1,) * (rank - len(b)) + tuple(b)
    return tuple(j if i == 1 else i for i, j in zip(x, y, strict=True))


def broadcasts(a: Sequence[Size], b: Sequence[Size]) -> bool:
    """Whether two shapes broadcast."""
    short = min(len(a), len(b))
    pairs = zip(a[len(a) - short :], b[len(b) - short :], strict=True)
    return all(i == j or i == 1 or j == 1 for i, j in pairs)


def alike(a: Node, b: Node) -> bool:
    """Whether two nodes have the same shape and dtype."""
    return a.shape == b.shape and a.dtype is b.dtype
