"""What is tried next, and what becomes of what was found."""

from __future__ import annotations

import math
import re
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from torture.book import Book, Finding, Record, today
from torture.discovery import full_name
from torture.pool import Pool
from torture.ranges import Ranges, gap, merged, size
from torture.trial import Trial
from torture.worker import Outcome, Task

MOST_FINDINGS = 50
"""Open findings from which on a trial is left alone: more would say the same."""


@dataclass(frozen=True)
class Settings:
    """How long and how much.

    Attributes
    ----------
    jobs : int
        Worker processes.
    minutes : float
        When to stop; batches under way are ended first.
    share : float
        The part of each trial's units that is wanted.
    again : bool
        Whether only what was tried on this revision counts as done.
    limit : float
        Seconds after which a batch is taken for endless.
    """

    jobs: int = 2
    minutes: float = math.inf
    share: float = 1.0
    again: bool = False
    limit: float = 900.0


class Runner:
    """Tries what is left of trials.

    The trial of which most is left goes next, so all advance together. Before anything else the
    units of open findings are tried again if the code has changed since: what finds nothing then
    is marked as gone. A batch that crashes, raises or does not end is a finding, and is tried
    again in halves, so that the unit is found and all others are tried.

    Parameters
    ----------
    trials : mapping of str to sequence of Trial
        By module, as `torture.discovery.discover` returns them.
    book : Book
        What is done already; saved after each batch.
    revision : str
        Which code is tried.
    settings : Settings
        How long and how much.
    told : callable
        Called with a trial's name after each of its batches, and with the new findings.
    """

    def __init__(
        self,
        trials: Mapping[str, Sequence[Trial]],
        book: Book,
        revision: str,
        settings: Settings,
        told: Callable[[str, Sequence[Finding]], None] = lambda name, findings: None,
    ) -> None:
        self.book, self.revision, self.settings, self.told = book, revision, settings, told
        self.modules = {t.name: full_name(m) for m, group in trials.items() for t in group}
        self.trials = {t.name: t for group in trials.values() for t in group}
        self.missing = {n: why for n, t in self.trials.items() if (why := t.missing())}
        self._stopped = False
        self._flying: dict[str, Ranges] = {name: [] for name in self.trials}
        self._first: deque[Task] = deque()
        self._narrowing: list[Finding] = []

    def stop(self) -> None:
        """Start no further batch."""
        self._stopped = True

    def run(self) -> None:
        """Try what is left until there is nothing, the time is over, or somebody says stop."""
        end = time.monotonic() + self.settings.minutes * 60
        self._first.extend(self._changed())
        with Pool(self.settings.jobs, self.settings.limit) as pool:
            while True:
                while pool.idle and not self._stopped and time.monotonic() < end:
                    task = self._next()
                    if task is None:
                        break
                    self._flying[task.trial].append([task.start, task.stop])
                    pool.start(task)
                if not pool.busy:
                    return
                for outcome in pool.wait(0.2):
                    self._take(outcome)

    def wanted(self, name: str) -> int:
        """Return how many units of a trial are wanted."""
        return math.ceil(self.trials[name].count * min(self.settings.share, 1.0))

    def done(self, name: str) -> Ranges:
        """Return the units of a trial that count as done."""
        return self.book[name].done(self.revision if self.settings.again else None)

    def _changed(self) -> list[Task]:
        """Return the units of open findings of other revisions."""
        return [
            Task(self.modules[name], name, *finding.units, purpose="again")
            for name in self._able()
            for finding in self.book[name].open()
            if finding.revision != self.revision
        ]

    def _able(self) -> list[str]:
        return [name for name in self.trials if name not in self.missing]

    def _next(self) -> Task | None:
        while self._first:
            task = self._first.popleft()
            if task.purpose == "again" or self._worth(task.trial):
                return task
        best, most = None, 0.0
        for name in self._able():
            wanted, trial = self.wanted(name), self.trials[name]
            given = merged([*self.done(name), *self._flying[name]])
            units = gap(given, wanted, trial.batch)
            left = (wanted - size(given, wanted)) / wanted if units else 0.0
            if left > most and self._worth(name):
                best, most = Task(self.modules[name], name, units.start, units.stop), left
        return best

    def _worth(self, name: str) -> bool:
        return len(self.book[name].open()) < MOST_FINDINGS

    def _take(self, outcome: Outcome) -> None:
        task, record = outcome.task, self.book[outcome.task.trial]
        self._flying[task.trial].remove([task.start, task.stop])
        record.add(self.revision, task.units, outcome.seconds)
        texts = [*outcome.findings, *filter(None, [outcome.failure])]
        if task.purpose == "again":
            self._mark(record, task, bool(texts))
        fresh = []
        for text in texts:
            if task.purpose != "again" or not _known(record, task):
                units = _units(text, task.units)
                fresh.append(Finding(units, text, self.revision, today()))
        if outcome.failure:
            self._narrow(record, task, fresh[-1:])
        record.findings += fresh
        self.book.save()
        self.told(task.trial, fresh)

    def _narrow(self, record: Record, task: Task, fresh: Sequence[Finding]) -> None:
        """Have the halves of a batch that failed tried; a half that fails says more than all."""
        for wide in [f for f in self._narrowing if f in record.findings]:
            if wide.units[0] <= task.start and task.stop <= wide.units[1]:
                record.findings.remove(wide)
        if len(task.units) > 1:
            self._narrowing += fresh
            middle = (task.start + task.stop) // 2
            for start, stop in ((task.start, middle), (middle, task.stop)):
                self._first.append(Task(task.module, task.trial, start, stop, "narrow"))

    def _mark(self, record: Record, task: Task, found: bool) -> None:
        """Say of open findings whether they are still there."""
        for finding in record.open():
            if finding.units == (task.start, task.stop):
                if found:
                    finding.revision, finding.date = self.revision, today()
                else:
                    finding.gone = self.revision


def _known(record: Record, task: Task) -> bool:
    return any(f.units == (task.start, task.stop) for f in record.open())


def _units(text: str, units: range) -> tuple[int, int]:
    """Return the unit that a line names (``unit 17: ...``, ``seed 17``), or all of the batch."""
    named = re.search(r"\b(?:unit|seed) (\d+)", text)
    if named and int(named[1]) in units:
        return int(named[1]), int(named[1]) + 1
    return units.start, units.stop
