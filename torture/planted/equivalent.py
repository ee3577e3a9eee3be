"""Mutants that no test can find, because they compute the same, and why."""

from __future__ import annotations

EQUIVALENT: dict[tuple[str, str, str], str] = {}
"""From file, line and change to the reason."""
