"""Which code is being tried."""

from __future__ import annotations

import hashlib
import shutil
import subprocess

from graphdl._version import __version__
from tools.wheel import ROOT

CODE = ("graphdl", "passes", "codegen", "torture", "tests")


def _git(*words: str) -> bytes:
    return subprocess.run(["git", *words], cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout


def revision() -> str:
    """Return the commit; with ``+`` and four digits of a hash if code differs from it.

    Without git it is the version.
    """
    if not (ROOT / ".git").exists() or not shutil.which("git"):
        return __version__
    try:
        commit = _git("rev-parse", "--short=7", "HEAD").decode().strip()
        changed = _git("ls-files", "-z", "--modified", "--others", "--exclude-standard", *CODE)
        staged = _git("diff", "-z", "--cached", "--name-only", "HEAD", "--", *CODE)
    except subprocess.CalledProcessError:  # git refuses a folder that belongs to another user
        return __version__
    names = sorted({*changed.split(b"\0"), *staged.split(b"\0")} - {b""})
    if not names:
        return commit
    digest = hashlib.sha256()
    for name in names:
        path = ROOT / name.decode()
        digest.update(name + b"\0" + (path.read_bytes() if path.is_file() else b""))
    return f"{commit}+{digest.hexdigest()[:4]}"
