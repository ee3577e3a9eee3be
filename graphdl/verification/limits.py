"""A limit on the time that a computation takes: SymPy may think for ever.

Time is the process's own: what else the machine does has no part in what is decided.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise TimeoutError in the block after some seconds of the processor's time.

    It rests on a timer signal, whose handler and remaining time are put back. Where there is none
    (other threads, Windows) the block simply runs: what is decided in it is bounded in size, too.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(
        signal, "setitimer"
    ):
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"{seconds:g} s")

    started = time.process_time()
    before = signal.signal(signal.SIGVTALRM, stop)
    outer, interval = signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
        if outer:
            rest = max(outer - (time.process_time() - started), 1e-3)
            signal.setitimer(signal.ITIMER_VIRTUAL, rest, interval)
