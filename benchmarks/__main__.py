"""``python -m benchmarks``: print the table, and write it as JSON if asked to."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from benchmarks import machine, measures
from benchmarks.contenders import CONTENDERS, chosen
from benchmarks.contenders.base import OURS_C, OURS_NUMPY
from benchmarks.harness import Entry, Settings
from benchmarks.report import RowResult, document, print_measures, print_row
from benchmarks.worker import ChildFailedError, submit
from benchmarks.workloads import ROWS

_MEASURES = ("compile", "import", "call", "graph")
_OURS = (OURS_C, OURS_NUMPY)
_PEERS = tuple(name for name, kind in CONTENDERS.items() if kind.role not in _OURS)


def parser() -> argparse.ArgumentParser:
    """Return the command line's parser."""
    found = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Time training steps of graphdl and of its peers on this machine.",
        epilog="A list may be 'none'. A peer that is not installed is left out by name.",
    )
    add = found.add_argument
    add("--rows", type=_list_of(tuple(ROWS)), default=list(ROWS), help="default: all")
    add("--threads", type=_threads, default=[1, 2], help="thread counts, default: 1,2")
    targets = ["c", "numpy"]
    add("--targets", type=_list_of(("c", "numpy")), default=targets, help="default: c,numpy")
    add("--peers", type=_list_of(_PEERS), default=None, help=f"default: {','.join(_PEERS)}")
    add("--symbolic", action="store_true", help="also time a symbolic batch size")
    add("--repeats", type=_positive, default=Settings.repeats, help="rounds, default: 15")
    add("--chunk", type=float, default=Settings.chunk, help="seconds of a timed run")
    add("--measures", type=_list_of(_MEASURES), default=list(_MEASURES), help="default: all")
    add("--json", type=Path, metavar="FILE", help="write all results to FILE")
    return found


def main(argv: Sequence[str] | None = None) -> int:
    """Run what the command line asks for; return 1 if one of ours failed or was wrong."""
    args = parser().parse_args(argv)
    console = Console()
    facts = machine.describe()
    console.print(", ".join(f"{k} {v}" for k, v in facts.items()), highlight=False, markup=False)
    names = chosen(args.targets, args.peers, args.symbolic)
    settings = Settings(repeats=args.repeats, chunk=args.chunk)
    rows = []
    for row in args.rows:
        for threads in args.threads:
            result = race(row, threads, names, settings)
            print_row(console, result)
            rows.append(result)
    others = run_measures(args.measures, args.rows, names)
    print_measures(console, others)
    if args.json:
        wanted = tuple(dict.fromkeys(v for n in names for v in CONTENDERS[n].versions))
        found = document(rows, others, settings, facts, machine.versions(wanted))
        text = json.dumps(found, indent=1, ensure_ascii=False, allow_nan=False)
        args.json.write_text(text + "\n", encoding="utf-8")
    return 1 if any(failed(result) for result in rows) else 0


def race(row: str, threads: int, names: list[str], settings: Settings) -> RowResult:
    """Time one row in a child process that is held to *threads* CPUs."""
    if threads > len(machine.allowed_cpus()):
        cpus = len(machine.allowed_cpus())
        return RowResult(row, threads, failure=f"this process may use only {cpus} CPUs")
    plain = {"repeats": settings.repeats, "chunk": settings.chunk}
    job = {"do": "race", "row": row, "threads": threads, "names": names, "settings": plain}
    try:
        found = submit(job)
    except ChildFailedError as error:
        return RowResult(row, threads, failure=str(error))
    entries = tuple(Entry(**item) for item in found["entries"])
    pools = tuple(found["pools"])
    return RowResult(row, threads, entries, busy=found["busy"], pools=pools)


def failed(result: RowResult) -> bool:
    """Return whether a row has no times of a contender of ours that should have some."""
    ours = [entry for entry in result.entries if entry.role in _OURS]
    return bool(result.failure) or any(entry.status in ("failed", "wrong") for entry in ours)


def run_measures(kinds: list[str], rows: list[str], names: list[str]) -> list[measures.Measure]:
    """Take the other measures named in *kinds*."""
    found: list[measures.Measure] = []
    if "compile" in kinds:
        found += measures.compile_times(rows, names)
    if "import" in kinds:
        found += measures.import_times(repeats=5)
    if "call" in kinds:
        found += measures.call_costs()
    if "graph" in kinds:
        found += measures.graph_sizes()
    return found


class _list_of:
    """Parse a comma-separated list whose members must be known."""

    def __init__(self, known: tuple[str, ...]) -> None:
        self.known = known

    def __call__(self, text: str) -> list[str]:
        items = [] if text == "none" else text.split(",")
        for item in items:
            if item not in self.known:
                known = ", ".join(self.known)
                raise argparse.ArgumentTypeError(f"{item!r} is none of {known}")
        return items


def _threads(text: str) -> list[int]:
    return [_positive(item) for item in text.split(",")]


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not positive")
    return value


if __name__ == "__main__":
    sys.exit(main())
