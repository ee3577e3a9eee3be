"""Trials that crash, raise and never end."""

import os
import signal
import time
from collections.abc import Sequence

from torture.trial import Trial


def _crash(units: range) -> Sequence[str]:
    print("about to look at", units)
    if 5 in units:
        os.kill(os.getpid(), signal.SIGSEGV)
    return []


def _raise(units: range) -> Sequence[str]:
    if 3 in units:
        raise KeyError("three")
    return []


def _wait(units: range) -> Sequence[str]:
    time.sleep(0.2)
    return []


def _sleep(units: range) -> Sequence[str]:
    time.sleep(60)
    return []


TRIALS = (
    Trial("crashing", "does not crash", "units", 16, 8, _crash),
    Trial("raising", "does not raise", "units", 8, 4, _raise),
    Trial("slow", "takes its time", "units", 1000, 1, _wait),
    Trial("endless", "ends", "units", 1, 1, _sleep),
)
