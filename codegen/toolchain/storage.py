"""Where the compile cache keeps its files."""

from __future__ import annotations

import atexit
import contextlib
import functools
import os
import shutil
import tempfile
from pathlib import Path

from graphdl import env

PARTIAL = "build-"  # first letters of what is not finished; anybody may remove it


def cache_root() -> Path:
    """Return the cache directory: ``$GRAPHDL_CACHE_DIR``, or the user's cache directory."""
    given = env.cache_dir()
    return _user_root() if given is None else given.absolute()


def write_atomically(path: Path, data: bytes) -> bool:
    """Write a file whole or not at all; return False where the directory cannot be written."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=PARTIAL)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            os.replace(name, path)
        except OSError:
            with contextlib.suppress(OSError):
                os.unlink(name)
            raise
    except OSError:
        return False
    return True


@functools.cache
def _user_root() -> Path:
    import platformdirs

    return Path(platformdirs.user_cache_dir("graphdl", appauthor=False))


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
