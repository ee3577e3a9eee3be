"""What a failed check says: an error with a short table, and a page if a folder is given."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn, Protocol, TypeVar

from graphdl.ir.graph import Graph
from graphdl.verification.finding import HEADINGS, Finding
from graphdl.verification.page import page
from graphdl.verification.sampler import Point


class HasVerdict(Protocol):
    """What a check returns."""

    @property
    def verdict(self) -> str:
        """How it went, in a word."""


Result = TypeVar("Result", bound=HasVerdict)

MOST_ROWS, LONGEST_CELL = 12, 60
"""Of the table in the error; the page has it all."""


class Disagreement(AssertionError):
    """A check failed.

    Attributes
    ----------
    findings : tuple of Finding
        What is wrong.
    page : Path or None
        The page that was written.
    """

    def __init__(self, text: str, findings: Sequence[Finding], page: Path | None) -> None:
        super().__init__(text)
        self.findings, self.page = tuple(findings), page


@dataclass
class Reporter:
    """Where reports go, how they are called, and how the check is repeated.

    Attributes
    ----------
    folder : Path, optional
        Receives one page a failure; without it there are none.
    name : str
        Of the test; file names are made of it.
    command : str
        Repeats the test.
    properties : list of (str, object)
        Receives ``("graphdl", verdict)`` of each check and ``("graphdl report", path)`` of each
        page.
    """

    folder: Path | None = None
    name: str = ""
    command: str = ""
    properties: list[tuple[str, object]] = field(default_factory=list)

    @classmethod
    def of(cls, given: str | os.PathLike[str] | Reporter | None) -> Reporter:
        """Return the reporter that a caller's ``report=`` means."""
        if isinstance(given, Reporter):
            return given
        return cls(None if given is None else Path(given))

    def passed(self, result: Result) -> Result:
        """Note the verdict of a check that passed, and hand it back."""
        self.properties.append(("graphdl", result.verdict))
        return result

    def fail(
        self,
        headline: str,
        findings: Sequence[Finding],
        *,
        call: str,
        facts: Mapping[str, str],
        point: Point | None,
        graphs: Sequence[Graph],
    ) -> NoReturn:
        """Write the page and raise.

        Parameters
        ----------
        headline : str
            What is wrong, in a line.
        findings : sequence of Finding
            Rows of the table.
        call : str
            The assertion, with its seed.
        facts : mapping of str to str
            What else is said.
        point : Point, optional
            Where it shows.
        graphs : sequence of Graph
            What the page shows as text and as diagrams, with the nodes of the findings marked.

        Raises
        ------
        Disagreement
            Always.
        """
        __tracebackhide__ = True
        rows = [HEADINGS, *(f.cells for f in findings)]
        said = {
            **({"at": str(point)} if point and point.label else {}),
            **facts,
            "repeat": self.command or call,
        }
        path = None
        self.properties.append(("graphdl", "failed"))
        if self.folder is not None:
            shown = {**said, "call": call}
            marks = {f.node: f.note for f in findings if f.node is not None}
            values = point.values if point else {}
            path = self._write(page(headline, rows, shown, values, graphs, marks), graphs[0].name)
            said["report"] = str(path)
            self.properties.append(("graphdl report", str(path)))
        table = _aligned([[_cut(c) for c in row] for row in rows[: MOST_ROWS + 1]])
        more = len(findings) - MOST_ROWS
        if more > 0:
            table.append(f"… and {more} more")
        width = max(map(len, said)) + 1
        end = [f"{name + ':':{width}} {text.splitlines()[0]}" for name, text in said.items()]
        raise Disagreement("\n".join([headline, "", *table, "", *end]), findings, path)

    def _write(self, text: str, name: str) -> Path:
        """Write a page under a name of its own, at once, so that nobody sees half of it."""
        assert self.folder is not None
        self.folder.mkdir(parents=True, exist_ok=True)
        number = sum(key == "graphdl report" for key, _ in self.properties)
        stem = file_stem(self.name or name) + (f"-{number + 1}" if number else "")
        target = self.folder / f"{stem}.html"
        handle, scratch = tempfile.mkstemp(dir=self.folder, prefix=".graphdl-", suffix=".html")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(scratch, 0o644)
        os.replace(scratch, target)
        return target


def file_stem(name: str) -> str:
    """Return a file name for a test: readable, and different for different tests.

    Examples
    --------
    >>> file_stem("tests/test_net.py::test_loss[a/b]")
    'tests-test_net.py-test_loss-a-b-7eafc56c'
    """
    plain = re.sub(r"[^A-Za-z0-9._]+", "-", name).strip("-.")
    return f"{plain[-80:] or 'graph'}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def _cut(cell: str) -> str:
    """Shorten a cell at its beginning: files and rules tell more at their ends."""
    return cell if len(cell) <= LONGEST_CELL else f"…{cell[1 - LONGEST_CELL :]}"


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    return [
        "  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
