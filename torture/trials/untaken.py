"""No untaken branch poisons a gradient, and no guard makes a true derivative zero."""

from __future__ import annotations

from tests.passes.random_masked import problems
from torture.trial import Trial


def try_programs(units: range) -> list[str]:
    """Compare both orders of random masked programs with jets of what they take."""
    return [line for seed in units for line in problems(seed)]


TRIAL = Trial(
    "untaken",
    "No untaken branch poisons a gradient: where the true derivative is finite, it comes out",
    "programs",
    5_000,
    100,
    try_programs,
)
