"""What a step of a random graph can be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from graphdl.verification.random_graphs.builder import Builder
from graphdl.verification.random_graphs.known import Known

Draw = Callable[[Builder, str], Known]
"""Applies the named function to operands that suit it."""


@dataclass(frozen=True)
class Family:
    """Functions whose operands are drawn in one way.

    Attributes
    ----------
    draw : callable
        How.
    names : tuple of str
        Of the functions; one that stands twice is drawn twice as often.
    weight : int
        How often the family is drawn.
    """

    draw: Draw
    names: tuple[str, ...]
    weight: int = 1
