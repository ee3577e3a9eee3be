"""Folders that graphdl writes: all files or none, and nobody else's files are touched."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from graphdl.ir.errors import GraphdlError

MARKER = ".graphdl"
"""The file that says which files of a folder are ours."""


class FolderError(GraphdlError, OSError):
    """A folder cannot be written, or holds files that are not ours."""


def write_folder(path: Path, files: Mapping[str, bytes], products: Sequence[str] = ()) -> Path:
    """Write a folder; what stood there before is replaced if all of it is ours.

    The files are written to a folder beside it, which then takes its place.

    Parameters
    ----------
    path : Path
        The folder.
    files : mapping of str to bytes
        Contents by name.
    products : sequence of str
        Names that building or using the folder leaves in it; they may be removed, too.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    FolderError
        If a file stands there, or a folder with anything that is not ours, or the disk says no.
    """
    path = Path(path)
    _check(path)
    listing = "\n".join([*sorted([*files, MARKER]), *(f"{p}/" for p in products)])
    contents = {**files, MARKER: f"{listing}\n".encode()}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        holder = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}-"))
    except OSError as error:
        raise FolderError(f"cannot write to {path.parent}: {error.strerror}") from error
    try:
        fresh = holder / "new"
        fresh.mkdir()
        for name, data in contents.items():
            (fresh / name).write_bytes(data)
        _swap(fresh, path, holder / "old")
    except OSError as error:
        raise FolderError(f"cannot write {path}: {error.strerror}") from error
    finally:
        shutil.rmtree(holder, ignore_errors=True)
    return path


def _check(path: Path) -> None:
    """Refuse a place that is taken by something of which not everything is ours."""
    if not os.path.lexists(path):
        return
    remedy = "choose another path, or move away what is there"
    if path.is_symlink() or not path.is_dir():
        raise FolderError(f"{path} exists and is no folder", remedy=remedy)
    present = {p.name + "/" if p.is_dir() else p.name for p in path.iterdir()}
    if not present:
        return
    ours: set[str] = set()
    with contextlib.suppress(OSError, UnicodeDecodeError):
        ours = set((path / MARKER).read_text(encoding="utf-8").splitlines())
    foreign = sorted(present - ours)
    if foreign:
        raise FolderError(
            f"{path} holds files that graphdl did not write: {', '.join(foreign[:5])}",
            remedy=remedy,
        )


def _swap(fresh: Path, path: Path, old: Path) -> None:
    """Put a folder in the place of another; if that fails, the other stays."""
    if not path.exists():
        os.rename(fresh, path)
        return
    if _exchanged(fresh, path):
        return
    os.rename(path, old)
    try:
        os.rename(fresh, path)
    except OSError:
        os.rename(old, path)
        raise


def _exchanged(one: Path, other: Path) -> bool:
    """Exchange two folders in one step, so that at every moment one is there; Linux can do it."""
    import ctypes

    try:
        call = ctypes.CDLL(None).renameat2
    except (AttributeError, OSError, TypeError):
        return False
    return bool(call(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) == 0)


_HERE, _EXCHANGE = -100, 2  # AT_FDCWD and RENAME_EXCHANGE


def plain(text: str) -> str:
    """Return a user's text as a piece of Markdown in which nothing is markup, comment or code.

    Examples
    --------
    >>> plain("w|1`<b>*/"), plain("dense1/w_1 (N, 3)")
    ('w?1??b??/', 'dense1/w_1 (N, 3)')
    """
    safe = "".join(c if c.isalnum() or c in " _-+=.,:;()[]/^²'\"" else "?" for c in text[:120])
    return safe.replace("](", "] (")
