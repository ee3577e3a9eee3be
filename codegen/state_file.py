"""State on disk: safetensors files, written atomically, checked before anything is used."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from graphdl.ir.errors import StateError

_ROOM = 10_000_000
"""Bytes that a header may have beyond what names and shapes need: metadata, other spellings."""


def write_state(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Write arrays to a safetensors file: the old file or the new one exists, never a mix."""
    from safetensors.numpy import save

    data = save({k: np.ascontiguousarray(v).reshape(v.shape) for k, v in arrays.items()})
    temporary = path.with_name(f"{path.name}.{os.getpid()}-{id(data)}")
    try:
        with open(temporary, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, temporary)
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def read_state(path: Path, like: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the arrays of a file that has exactly these names, shapes and dtypes.

    Raises
    ------
    StateError
        If the file is missing, damaged, or holds something else.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        found = load(_contents(path, like))
    except OSError as error:
        raise StateError(
            f"cannot read state from {path}: {error.strerror}",
            remedy="check the path, or save state first with save_state",
        ) from error
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise StateError(
            f"{path} is no state file, or it is damaged: {error}",
            remedy="save it again with save_state",
        ) from error
    lacking, extra = sorted(like.keys() - found.keys()), sorted(found.keys() - like.keys())
    if lacking or extra:
        raise StateError(
            f"{path} is of another module: it lacks {lacking} and has {extra} besides",
            remedy="load it into a module of the same graphs and optimizer",
        )
    for name, array in found.items():
        if array.shape != like[name].shape or array.dtype != like[name].dtype:
            raise StateError(
                f"{path}: {name!r} is {array.dtype}{array.shape}, "
                f"not {like[name].dtype}{like[name].shape}",
                remedy="load it into a module of the same graphs",
            )
    return found


def _contents(path: Path, like: Mapping[str, np.ndarray]) -> bytes:
    """Return a file's bytes; what is larger than such a state can be is not read to its end."""
    most = _ROOM + sum(6 * len(name) + 200 + array.nbytes for name, array in like.items())
    with path.open("rb") as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise StateError(
            f"{path} is larger than state of this module can be",
            remedy="load it into a module of the same graphs and optimizer",
        )
    return data
