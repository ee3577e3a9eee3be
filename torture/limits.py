"""Seconds and bytes that something hostile may take."""

from __future__ import annotations

import contextlib
import resource
import signal
from collections.abc import Iterator
from pathlib import Path


class TooLongError(BaseException):
    """The time is over; no handler of the code under trial takes it for an error of its own."""


@contextlib.contextmanager
def memory_limit(megabytes: int) -> Iterator[None]:
    """Let the block allocate no more than this beyond what the process has; then MemoryError."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + (megabytes << 20)
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


class Clock:
    """Interrupts what takes too long, by a timer signal; for the main thread.

    Parameters
    ----------
    seconds : float
        What each block may take of the process's own time.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def __enter__(self) -> Clock:
        self._before = signal.signal(signal.SIGPROF, self._stop)
        return self

    def __exit__(self, *unused: object) -> None:
        self.stop()
        signal.signal(signal.SIGPROF, self._before)

    def _stop(self, number: int, frame: object) -> None:
        raise TooLongError(f"more than {self.seconds:g} s")

    def start(self) -> None:
        """Begin a block."""
        signal.setitimer(signal.ITIMER_PROF, self.seconds)

    def stop(self) -> None:
        """End it: what comes next takes as long as it will."""
        signal.setitimer(signal.ITIMER_PROF, 0)
