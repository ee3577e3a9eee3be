"""The user's cache on disk: files are whole or absent, and what is damaged counts as absent.

Everything in it can be computed again, so that a cache that cannot be written only costs time.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any

from graphdl import env

PARTIAL = "build-"
"""First letters of what is not finished; anybody may remove it."""


def cache_root() -> Path:
    """Return the cache directory: ``$GRAPHDL_CACHE_DIR``, or the user's cache directory."""
    given = env.cache_dir()
    return _user_root() if given is None else given.absolute()


@functools.cache
def _user_root() -> Path:
    import platformdirs

    return Path(platformdirs.user_cache_dir("graphdl", appauthor=False))


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


def load_json(folder: str, key: str) -> Any:
    """Return what was stored under a key; None if there is nothing, or it is damaged."""
    try:
        checksum, _, text = _path(folder, key).read_text("utf-8").partition("\n")
    except (OSError, ValueError):
        return None
    return json.loads(text) if checksum == _checksum(text) else None


def store_json(folder: str, key: str, value: Any) -> None:
    """Store JSON data under a key, with a checksum."""
    text = json.dumps(value)
    write_atomically(_path(folder, key), f"{_checksum(text)}\n{text}".encode())


def _path(folder: str, key: str) -> Path:
    return cache_root() / folder / f"{key}.json"


def _checksum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
