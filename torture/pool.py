"""Worker processes, each with one batch at a time; one that dies is a result, not an end."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import shutil
import signal
import tempfile
import time
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path

from torture import worker
from torture.worker import OUTPUT, Outcome, Task

# A worker is replaced from time to time: every module that it compiled stays mapped, and its
# compile cache grows.
_LIFE_SECONDS = 300.0
_MOST_MEGABYTES = 2000.0
_SHOWN = 2500


class Worker:
    """A child process and its end of the line."""

    def __init__(self) -> None:
        self.folder = tempfile.mkdtemp(prefix="torture-")
        context = multiprocessing.get_context("spawn")
        self.connection: Connection
        self.connection, theirs = context.Pipe()
        self.process: SpawnProcess = context.Process(target=worker.main, args=(theirs, self.folder))
        self.process.start()
        theirs.close()
        self.born = self.started = time.monotonic()
        self.task: Task | None = None

    def start(self, task: Task) -> None:
        """Hand over a batch."""
        self.task, self.started = task, time.monotonic()
        with contextlib.suppress(BrokenPipeError):  # it has died: receive() will tell
            self.connection.send(task)

    def receive(self) -> Outcome:
        """Return the outcome that has come, or what the death of the process says."""
        assert self.task is not None
        task, self.task = self.task, None
        try:
            outcome: Outcome = self.connection.recv()
        except (EOFError, ConnectionResetError):
            self.process.join()
            return Outcome(task, failure=self.obituary(), seconds=time.monotonic() - self.started)
        return outcome

    def obituary(self) -> str:
        """Say how the process ended, with the end of what it printed."""
        code = self.process.exitcode or 0
        how = f"exit code {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"
        printed = ""
        with contextlib.suppress(OSError):
            printed = Path(self.folder, OUTPUT).read_text(errors="replace")[-_SHOWN:].strip()
        return "\n".join(filter(None, [f"the process died: {how}", printed]))

    def is_worn(self, megabytes: float) -> bool:
        """Say whether it should be replaced."""
        return time.monotonic() - self.born > _LIFE_SECONDS or megabytes > _MOST_MEGABYTES

    def end(self) -> None:
        """End the process and all that it started, and remove its files."""
        self.connection.close()
        if self.task is None:
            self.process.join(5)
        assert self.process.pid is not None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.kill()  # it may not lead a group yet
        self.process.join()
        shutil.rmtree(self.folder, ignore_errors=True)


class Pool:
    """Some workers, made when they are needed.

    Parameters
    ----------
    jobs : int
        How many.
    limit : float
        Seconds after which a batch is taken for endless.
    """

    def __init__(self, jobs: int, limit: float) -> None:
        self.jobs, self.limit = jobs, limit
        self._workers: list[Worker] = []

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *unused: object) -> None:
        for one in self._workers:
            one.end()

    @property
    def busy(self) -> int:
        """How many batches are under way."""
        return sum(w.task is not None for w in self._workers)

    @property
    def idle(self) -> bool:
        """Whether a batch can be started."""
        return self.busy < self.jobs

    def start(self, task: Task) -> None:
        """Start a batch; there must be an idle worker."""
        free = next((w for w in self._workers if w.task is None), None)
        if free is None:
            free = Worker()
            self._workers.append(free)
        free.start(task)

    def wait(self, seconds: float) -> list[Outcome]:
        """Return the batches that have ended, after some time at most."""
        running: dict[object, Worker] = {
            w.connection: w for w in self._workers if w.task is not None
        }
        found = []
        for connection in wait([w.connection for w in running.values()], seconds):
            one = running.pop(connection)
            outcome = one.receive()
            found.append(outcome)
            if one.process.exitcode is not None or one.is_worn(outcome.megabytes):
                self._retire(one)
        for one in running.values():
            spent = time.monotonic() - one.started
            if spent > self.limit and one.task is not None:
                failure = f"no end after {self.limit:.0f} s"
                found.append(Outcome(one.task, failure=failure, seconds=spent))
                self._retire(one)
        return found

    def _retire(self, one: Worker) -> None:
        self._workers.remove(one)
        one.end()
