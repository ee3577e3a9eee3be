"""Checks contenders against a reference, then times them in turns.

Nothing here knows a framework. Clock and pause are parameters, so tests need no real time.
"""

from __future__ import annotations

import gc
import math
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import machine
from benchmarks.contenders.base import HAND, OURS_C, OURS_NUMPY, PEER, PIPELINED, Contender
from benchmarks.workloads import Workload

# (who of ours, whose best it is held against, what the comparison is called)
COMPARISONS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    (OURS_C, (PEER,), "best peer"),
    (OURS_C, (PEER, PIPELINED), "best peer, pipelined too"),
    (OURS_C, (HAND,), "hand-written NumPy"),
    (OURS_NUMPY, (HAND,), "hand-written NumPy"),
)


@dataclass(frozen=True)
class Settings:
    """How a race is run. Times are in seconds.

    Parameters
    ----------
    repeats : int
        Rounds; each gives one figure per contender.
    chunk : float
        Least time of one contender's timed run in a round.
    settle : float
        Pause before each run, until other libraries' idle threads have stopped spinning.
    warm : float
        Untimed steps after the pause take about this long: caches and clock are as in a loop.
    steps : int
        Steps whose losses must agree.
    rtol : float
        Relative tolerance of losses.
    drift : float
        Greatest relative error of each weight array's change over these steps. It finds an
        array that isn't updated, and products in bfloat16, which losses alone let through on
        wide layers (measured there: loss 4e-5, change 4e-2; float32 stays below 7e-4).
    """

    repeats: int = 15
    chunk: float = 0.02
    settle: float = 0.05
    warm: float = 0.005
    steps: int = 5
    rtol: float = 1e-4
    drift: float = 2e-3
    clock: Callable[[], float] = time.perf_counter
    sleep: Callable[[float], None] = time.sleep
    others: Callable[[], float] = machine.other_cpu_seconds


@dataclass
class Entry:
    """One contender's result; ``status`` is ok, missing, failed or wrong.

    ``seconds`` holds the time of a step, one figure a round.
    """

    name: str
    role: str
    status: str = "ok"
    reason: str = ""
    steps: int = 0
    seconds: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        """Median seconds of a step."""
        return statistics.median(self.seconds)

    @property
    def min(self) -> float:
        """Least seconds of a step."""
        return min(self.seconds)

    @property
    def spread(self) -> float:
        """Distance of the quartiles, relative to the median.

        Examples
        --------
        >>> Entry("a", "peer", seconds=[1.0, 2.0, 3.0, 4.0, 5.0]).spread
        0.6666666666666666
        """
        low, high = np.percentile(self.seconds, [25, 75])
        return float(high - low) / self.median


@dataclass(frozen=True)
class Reference:
    """What is right: losses (steps, numbers), and weights before and after these steps."""

    losses: NDArray[np.float64]
    before: list[NDArray[Any]]
    after: list[NDArray[Any]]


def reference(contender: Contender, workload: Workload, steps: int) -> Reference:
    """Let a trusted *contender* run *steps* steps of *workload* on one thread."""
    contender.setup(workload, 1)
    before = contender.state()
    return Reference(contender.losses(steps), before, contender.state())


def disagreement(contender: Contender, right: Reference, settings: Settings) -> str | None:
    """Return how *contender* departs from the reference, or None.

    Losses must agree within ``rtol`` at every step, and every weight array must have moved
    by the same amount: a bias that isn't updated hardly shows in five losses.
    """
    got = contender.losses(settings.steps)
    contender.finish()
    if got.shape != right.losses.shape:
        return f"numbers of shape {got.shape}, expected {right.losses.shape}"
    close = np.isclose(got, right.losses, rtol=settings.rtol, atol=0.0).all(axis=1)
    if not close.all():
        step = int(np.argmin(close))
        return f"step {step + 1}: got {got[step].tolist()}, expected {right.losses[step].tolist()}"
    after = contender.state()
    if len(after) != len(right.after):
        return f"{len(after)} weight arrays, expected {len(right.after)}"
    for i, (mine, old, new) in enumerate(zip(after, right.before, right.after, strict=True)):
        if mine.shape != new.shape:
            return f"weight array {i} has shape {mine.shape}, expected {new.shape}"
        moved = np.linalg.norm(new - old)
        if not np.linalg.norm(mine - new) <= settings.drift * moved:
            return f"weight array {i} did not change as it should"
    return None


