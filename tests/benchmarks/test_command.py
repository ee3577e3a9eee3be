"""The benchmark command: who takes part, what it writes down, and what its exit code says."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from benchmarks import __main__ as command
from benchmarks import machine, measures
from benchmarks.contenders import CONTENDERS, chosen
from benchmarks.harness import Entry, Settings
from benchmarks.report import SCHEMA, RowResult, document, print_measures, print_row
from benchmarks.worker import ChildFailedError, submit


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
