"""``python -m torture``: try what is left of the long trials."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from torture import page
from torture.book import Book, BookError
from torture.discovery import discover
from torture.display import Display, counts
from torture.ranges import size
from torture.revision import revision
from torture.runner import Runner, Settings

STATE = Path("build", "torture.json")


def parser() -> argparse.ArgumentParser:
    """Return the command line's parser."""
    found = argparse.ArgumentParser(
        prog="python -m torture",
        description="Try what is left of the long trials; a run that was stopped is taken up.",
        epilog="Exit codes: 0 nothing is wrong, 1 there are findings, 2 wrong use.",
    )
    add = found.add_argument
    add("--only", metavar="A,B", help="trials, or modules of torture/trials; default: all")
    add("--minutes", type=_amount, default=Settings.minutes, help="stop after that time")
    add("--share", type=_amount, default=1.0, help="the part of each trial that is wanted: 0.01")
    add("--again", action="store_true", help="try anew what was tried on other commits only")
    add("--jobs", type=int, default=Settings.jobs, help="worker processes, default: 2")
    add("--state", type=Path, default=STATE, help=f"what is done already, default: {STATE}")
    add("--report", type=Path, metavar="FILE", help="bring the results on a page up to date")
    add("--list", action="store_true", help="list the trials and what is done of them")
    add("--json", action="store_true", help="print counts and findings as JSON")
    return found


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the command line asks for."""
    args = parser().parse_args(argv)
    console, errors = Console(), Console(stderr=True)
    try:
        trials = discover(args.only.split(",") if args.only else None)
        book = Book(args.state)
    except (ValueError, BookError) as error:
        errors.print(str(error), markup=False, highlight=False)
        return 2
    settings = Settings(args.jobs, args.minutes, args.share, args.again)
    display = Display(errors)
    runner = Runner(trials, book, revision(), settings, display.told)
    if not args.list:
        _run(runner, display)
    if args.report:
        page.write(args.report, discover(), book)
    if args.json:
        sys.stdout.write(json.dumps(_document(runner), indent=1, ensure_ascii=False) + "\n")
    else:
        console.print(_promises(runner) if args.list else counts(runner))
    return 1 if any(book[name].open() for name in runner.trials) else 0


def _run(runner: Runner, display: Display) -> None:
    """Run; the first Ctrl-C lets the batches under way end, the second doesn't."""

    def stop(number: int, frame: object) -> None:
        display.console.print("stopping after the batches under way", highlight=False)
        runner.stop()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = {s: signal.signal(s, stop) for s in (signal.SIGINT, signal.SIGTERM)}
    display.begin(runner)
    try:
        runner.run()
    finally:
        display.end()
        for number, handler in before.items():
            signal.signal(number, handler)


def _promises(runner: Runner) -> Table:
    table = Table(box=None, pad_edge=False)
    for title in ("trial", "done", "promise"):
        table.add_column(title)
    for name, trial in runner.trials.items():
        done = f"{size(runner.done(name), trial.count):,} of {trial.count:,} {trial.unit}"
        missing = f" ({runner.missing[name]})" if name in runner.missing else ""
        table.add_row(name, done, trial.promise + missing)
    return table


def _document(runner: Runner) -> dict[str, object]:
    found = {}
    for name, trial in runner.trials.items():
        record = runner.book[name]
        found[name] = {
            "promise": trial.promise,
            "unit": trial.unit,
            "count": trial.count,
            "done": size(runner.done(name), trial.count),
            "missing": runner.missing.get(name),
            "runs": [asdict(run) for run in record.runs],
            "findings": [asdict(finding) for finding in record.findings],
        }
    return {"revision": runner.revision, "trials": found}


def _amount(text: str) -> float:
    value = float(text)
    if value < 0:
        raise argparse.ArgumentTypeError("use a number that is not negative")
    return value


if __name__ == "__main__":
    sys.exit(main())
