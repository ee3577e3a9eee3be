"""Child processes that are killed: at a step of their own, or from outside after some time."""

from __future__ import annotations

import os
import random
import signal
import sys
import time
import traceback
from collections.abc import Callable


def fork(work: Callable[[], bool], prepare: Callable[[], object] = lambda: None) -> int:
    """Run `work` in a child process, whose exit code tells whether it returned True."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            prepare()
            code = 0 if work() else 1
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)
    return child


def ended(child: int) -> int:
    """Wait for a child; return its exit code, or minus the signal that killed it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def killed_at_step(work: Callable[[], bool], step: int) -> int:
    """Run `work` in a child that kills itself before its n-th system-level event.

    Such events are what Python reports to audit hooks: files opened, renamed and removed, folders
    made, processes started.
    """
    return ended(fork(work, lambda: _die_at(step)))


def steps(work: Callable[[], bool]) -> int:
    """Return how many such events there are in a child that is not killed."""
    reader, writer = os.pipe()

    def counted() -> bool:
        counter = _Steps(-1)
        sys.addaudithook(counter)
        good = work()
        os.write(writer, counter.seen.to_bytes(4, "little"))
        return good

    child = fork(counted)
    os.close(writer)
    with os.fdopen(reader, "rb") as file:
        seen = int.from_bytes(file.read(4), "little")
    if ended(child) != 0:
        raise RuntimeError("what should be killed does not even work")
    return seen


class _Steps:
    """An audit hook that counts, and kills the process at a number."""

    def __init__(self, last: int) -> None:
        self.last, self.seen = last, 0

    def __call__(self, event: str, arguments: tuple[object, ...]) -> None:
        if event == "open" or event.partition(".")[0] in ("os", "subprocess", "shutil", "tempfile"):
            self.seen += 1
            if self.seen == self.last:
                os.kill(os.getpid(), signal.SIGKILL)


def _die_at(step: int) -> None:
    sys.addaudithook(_Steps(step))


def killed_after(work: Callable[[], bool], seconds: float, *, group: bool = False) -> int:
    """Run `work` in a child that is killed after some time, with all that it started or alone."""
    child = fork(work, os.setsid)
    time.sleep(seconds)
    if group:
        try:
            os.killpg(child, signal.SIGKILL)
        except ProcessLookupError:  # it is no leader yet, or has ended
            os.kill(child, signal.SIGKILL)
    else:
        os.kill(child, signal.SIGKILL)
    return ended(child)


def duration(work: Callable[[], bool]) -> float:
    """Return the seconds that a child takes."""
    started = time.monotonic()
    if ended(fork(work)) != 0:
        raise RuntimeError("what should be killed does not even work")
    return time.monotonic() - started


def killed(chance: random.Random, work: Callable[[], bool], steps: int, seconds: float) -> int:
    """Run `work` in a child that is killed at a random step or moment."""
    if chance.random() < 0.5:
        return killed_at_step(work, chance.randrange(1, steps + 2))
    return killed_after(work, chance.uniform(0, 1.3 * seconds), group=chance.random() < 0.5)
