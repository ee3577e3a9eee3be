"""Build the wheel from a clean copy of the source tree, and unpack it.

Type checker, layer check and the packaging tests look at what a user installs: the unpacked wheel,
where ``graphdl.passes`` and ``graphdl.codegen`` lie inside ``graphdl/``. The copy keeps ignored
files (old builds, caches) out of it and keeps the build's own litter out of the source tree.

Usage: ``python -m tools.wheel FOLDER`` unpacks the wheel of this tree into FOLDER.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# Without git (an unpacked source archive): what no clean tree contains.
_LITTER = shutil.ignore_patterns(".*", "__pycache__", "*.pyc", "*.egg-info", "build", "dist", "out")
_BUILD = """\
import sys
from setuptools import build_meta
print(build_meta.build_wheel(sys.argv[1]))
"""


def _versioned() -> list[str]:
    """Return the files that are, or would be, under version control; none without git."""
    if not (ROOT / ".git").exists() or not shutil.which("git"):
        return []
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,  # git refuses a folder that belongs to another user
    )
    return [name for name in listing.stdout.split("\0") if name]


def copy_clean(destination: Path) -> None:
    """Copy the source tree without what is ignored to a new folder."""
    names = _versioned()
    if not names:
        shutil.copytree(ROOT, destination, ignore=_LITTER)
    for name in names:
        source, target = ROOT / name, destination / name
        if source.is_file():  # not if it was deleted and the deletion isn't committed yet
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)


def build(tree: Path, destination: Path) -> Path:
    """Build the wheel of a source tree with the setuptools of this environment.

    Needs no network: it is what ``pip wheel --no-build-isolation --no-deps`` does.

    Raises
    ------
    RuntimeError
        If the build fails; the message holds its output.
    """
    destination.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-c", _BUILD, str(destination)],
        cwd=tree,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"the wheel can't be built:\n{done.stdout}{done.stderr}")
    return destination / done.stdout.splitlines()[-1]


def unpack(destination: Path) -> None:
    """Build the wheel of this tree and unpack it into a folder."""
    with tempfile.TemporaryDirectory(prefix="graphdl-wheel-") as scratch:
        copy_clean(Path(scratch, "tree"))
        wheel = build(Path(scratch, "tree"), Path(scratch, "dist"))
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(destination)


if __name__ == "__main__":
    unpack(Path(sys.argv[1]))
