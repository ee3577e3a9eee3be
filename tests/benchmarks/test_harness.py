"""The benchmark harness: what it accepts, in which order it times, its figures.

No test here depends on how fast anything is; fakes run on a clock of their own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks import machine
from benchmarks.contenders.base import Contender
from benchmarks.harness import Entry, Reference, Settings, order, race, ratios, reference
from benchmarks.workloads import Mlp, Workload

TINY = Mlp("tiny", batch=4, sizes=(3, 2))


class World:
    """A clock that only steps move, and a record of who ran."""

    def __init__(self) -> None:
        self.now = 0.0
        self.log: list[str] = []

    def settings(self, **changes: Any) -> Settings:
        base = Settings(repeats=4, clock=lambda: self.now, sleep=self.sleep, others=self.others)
        return replace(base, **changes)

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.log.append("pause")

    def others(self) -> float:
        return self.now / 4


class Fake(Contender):
    """Counts down from 5; its weight follows the loss."""

    name: ClassVar[str] = "fake"

    def __init__(self, world: World, name: str, cost: float, role: str = "peer") -> None:
        self.world, self.cost, self.value = world, cost, 5.0
        # Only here: real contenders have one name each.
        self.__class__ = type(name, (type(self),), {"name": name, "role": role})

    def build(self, workload: Workload, threads: int) -> None:
        self.value = 5.0

    def reset(self) -> None:
        self.value = 5.0

    def step(self) -> float:
        self.world.now += self.cost
        self.world.log.append(self.name)
        self.value *= 0.9
        return self.value / 0.9

    def read(self, result: Any) -> Sequence[float]:
        return [result]

    def state(self) -> list[NDArray[Any]]:
        return [np.array([self.value])]


class Wrong(Fake):
    def read(self, result: Any) -> Sequence[float]:
        return [result * 1.001]


class NotANumber(Fake):
    def read(self, result: Any) -> Sequence[float]:
        return [math.nan]


class Idle(Fake):
    def state(self) -> list[NDArray[Any]]:
        return [np.array([5.0])]


class Rough(Fake):
    """Its losses are right, its weights off by 1 % of their change, as in bfloat16."""

    def state(self) -> list[NDArray[Any]]:
        return [np.array([self.value + 0.01 * (5.0 - self.value)])]


class Crashing(Fake):
    def step(self) -> float:
        raise RuntimeError("no such kernel")


class Absent(Fake):
    def available(self) -> str | None:
        return "not installed: fake"


class Decaying(Fake):
    """Right at first, wrong once it has run for a while."""

    def read(self, result: Any) -> Sequence[float]:
        return [result if self.world.log.count(self.name) < 20 else 0.0]


def truth(world: World) -> Reference:
    return reference(Fake(world, "truth", 0.0), TINY, 5)


def run(world: World, *contenders: Contender, **changes: Any) -> list[Entry]:
    return race(TINY, contenders, 1, truth(world), world.settings(**changes))[0]


# --- who may be timed --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "status", "reason"),
    [
        (Wrong, "wrong", "step 1"),
        (NotANumber, "wrong", "step 1"),
        (Idle, "wrong", "weight array 0"),
        (Rough, "wrong", "weight array 0"),
        (Crashing, "failed", "RuntimeError: no such kernel"),
        (Absent, "missing", "not installed"),
        (Decaying, "wrong", "after timing"),
    ],
)
def test_a_contender_that_is_not_right_has_no_times(
    kind: type[Fake], status: str, reason: str
) -> None:
    world = World()
    bad, good = run(world, kind(world, "bad", 1e-3), Fake(world, "good", 1e-3))
    assert (bad.status, bad.seconds) == (status, [])
    assert reason in bad.reason
    assert good.status == "ok"
    assert len(good.seconds) == 4


def test_losses_may_differ_by_the_tolerance() -> None:
    world = World()
    (entry,) = run(world, Wrong(world, "near", 1e-3), rtol=2e-3)
    assert entry.status == "ok"


def test_nobody_ready_is_no_error() -> None:
    world = World()
    settings = world.settings()
    _, busy = race(TINY, [Absent(world, "bad", 1.0)], 1, truth(world), settings)
    assert busy == 0.0


# --- how they are timed ------------------------------------------------------------------------


def test_rounds_are_interleaved() -> None:
    world = World()
    names = ["a", "b", "c"]
    entries = run(world, *(Fake(world, n, 0.03) for n in names), repeats=6)
    # Each contender steps once to warm up and once on the clock, after a pause.
    rounds = world.log[-(6 * 3 * 3 + 3 * 5) : -3 * 5]
    runs = [rounds[i : i + 3] for i in range(0, len(rounds), 3)]
    expected = [names[i] for turn in range(6) for i in order(3, turn)]
    assert runs == [["pause", name, name] for name in expected]
    assert [e.seconds for e in entries] == [pytest.approx([0.03] * 6)] * 3


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_every_round_has_everyone_once_and_starts_differ(count: int) -> None:
    turns = [order(count, turn) for turn in range(2 * count)]
    assert all(sorted(turn) == list(range(count)) for turn in turns)
    assert sorted(turn[0] for turn in turns[:count]) == list(range(count))


@pytest.mark.parametrize("cost", [1e-6, 3e-4, 0.5])
def test_a_timed_run_is_long_enough(cost: float) -> None:
    world = World()
    (entry,) = run(world, Fake(world, "a", cost))
    assert entry.steps * cost >= Settings.chunk * (1 - 1e-9)
    assert entry.steps * cost <= max(cost, 2 * Settings.chunk)
    assert entry.seconds == pytest.approx([cost] * 4)


def test_work_still_queued_is_waited_for_on_the_clock() -> None:
    world = World()

    class Queued(Fake):
        queued = 0

        def step(self) -> float:
            self.queued += 1
            self.cost = 0.0
            return super().step()

        def finish(self) -> None:
            world.now += 1e-3 * self.queued
            self.queued = 0

    (entry,) = run(world, Queued(world, "queued", 0.0))
    assert entry.seconds == pytest.approx([1e-3] * 4)


def test_load_of_other_processes_is_reported() -> None:
    world = World()
    _, busy = race(TINY, [Fake(world, "a", 1e-3)], 1, truth(world), world.settings())
    assert busy == pytest.approx(0.25)
    assert machine.other_cpu_seconds() >= 0.0


# --- figures -----------------------------------------------------------------------------------


def test_statistics() -> None:
    entry = Entry("a", "peer", seconds=[4.0, 1.0, 2.0, 3.0, 10.0])
    assert (entry.median, entry.min) == (3.0, 1.0)
    assert entry.spread == pytest.approx(2.0 / 3.0)


def test_ratio_is_best_peer_over_ours() -> None:
    entries = [
        Entry("graphdl-c", "ours-c", seconds=[1.0, 2.0, 3.0]),
        Entry("graphdl-numpy", "ours-numpy", seconds=[5.0]),
        Entry("numpy-hand", "hand", seconds=[10.0]),
        Entry("slow", "peer", seconds=[3.0, 8.0, 9.0]),
        Entry("quick", "peer", seconds=[4.0, 4.0, 4.0]),
        Entry("queued", "pipelined", seconds=[1.0, 1.0, 1.0]),
        Entry("wrong", "peer", status="wrong"),
    ]
    found = {(r["ours"], r["against"]): r for r in ratios(entries)}
    peer = found["graphdl-c", "best peer"]
    assert (peer["best"], peer["from_medians"], peer["from_mins"]) == ("quick", 2.0, 3.0)
    assert found["graphdl-c", "best peer, pipelined too"]["from_medians"] == 0.5
    assert found["graphdl-c", "hand-written NumPy"]["from_medians"] == 5.0
    assert found["graphdl-numpy", "hand-written NumPy"]["from_medians"] == 2.0
    assert len(found) == 4


def test_no_ratio_without_both_sides() -> None:
    assert ratios([Entry("graphdl-c", "ours-c", seconds=[1.0])]) == []
    assert ratios([Entry("jax", "peer", seconds=[1.0])]) == []
