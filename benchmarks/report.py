"""Results as tables for people and as JSON for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.harness import Entry, Settings, ratios
from benchmarks.measures import Measure
from benchmarks.workloads import ROWS

SCHEMA = 1

# Average number of CPUs used by others from which on a row is called noisy.
BUSY = 0.05


@dataclass(frozen=True)
class RowResult:
    """One row at one thread count.

    *busy* is how many CPUs other processes used meanwhile, *failure* why there are no entries.
    """

    row: str
    threads: int
    entries: tuple[Entry, ...] = ()
    failure: str = ""
    busy: float = 0.0
    pools: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return a dict for JSON."""
        contenders = []
        for entry in self.entries:
            item = asdict(entry)
            if entry.seconds:
                item |= {"median": entry.median, "min": entry.min, "spread": entry.spread}
            contenders.append(item)
        return {
            "row": self.row,
            "shape": ROWS[self.row].shape,
            "flops": ROWS[self.row].flops,
            "threads": self.threads,
            "failure": self.failure,
            "busy": self.busy,
            "pools": list(self.pools),
            "contenders": contenders,
            "ratios": ratios(self.entries),
        }


def document(
    rows: Sequence[RowResult],
    measures: Sequence[Measure],
    settings: Settings,
    machine: dict[str, Any],
    versions: dict[str, str],
) -> dict[str, Any]:
    """Return everything a run found, ready for ``json.dump``; times are in seconds."""
    plain = {k: v for k, v in vars(settings).items() if isinstance(v, int | float)}
    return {
        "schema": SCHEMA,
        "machine": machine,
        "versions": versions,
        "settings": plain,
        "rows": [row.as_dict() for row in rows],
        "measures": [measure.as_dict() for measure in measures],
    }


def seconds(value: float) -> str:
    """Return a time with a fitting unit and three or four digits.

    Examples
    --------
    >>> seconds(1.234e-05), seconds(0.0023456), seconds(2.5)
    ('12.34 µs', '2.346 ms', '2.500 s')
    """
    for unit, factor in (("s", 1.0), ("ms", 1e3), ("µs", 1e6)):
        scaled = value * factor
        if scaled >= 1 or unit == "µs":
            digits = 3 if scaled < 10 else 2 if scaled < 100 else 1
            return f"{scaled:.{digits}f} {unit}"
    raise AssertionError("the last unit always fits")


def print_row(console: Console, result: RowResult) -> None:
    """Print the times and ratios of one row."""
    work = ROWS[result.row]
    plural = "s" if result.threads > 1 else ""
    title = f"{result.row} ({work.shape}), {result.threads} thread{plural}"
    if result.failure:
        console.print(f"{title}: {result.failure}", style="red", markup=False)
        return
    table = Table(title=title, title_justify="left", title_style="bold")
    table.add_column("contender")
    for heading in ("median", "min", "spread", "GFLOP/s"):
        table.add_column(heading, justify="right")
    left_out = []
    for entry in result.entries:
        if not entry.seconds:
            left_out.append(f"{entry.name}: {entry.status}, {entry.reason}")
            continue
        rate = f"{work.flops / entry.median / 1e9:.1f}" if work.flops else ""
        spread = f"{100 * entry.spread:.0f} %"
        table.add_row(entry.name, seconds(entry.median), seconds(entry.min), spread, rate)
    console.print(table)
    for found in ratios(result.entries):
        console.print(
            f"  {found['ours']} against {found['against']} ({found['best']}): "
            f"{found['from_medians']:.2f} from medians, {found['from_mins']:.2f} from minima",
            markup=False,
            highlight=False,
        )
    if result.pools:
        console.print(f"  pools: {'; '.join(result.pools)}", markup=False, highlight=False)
    if result.busy > BUSY:
        text = f"  noisy: other processes kept {result.busy:.2f} CPUs busy; minima mislead too"
        console.print(text, style="red", markup=False, highlight=False)
    for line in left_out:
        console.print(f"  left out: {line}", style="yellow", markup=False, highlight=False)
    console.print()


def print_measures(console: Console, measures: Sequence[Measure]) -> None:
    """Print the other measures with the goals that are set for them."""
    if not measures:
        return
    table = Table(title="Other measures", title_justify="left", title_style="bold")
    for heading in ("measure", "who", "row"):
        table.add_column(heading)
    for heading in ("value", "goal", "reached"):
        table.add_column(heading, justify="right")
    for m in measures:
        value = "none" if m.value is None else f"{_digits(m.value)} {m.unit}"
        goal = "" if m.goal is None else f"≤ {_digits(m.goal)} {m.unit}"
        reached = ""
        if m.goal is not None and m.value is not None:
            reached = "yes" if m.value <= m.goal else "no"
        table.add_row(m.measure, m.who, m.row, value, goal, reached)
    console.print(table)
    for m in measures:
        if m.reason:
            text = f"  {m.measure}, {m.who} {m.row}: {m.reason}"
            console.print(text, style="yellow", markup=False, highlight=False)


def _digits(value: float) -> str:
    return f"{value:.3g}" if value < 100 else f"{value:.0f}"
