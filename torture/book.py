"""What has been tried and found, on disk: a JSON file, written whole or not at all."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from torture.ranges import Ranges, merged

_FORMAT = 1


@dataclass
class Finding:
    """Something wrong.

    Attributes
    ----------
    units : tuple of int
        The units among which it is, ``(start, stop)``: one, if the trial says which.
    text : str
        What is wrong.
    revision, date : str
        Where and when it was found.
    gone : str
        A later revision on which the same units found nothing; "" while it is open.
    """

    units: tuple[int, int]
    text: str
    revision: str
    date: str
    gone: str = ""


@dataclass
class Run:
    """What was tried on one revision: units, seconds of one core, the last day."""

    revision: str
    units: Ranges = field(default_factory=list)
    seconds: float = 0.0
    date: str = ""


@dataclass
class Record:
    """All that is known of one trial."""

    runs: list[Run] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def done(self, revision: str | None = None) -> Ranges:
        """Return the units that were tried, on one revision or on any."""
        wanted = (r for r in self.runs if revision in (None, r.revision))
        return merged(part for r in wanted for part in r.units)

    def open(self) -> list[Finding]:
        """Return what is still wrong, as far as is known."""
        return [f for f in self.findings if not f.gone]

    def add(self, revision: str, units: range, seconds: float) -> None:
        """Note that units were tried."""
        run = next((r for r in self.runs if r.revision == revision), None)
        if run is None:
            run = Run(revision)
            self.runs.append(run)
        run.units = merged([*run.units, [units.start, units.stop]])
        run.seconds += seconds
        run.date = today()


class BookError(Exception):
    """The state file is none of ours, or damaged."""


class Book:
    """Records by trial, kept in a file.

    Parameters
    ----------
    path : Path
        The file; it is made when something is first saved.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._records: dict[str, Record] = {}
        if path.exists():
            self._records = _read(path)

    def __getitem__(self, trial: str) -> Record:
        return self._records.setdefault(trial, Record())

    def save(self) -> None:
        """Write the file atomically."""
        kept = {name: asdict(r) for name, r in sorted(self._records.items()) if r.runs}
        text = json.dumps({"format": _FORMAT, "trials": kept}, indent=1, ensure_ascii=False)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
                file.write(text + "\n")
            os.replace(name, self.path)
        except BaseException:
            os.unlink(name)
            raise


def _read(path: Path) -> dict[str, Record]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if found["format"] != _FORMAT:
            raise BookError(f"{path} has format {found['format']}, not {_FORMAT}: move it away")
        return {name: _record(entry) for name, entry in found["trials"].items()}
    except (ValueError, KeyError, TypeError) as error:
        raise BookError(f"{path} is no state of trials: {error!r}; move it away") from error


def _record(entry: dict[str, Any]) -> Record:
    findings = [Finding(**{**f, "units": tuple(f["units"])}) for f in entry["findings"]]
    return Record([Run(**r) for r in entry["runs"]], findings)


def today() -> str:
    """Return the date, as it stands on the page."""
    return date.today().isoformat()
