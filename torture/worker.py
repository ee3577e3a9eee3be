"""The child process that tries batches; it may crash without taking anything along."""

from __future__ import annotations

import faulthandler
import os
import resource
import signal
import tempfile
import time
import traceback
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

OUTPUT = "output"
"""The file that takes what a batch prints."""


@dataclass(frozen=True)
class Task:
    """A batch: the units of one trial, of a module by its full name, and why they are tried."""

    module: str
    trial: str
    start: int
    stop: int
    purpose: str = "new"

    @property
    def units(self) -> range:
        """The units."""
        return range(self.start, self.stop)


@dataclass(frozen=True)
class Outcome:
    """What became of a batch: what it found, or why it did not end."""

    task: Task
    findings: tuple[str, ...] = ()
    failure: str = ""
    seconds: float = 0.0
    megabytes: float = 0.0


def main(connection: Connection, folder: str) -> None:
    """Try batches as they come until the other end closes.

    All that is written to temporary folders and caches goes to `folder`, which the parent removes.
    """
    os.setsid()  # Ctrl-C is the parent's business; so is ending us and all that we started
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    temporary = Path(folder, "tmp")
    temporary.mkdir()
    os.environ |= {
        "TMPDIR": str(temporary),
        "GRAPHDL_CACHE_DIR": str(Path(folder, "cache")),
        "OPENBLAS_NUM_THREADS": "1",
    }
    tempfile.tempdir = None
    output = os.open(Path(folder, OUTPUT), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(output, 1)
    os.dup2(output, 2)
    faulthandler.enable()
    while True:
        try:
            task = connection.recv()
        except EOFError:
            return
        os.ftruncate(output, 0)
        connection.send(attempt(task))


def attempt(task: Task) -> Outcome:
    """Try one batch in this process."""
    from torture.discovery import of_module

    findings: tuple[str, ...] = ()
    failure, started = "", time.perf_counter()
    try:
        trial = next(t for t in of_module(task.module) if t.name == task.trial)
        findings = tuple(str(line) for line in trial.run(task.units))
    except Exception:
        failure = f"the trial raised\n{traceback.format_exc(limit=-6)[-2500:]}"
    seconds = time.perf_counter() - started
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Outcome(task, findings, failure, seconds, megabytes)
