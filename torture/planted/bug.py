"""What a planted bug is, and what trying one has shown."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Bug:
    """One text of one file, replaced by another.

    Attributes
    ----------
    place : str
        The file in the tree; or a folder, in one file of which the text stands.
    old, new : str
        What stands there, exactly once, and what shall stand there.
    tests : tuple of str
        Arguments of pytest: the tests that are expected to find it.
    """

    place: str
    old: str
    new: str
    tests: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.place}: {_short(self.old)} -> {_short(self.new)}"

    def file(self, root: Path) -> Path:
        """Return the file of a tree that has the text.

        Raises
        ------
        LookupError
            If it does not occur exactly once: then the bug is out of date.
        """
        place = root / self.place
        files = sorted(place.rglob("*.py")) if place.is_dir() else [place]
        counts = {f: f.read_text(encoding="utf-8").count(self.old) for f in files if f.is_file()}
        total = sum(counts.values())
        if total != 1:
            raise LookupError(f"{self}: out of date: the text occurs {total} times")
        return next(f for f, count in counts.items() if count)

    def planted(self, text: str) -> str:
        """Return a file's text with the bug in it."""
        return text.replace(self.old, self.new)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return repr(line if len(line) <= 60 else f"{line[:59]}…")
