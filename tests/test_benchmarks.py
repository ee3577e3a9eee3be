"""The benchmark harness: what it accepts, in which order it times, what it writes down.

No test here depends on how fast anything is; fakes run on a clock of their own.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import replace
from io import StringIO
from typing import Any, ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray
from rich.console import Console

from benchmarks import __main__ as command
from benchmarks import machine, measures
from benchmarks.contenders import CONTENDERS, chosen
from benchmarks.contenders.base import Contender
from benchmarks.contenders.numpy_hand import NumpyHand
from benchmarks.harness import Entry, Reference, Settings, order, race, ratios, reference
from benchmarks.report import SCHEMA, RowResult, document, print_measures, print_row
from benchmarks.worker import ChildFailedError, submit
from benchmarks.workloads import ROWS, Chain, Mlp, Workload

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


# --- what is written down ----------------------------------------------------------------------


def results() -> RowResult:
    entries = (
        Entry("graphdl-c", "ours-c", steps=3, seconds=[1e-5, 2e-5]),
        Entry("jax", "peer", steps=2, seconds=[3e-5, 3e-5]),
        Entry("torch-eager", "peer", "missing", "not installed: torch"),
    )
    return RowResult("logreg", 2, entries, busy=0.5)


def test_json_form() -> None:
    measure = measures.Measure("import graphdl", "graphdl", value=100.0, goal=150.0)
    facts = machine.describe()
    found = document([results()], [measure], Settings(), facts, {"jax": "1"})
    found = json.loads(json.dumps(found, allow_nan=False))
    assert found["schema"] == SCHEMA
    assert found["settings"]["rtol"] == 1e-4
    assert found["machine"]["cpus"] >= 1
    (row,) = found["rows"]
    assert (row["row"], row["threads"], row["busy"]) == ("logreg", 2, 0.5)
    ours, _, torch = row["contenders"]
    assert ours["seconds"] == [1e-5, 2e-5]
    assert (ours["median"], ours["min"]) == (pytest.approx(1.5e-5), 1e-5)
    assert (torch["status"], torch["seconds"]) == ("missing", [])
    assert "median" not in torch
    assert row["ratios"][0]["from_medians"] == pytest.approx(2.0)
    assert found["measures"][0]["goal"] == 150.0


def test_tables_name_who_is_left_out_and_warn_of_noise() -> None:
    out = StringIO()
    console = Console(file=out, width=200)
    print_row(console, results())
    print_row(console, RowResult("chain", 1, failure="exit code -11"))
    print_measures(console, [measures.Measure("Python call", "jax", reason="not installed")])
    text = out.getvalue()
    for part in (
        "graphdl-c against best peer (jax): 2.00 from medians, 3.00 from minima",
        "left out: torch-eager: missing, not installed: torch",
        "other processes kept 0.50 CPUs busy",
        "exit code -11",
        "Python call, jax : not installed",
    ):
        assert part in text


def test_command_line_writes_json(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "race", lambda row, threads, names, settings: results())
    target = tmp_path / "out.json"
    assert command.main(["--rows", "logreg", "--measures", "none", "--json", str(target)]) == 0
    assert len(json.loads(target.read_text(encoding="utf-8"))["rows"]) == 2


@pytest.mark.parametrize("wrong", [["--rows", "lenet5"], ["--threads", "0"], ["--repeats", "x"]])
def test_wrong_use_is_refused(wrong: list[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        command.main(wrong)
    assert stop.value.code == 2


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        (Entry("graphdl-c", "ours-c", "wrong", "step 1"), 1),
        (Entry("graphdl-c", "ours-c", "missing", "no compiler"), 0),
        (Entry("jax", "peer", "failed", "crash"), 0),
    ],
)
def test_exit_code_tells_of_our_own_faults(entry: Entry, code: int) -> None:
    assert command.failed(RowResult("logreg", 1, (entry,))) is bool(code)


def test_more_threads_than_cpus_are_not_timed() -> None:
    assert "CPUs" in command.race("logreg", 10_000, [], Settings()).failure


def test_who_takes_part() -> None:
    assert chosen(["c"], [], symbolic=False) == ["graphdl-c"]
    assert chosen(["numpy"], [], symbolic=True) == ["graphdl-numpy", "numpy-hand"]
    assert chosen(["c", "numpy"], None, symbolic=True) == list(CONTENDERS)


def test_a_child_process_times_a_row() -> None:
    settings = {"repeats": 2, "chunk": 1e-3, "settle": 0.0}
    job = {"do": "race", "row": "logreg", "threads": 1, "names": ["numpy-hand"]}
    found = submit(job | {"settings": settings})
    (entry,) = found["entries"]
    assert entry["status"] == "ok"
    assert len(entry["seconds"]) == 2


def test_a_child_that_fails_says_why() -> None:
    with pytest.raises(ChildFailedError, match="exit code 1: KeyError: 'no such job'"):
        submit({"do": "no such job", "threads": 1})


# --- the reference is right --------------------------------------------------------------------

SMALL: list[Mlp] = [
    replace(row, batch=min(row.batch, 8)) for row in ROWS.values() if isinstance(row, Mlp)
]


def plain_loss(work: Mlp, pairs: list[tuple[NDArray[Any], NDArray[Any]]]) -> Any:
    """Return the loss of complex weights, written as plainly as can be."""
    x, y = work.inputs()
    h: NDArray[Any] = x.astype(np.complex128)
    for i, (kernel, bias) in enumerate(pairs):
        h = h @ kernel + bias
        if i < len(pairs) - 1:
            h = np.where(h.real > 0, h, 0)
    h = h - h.real.max(axis=1, keepdims=True)
    log_probs = h - np.log(np.exp(h).sum(axis=1, keepdims=True))
    return -log_probs[np.arange(work.batch), y].mean()


@pytest.mark.parametrize("work", SMALL, ids=lambda work: work.name)
def test_hand_written_step_follows_the_gradient(work: Mlp) -> None:
    """Complex differences along a random direction of every weight array."""
    hand = NumpyHand(np.float64)
    hand.setup(work, 1)
    before = hand.state()
    loss = hand.read(hand.step())[0]
    grads = [(old - new) / work.rate for old, new in zip(before, hand.state(), strict=True)]
    assert loss == pytest.approx(plain_loss(work, list(zip(*[iter(before)] * 2, strict=True))).real)
    rng = np.random.default_rng(7)
    for i, grad in enumerate(grads):
        direction = rng.standard_normal(grad.shape)
        moved: list[NDArray[Any]] = list(before)
        moved[i] = before[i] + 1e-30j * direction
        slope = plain_loss(work, list(zip(*[iter(moved)] * 2, strict=True))).imag / 1e-30
        # The step's own rounding stands in old - new: 1e-16 of a weight, over rate * gradient.
        assert np.vdot(grad, direction) == pytest.approx(slope, rel=1e-7, abs=1e-11)


@pytest.mark.parametrize("elements", [1, 1000, 2**13 + 5, 2**16])
def test_hand_written_chain_follows_the_gradient(elements: int) -> None:
    work = Chain("chain", elements)
    hand = NumpyHand(np.float64)
    hand.setup(work, 1)
    x = work.inputs()[0].astype(np.float64)

    def plain(a: complex, b: complex) -> complex:
        u = a * x + b
        h = 0.5 * u * (1 + np.tanh(np.sqrt(2 / np.pi) * (u + 0.044715 * u**3)))
        return complex((h / (1 + np.exp(-x)) + np.tanh(h)).sum())

    a, b = work.scalars
    expected = [plain(a, b).real, plain(a + 1e-30j, b).imag / 1e-30]
    expected.append(plain(a, b + 1e-30j).imag / 1e-30)
    assert hand.read(hand.step()) == pytest.approx(expected, rel=1e-11)


@pytest.mark.parametrize("row", ["logreg", "mlp-digits", "chain"])
def test_float32_passes_its_own_check(row: str) -> None:
    settings = Settings(repeats=1, chunk=1e-4, settle=0.0)
    right = reference(NumpyHand(np.float64), ROWS[row], settings.steps)
    (entry,), _ = race(ROWS[row], [NumpyHand()], 1, right, settings)
    assert (entry.status, entry.reason) == ("ok", "")


@pytest.mark.parametrize("work", SMALL, ids=lambda work: work.name)
def test_weights_that_stand_still_would_be_noticed(work: Mlp) -> None:
    losses = reference(NumpyHand(np.float64), work, 5).losses[:, 0]
    assert abs(losses[-1] / losses[0] - 1) > 3 * Settings.rtol
