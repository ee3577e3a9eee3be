"""A folder for what is compiled where no cache can be written."""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import tempfile
from pathlib import Path


def private_root() -> Path:
    """Return a temporary directory of this process's own, removed at its end."""
    return _private_root(os.getpid())


@functools.cache
def _private_root(pid: int) -> Path:
    """One temporary directory per process (`pid` tells a forked child from its parent)."""
    root = Path(tempfile.mkdtemp(prefix="graphdl-"))

    def remove() -> None:
        if os.getpid() == pid:
            shutil.rmtree(root, ignore_errors=True)

    atexit.register(remove)
    return root
