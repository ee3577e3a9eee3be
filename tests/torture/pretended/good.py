"""Trials that find nothing, or what the environment says."""

import os
from collections.abc import Sequence

from torture.trial import Trial


def _find(units: range) -> Sequence[str]:
    wanted = os.environ.get("TORTURE_FINDS", "")
    return [f"unit {u}: wrong" for u in units if str(u) in wanted.split(",")]


TRIALS = (
    Trial("quick", "nothing is wrong", "units", 100, 10, lambda units: []),
    Trial("finding", "nothing is wrong", "units", 40, 8, _find),
    Trial("absent", "cannot be tried", "units", 5, 1, lambda units: [], lambda: "no such thing"),
)
