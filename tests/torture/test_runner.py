"""The runner of long trials: it takes up where it stopped, and survives what it tries."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.torture import pretended
from tools.wheel import ROOT
from torture import __main__, discovery
from torture.book import Book, BookError, Finding
from torture.page import BEGIN, END, ROWS, page, write
from torture.revision import revision
from torture.runner import Runner, Settings


@pytest.fixture(autouse=True)
def trials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace the trials; workers are told by full names."""
    monkeypatch.setattr(discovery, "trials", pretended)


def runner(path: Path, only: str, code: str = "one", **settings: float) -> Runner:
    found = Runner(discovery.discover(only.split(",")), Book(path), code, Settings(**settings))
    found.run()
    return found


def findings(path: Path, name: str) -> list[Finding]:
    return Book(path)[name].open()


# ---- counts -------------------------------------------------------------------------------------


def test_all_units_are_tried_once_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "state.json"
    runner(path, "quick,finding")
    assert Book(path)["quick"].done() == [[0, 100]]
    assert Book(path)["finding"].done() == [[0, 40]]
    assert [r.revision for r in Book(path)["quick"].runs] == ["one"]
    batches = []
    again = Runner(discovery.discover(["quick"]), Book(path), "one", Settings(),
                   lambda name, found: batches.append(name))  # fmt: skip
    again.run()
    assert batches == []


def test_a_share_then_the_rest_and_another_commit(tmp_path: Path) -> None:
    path = tmp_path / "state"
    runner(path, "quick", share=0.25)
    assert Book(path)["quick"].done() == [[0, 25]]
    runner(path, "quick", code="two", jobs=1)
    units = {r.revision: r.units for r in Book(path)["quick"].runs}
    assert units == {"one": [[0, 25]], "two": [[25, 100]]}
    runner(path, "quick", code="two", jobs=1, again=True)
    assert Book(path)["quick"].done("two") == [[0, 100]]


def test_no_time_means_no_batch(tmp_path: Path) -> None:
    runner(tmp_path / "state", "quick", minutes=0.0)
    assert Book(tmp_path / "state")["quick"].done() == []


def test_what_is_missing_is_left_out(tmp_path: Path) -> None:
    assert runner(tmp_path / "state", "absent").missing == {"absent": "no such thing"}


def test_a_damaged_state_file_is_refused(tmp_path: Path) -> None:
    for text in ("{", "[]", '{"format": 9}', '{"format": 1, "trials": {"a": {}}}'):
        (tmp_path / "state").write_text(text)
        with pytest.raises(BookError, match="move it away"):
            Book(tmp_path / "state")


# ---- findings -----------------------------------------------------------------------------------


def test_findings_stay_until_the_code_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "state"
    monkeypatch.setenv("TORTURE_FINDS", "9,30")
    runner(path, "finding")
    assert sorted(f.units for f in findings(path, "finding")) == [(9, 10), (30, 31)]
    monkeypatch.setenv("TORTURE_FINDS", "30")
    runner(path, "finding")
    assert len(findings(path, "finding")) == 2, "by chance is not mended"
    runner(path, "finding", code="two")
    assert [(f.units, f.revision) for f in findings(path, "finding")] == [((30, 31), "two")]
    assert sorted(f.gone for f in Book(path)["finding"].findings) == ["", "two"]


def test_a_crash_is_found_and_the_rest_is_tried(tmp_path: Path) -> None:
    path = tmp_path / "state"
    runner(path, "crashing,raising")
    assert Book(path)["crashing"].done() == [[0, 16]]
    (crash,) = findings(path, "crashing")
    assert crash.units == (5, 6)
    assert "SIGSEGV" in crash.text
    assert "about to look at range(5, 6)" in crash.text
    (raised,) = findings(path, "raising")
    assert raised.units == (3, 4)
    assert "KeyError: 'three'" in raised.text


def test_what_does_not_end_is_ended(tmp_path: Path) -> None:
    runner(tmp_path / "state", "endless", limit=1.0)
    (endless,) = findings(tmp_path / "state", "endless")
    assert "no end after 1 s" in endless.text


# ---- command line -------------------------------------------------------------------------------


def test_exit_codes_and_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    state = ["--state", str(tmp_path / "state")]
    assert __main__.main([*state, "--only", "nothing"]) == 2
    assert "there are" in capsys.readouterr().err
    assert __main__.main([*state, "--only", "quick", "--share", "0.1", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["trials"]["quick"]["done"] == 10
    monkeypatch.setenv("TORTURE_FINDS", "1")
    assert __main__.main([*state, "--only", "finding", "--share", "0.1"]) == 1
    printed = capsys.readouterr()
    assert "unit 1: wrong" in printed.err
    assert "finding" in printed.out
    assert __main__.main([*state, "--list", "--only", "good"]) == 1
    assert "no such thing" in " ".join(capsys.readouterr().out.split())


_PRETENDED = """
import sys
from tests.torture import pretended
from torture import __main__, discovery
discovery.trials = pretended
sys.exit(__main__.main(["--only", "slow", "--state", sys.argv[1]]))
"""


def test_ctrl_c_lets_batches_end(tmp_path: Path) -> None:
    path, pipe = tmp_path / "state", subprocess.PIPE
    command = [sys.executable, "-c", _PRETENDED, str(path)]
    child = subprocess.Popen(command, cwd=ROOT, stdout=pipe, stderr=pipe, text=True)
    while not path.exists() and child.poll() is None:
        time.sleep(0.02)
    child.send_signal(signal.SIGINT)
    out, errors = child.communicate(timeout=60)
    assert child.returncode == 0, errors
    assert "slow" in out
    (done,) = Book(path)["slow"].done()
    assert 0 < done[1] < 1000


# ---- the page -----------------------------------------------------------------------------------


def test_the_page_keeps_what_people_wrote(tmp_path: Path) -> None:
    book = Book(tmp_path / "state")
    book["quick"].add("abc", range(70), 1.5)
    book["quick"].findings.append(Finding((3, 4), "wrong | <b>\nmore", "abc", "2020-01-01"))
    before = f"# Title\n\nwords\n\n{BEGIN}\nstale\n{END}\n\nmore words\n"
    once = page(before, discovery.discover(), book)
    assert once.startswith("# Title\n\nwords\n")
    assert once.endswith(f"{END}\n\nmore words\n")
    assert "stale" not in once
    assert "`quick`: 70 of 100 units | 1 |" in once
    assert "- `quick`, unit 3, on abc: wrong ? ?b?" in once
    assert page(once, discovery.discover(), book) == once
    with pytest.raises(ValueError, match="lacks"):
        page("nothing", {}, book)
    write(tmp_path / "new.md", discovery.discover(), book)
    assert "`quick`" in (tmp_path / "new.md").read_text("utf-8")


def test_every_trial_has_its_row(monkeypatch: pytest.MonkeyPatch) -> None:
    from torture import trials as real

    monkeypatch.setattr(discovery, "trials", real)
    there = set(discovery.modules())
    assert there <= {m for row in ROWS for m in row.modules}
    text = (ROOT / "docs" / "reliability.md").read_text("utf-8")
    for row in ROWS:
        assert row.promise in text, "make torture TORTURE='--minutes 0'"


def test_the_revision_tells_changed_code() -> None:
    assert revision() == revision() != ""
