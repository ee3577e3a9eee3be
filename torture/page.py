"""The table of docs/reliability.md: each promise, how it is tried, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from torture.book import Book, Record
from torture.ranges import size
from torture.trial import Trial

BEGIN = "<!-- results: `make torture` writes what stands between these two lines -->"
END = "<!-- end of results -->"
_REVISIONS = 3


@dataclass(frozen=True)
class Row:
    """A promise.

    Attributes
    ----------
    promise, tried, reach : str
        What must hold, how it is tried, and how far.
    modules : tuple of str
        The modules of `torture.trials` that try it.
    tests : str
        The tests that do, where no trial does.
    """

    promise: str
    tried: str
    reach: str
    modules: tuple[str, ...] = ()
    tests: str = ""


ROWS = (
    Row(
        "gradients are right",
        "every op and layer in float64, against complex steps or 50 digits",
        "relative ≤ 1e-10, second order ≤ 1e-8, ⟨v, Ju⟩ = ⟨Jᵀv, u⟩",
        ("gradients",),
    ),
    Row(
        "rules are proved",
        "each derivative rule against SymPy, where it cannot decide at 50 digits",
        "every rule carries a verdict: proved, or only checked",
        tests="tests/verification",
    ),
    Row(
        "the checks can fail",
        "each gradient corrupted: sign, × (1 + 1e-6), a dropped sum, swapped arguments",
        "every one is caught",
        ("mutants",),
    ),
    Row(
        "backends agree",
        "random graphs: interpreter, NumPy, C at several levels, optimised and not",
        "no unexplained difference",
        ("backends",),
    ),
    Row(
        "emitted math is accurate",
        "float32: all 2³² inputs of each unary function; float64: random points against mpmath",
        "primitives ≤ 2 ULP, composites ≤ 4; NaN, ±0, ±inf exact",
        ("math_float32", "math_float64"),
    ),
    Row(
        "no undefined behaviour",
        "emitted C under address, undefined-behaviour and thread sanitizers, gcc and clang",
        "no report, no warning",
        ("sanitizers",),
    ),
    Row(
        "names are harmless",
        "keywords, quotes, `*/`, newline, NUL, emoji, 1 MB, collisions after sanitising",
        "the same code but for names, or a clear refusal",
        ("names",),
    ),
    Row(
        "the boundary is checked",
        "wrong dtype, shape, strides, alignment, byte order; read-only, overlapping, empty; bad N",
        "correct or a typed error, state unchanged",
        ("boundary",),
    ),
    Row(
        "the compile cache cannot be corrupted",
        "SIGKILL at any step, 64 processes with a cold cache, full disk, another CPU's cache",
        "no bad load, at most one compile a key, no global lock",
        ("cache",),
    ),
    Row(
        "files cannot hurt",
        "truncated, bit-flipped, oversized, lying, deep: state files, blobs, texts of graphs",
        "a right load or a typed error within 2 s and 512 MB; nothing is run as code",
        ("files", "texts"),
    ),
    Row(
        "saving is atomic",
        "SIGKILL while state or a folder is saved",
        "the old or the new, never a mix",
        ("saving",),
    ),
    Row(
        "depth and width do no harm",
        "chains of 10⁵ nodes, sums of 10⁵ terms, 2⁶⁰ shared paths, through every stage",
        "linear time, default recursion limit",
        ("depth",),
    ),
    Row(
        "everything is deterministic",
        "sources over hash seeds, paths, locales; training by C and NumPy from one seed",
        "identical bytes, identical bits",
        ("determinism",),
    ),
    Row(
        "untaken branches don't poison",
        "`where`, `max`, `abs`, `sqrt`, `log`, `x**p` at the edge of their domain",
        "the true derivative wherever it is finite",
        ("untaken",),
    ),
    Row(
        "duplicates count",
        "repeated indices of gathers, ties of `max`",
        "`np.add.at`; the documented rule",
        ("duplicates",),
    ),
)


def page(text: str, trials: Mapping[str, Sequence[Trial]], book: Book) -> str:
    """Return a page with its results replaced; what stands around them is kept."""
    before, found, rest = text.partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not (found and ended):
        raise ValueError(f"the page lacks the lines {BEGIN!r} and {END!r}")
    return f"{before}{BEGIN}\n\n{results(trials, book)}\n{END}{after}"


def write(path: Path, trials: Mapping[str, Sequence[Trial]], book: Book) -> None:
    """Bring the results of a page up to date; a page that is not there is begun."""
    text = path.read_text("utf-8") if path.exists() else f"# Reliability\n\n{BEGIN}\n{END}\n"
    path.write_text(page(text, trials, book), "utf-8")


def results(trials: Mapping[str, Sequence[Trial]], book: Book) -> str:
    """Return the table, and below it what is wrong today."""
    lines = [
        "| # | promise | how it is tried | reach | done | findings | date | commits |",
        "|--:|---|---|---|---|--:|---|---|",
    ]
    for number, row in enumerate(ROWS, 1):
        head = f"| {number} | {row.promise} | {row.tried} | {row.reach}"
        listed = [t for m in row.modules for t in trials.get(m, ())]
        if not listed:
            what = f"by `{row.tests}`" if row.tests else "no trial yet"
            lines.append(f"{head} | {what} | | | |")
        for trial in listed:
            lines.append(f"{head} | {_counts(trial, book[trial.name])} |")
            head = "| | | |"
    known = {m for row in ROWS for m in row.modules}
    lines += [
        f"| | {t.promise} | | | {_counts(t, book[t.name])} |"
        for m, group in trials.items()
        for t in group
        if m not in known
    ]
    wrong = [
        f"- `{t.name}`, {_span(f.units)}, on {f.revision}: {_first_line(f.text)}"
        for group in trials.values()
        for t in group
        for f in book[t.name].open()
    ]
    if wrong:
        lines += ["", "Not mended yet:", "", *wrong]
    return "\n".join([*lines, ""])


def _counts(trial: Trial, record: Record) -> str:
    done = size(record.done(), trial.count)
    counted = f"`{trial.name}`: {done:,} of {trial.count:,} {trial.unit}"
    gone = len(record.findings) - len(record.open())
    findings = f"{len(record.open())}" + (f" (and {gone} mended)" if gone else "")
    runs = sorted(record.runs, key=lambda r: r.date, reverse=True)
    last = runs[0].date if runs else ""
    parts = [f"{r.revision}: {size(r.units, trial.count):,}" for r in runs[:_REVISIONS]]
    if len(runs) > _REVISIONS:
        parts.append(f"{len(runs) - _REVISIONS} more")
    return f"{counted} | {findings} | {last} | {'; '.join(parts)}"


def _span(units: tuple[int, int]) -> str:
    start, stop = units
    return f"unit {start}" if stop == start + 1 else f"units {start} to {stop - 1}"


def _first_line(text: str) -> str:
    from graphdl.codegen.folder import plain

    return plain(next(iter(text.strip().splitlines()), ""))
