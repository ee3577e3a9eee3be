"""What a trial is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


def never_missing() -> str | None:
    """Return why a trial cannot be run here; this one always can."""
    return None


@dataclass(frozen=True, slots=True)
class Trial:
    """A promise, and how it is tried.

    Attributes
    ----------
    name : str
        A short name, as the command line takes it: ``backends``.
    promise : str
        What must hold, as a sentence: "Interpreter, NumPy and C agree".
    unit : str
        What is counted: ``graphs``, ``files``, ``kills``.
    count : int
        How many units make the full trial.
    batch : int
        How many units one call takes; a call should last some seconds.
    run : callable
        Tries the units of a range and returns what is wrong, a line a finding. A unit's number is
        its seed: the same unit is the same trial, whatever ran before.
    missing : callable
        Returns why the trial cannot be run here (no compiler, say), or None.
    """

    name: str
    promise: str
    unit: str
    count: int
    batch: int
    run: Callable[[range], Sequence[str]]
    missing: Callable[[], str | None] = never_missing