def prepare(
    contender: Contender, workload: Workload, threads: int, right: Reference, settings: Settings
) -> Entry:
    """Set *contender* up and check it; the entry says whether it may be timed."""
    entry = Entry(contender.name, contender.role)
    absent = contender.available()
    if absent is not None:
        entry.status, entry.reason = "missing", absent
        return entry
    try:
        contender.setup(workload, threads)
        wrong = disagreement(contender, right, settings)
    except Exception as error:  # whatever a framework raises, the others are still timed
        entry.status, entry.reason = "failed", f"{type(error).__name__}: {error}"
        return entry
    if wrong is not None:
        entry.status, entry.reason = "wrong", wrong
    return entry


def run_steps(contender: Contender, count: int, clock: Callable[[], float]) -> float:
    """Return the seconds *count* steps take, with garbage collection off."""
    step = contender.step
    enabled = gc.isenabled()
    gc.disable()
    try:
        start = clock()
        for _ in range(count):
            step()
        contender.finish()
        return clock() - start
    finally:
        if enabled:
            gc.enable()


def calibrate(contender: Contender, settings: Settings) -> int:
    """Return how many steps take at least ``settings.chunk``."""
    contender.reset()
    run_steps(contender, 3, settings.clock)
    count = 1
    while True:
        taken = run_steps(contender, count, settings.clock)
        if taken >= settings.chunk:
            return count
        growth = settings.chunk / taken * 1.1 if taken > 0 else 10.0
        count = max(count + 1, math.ceil(count * min(growth, 10.0)))


def order(count: int, turn: int) -> list[int]:
    """Return who runs when in round *turn*.

    The start moves on by one each round and every other pass runs backwards, so that nobody
    always follows the same neighbour.

    Examples
    --------
    >>> order(3, 0), order(3, 1), order(3, 3)
    ([0, 1, 2], [1, 2, 0], [0, 2, 1])
    """
    forward = [(turn + i) % count for i in range(count)]
    return forward if turn // count % 2 == 0 else [forward[0], *reversed(forward[1:])]


def race(
    workload: Workload,
    contenders: Sequence[Contender],
    threads: int,
    right: Reference,
    settings: Settings,
) -> tuple[list[Entry], float]:
    """Time one step of *workload* for all *contenders* that are right.

    Parameters
    ----------
    workload : Workload
        What a step does.
    contenders : sequence of Contender
        Who takes part; a missing, failing or wrong one gets an entry without times.
    threads : int
        Threads of the process; the process itself must have been started for that many.
    right : Reference
        What the numbers have to be.
    settings : Settings
        Repeats and durations.

    Returns
    -------
    entries : list of Entry
        In the order of *contenders*.
    busy : float
        How many CPUs other processes kept busy meanwhile, on average.
    """
    entries = [prepare(c, workload, threads, right, settings) for c in contenders]
    ready = [(c, e) for c, e in zip(contenders, entries, strict=True) if e.status == "ok"]
    for contender, entry in ready:
        settings.sleep(settings.settle)
        entry.steps = calibrate(contender, settings)
    start, before = settings.clock(), settings.others()
    for turn in range(settings.repeats if ready else 0):
        for i in order(len(ready), turn):
            contender, entry = ready[i]
            contender.reset()
            settings.sleep(settings.settle)
            warm = max(1, math.ceil(entry.steps * settings.warm / settings.chunk))
            run_steps(contender, warm, settings.clock)
            taken = run_steps(contender, entry.steps, settings.clock)
            entry.seconds.append(taken / entry.steps)
    passed = settings.clock() - start
    busy = max(0.0, settings.others() - before) / passed if ready else 0.0
    for contender, entry in ready:
        again = disagreement(contender, right, settings)
        if again is not None:
            entry.status, entry.reason, entry.seconds = "wrong", f"after timing: {again}", []
    return entries, busy


def ratios(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """Return best other ÷ ours for every comparison that can be made; > 1 is ahead.

    The best other is found for medians and for minima separately.

    Examples
    --------
    >>> ours = Entry("graphdl-c", "ours-c", seconds=[1.0, 2.0, 3.0])
    >>> peer = Entry("jax", "peer", seconds=[3.0, 3.0, 4.0])
    >>> ratios([ours, peer])[0]["from_medians"], ratios([ours, peer])[0]["from_mins"]
    (1.5, 3.0)
    """
    timed = [e for e in entries if e.seconds]
    found = []
    for role, others, label in COMPARISONS:
        rivals = [e for e in timed if e.role in others]
        if not rivals or others[-1] not in {e.role for e in rivals}:
            continue
        by_median = min(rivals, key=lambda e: e.median)
        by_min = min(rivals, key=lambda e: e.min)
        for ours in (e for e in timed if e.role == role):
            found.append(
                {
                    "ours": ours.name,
                    "against": label,
                    "best": by_median.name,
                    "from_medians": by_median.median / ours.median,
                    "from_mins": by_min.min / ours.min,
                }
            )
    return found
