"""What is seen of a run: bars on a terminal, and a table of counts at the end."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from torture.book import Finding
from torture.ranges import size
from torture.runner import Runner

_SHOWN = 600


class Display:
    """Bars where there is a terminal; findings everywhere, as they come.

    Parameters
    ----------
    console : Console
        Standard error, so that standard output may be read by machines.
    """

    def __init__(self, console: Console) -> None:
        self.console = console
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed:,.0f} of {task.total:,.0f} {task.fields[unit]}"),
            TextColumn("[red]{task.fields[found]}"),
            TimeElapsedColumn(),
            console=console,
            disable=not console.is_terminal,
        )
        self._numbers: dict[str, tuple[Runner, TaskID]] = {}

    def begin(self, runner: Runner) -> None:
        """Show a bar for each trial."""
        for name, trial in runner.trials.items():
            if name in runner.missing:
                continue
            number = self._bars.add_task(
                name, total=runner.wanted(name), unit=trial.unit, found="", start=True
            )
            self._numbers[name] = (runner, number)
            self.told(name, ())
        self._bars.start()

    def told(self, name: str, findings: Sequence[Finding]) -> None:
        """Take note that a batch has ended."""
        runner, number = self._numbers[name]
        done = size(runner.done(name), runner.wanted(name))
        wrong = len(runner.book[name].open())
        self._bars.update(number, completed=done, found=f"{wrong} findings" if wrong else "")
        for finding in findings:
            text = f"{name} {finding.units[0]}:{finding.units[1]} {finding.text[:_SHOWN]}"
            self.console.print(text, markup=False, highlight=False, soft_wrap=True)

    def end(self) -> None:
        """Take the bars away."""
        self._bars.stop()


def counts(runner: Runner) -> Table:
    """Return the table of what is done."""
    table = Table(box=None, pad_edge=False)
    for title, side in (("trial", "left"), ("done", "left"), ("seconds", "right"),
                        ("findings", "right"), ("", "left")):  # fmt: skip
        table.add_column(title, justify=side)  # type: ignore[arg-type]
    for name, trial in runner.trials.items():
        record = runner.book[name]
        done = f"{size(runner.done(name), trial.count):,} of {trial.count:,} {trial.unit}"
        seconds = sum(r.seconds for r in record.runs)
        gone = len(record.findings) - len(record.open())
        remark = runner.missing.get(name, f"{gone} mended" if gone else "")
        table.add_row(name, done, f"{seconds:,.0f}", str(len(record.open())), remark)
    return table
