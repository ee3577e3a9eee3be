"""The compile cache: C source in, path of a shared library out, compiled at most once.

Layout: ``<root>/<key>/<sha256 of the library>.so`` beside ``<root>/<key>/lock``. The name of a
library is the checksum of its bytes, so one atomic rename publishes both together and a damaged
file is told by hashing it: it is then rebuilt, never loaded. Each key has a lock of the operating
system's, which ends with its holder; there is no global one.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import shutil
import sys
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

from graphdl.codegen.toolchain.compiler import (
    Compiler,
    cpu_features,
    find_compiler,
    library_flags,
)
from graphdl.codegen.toolchain.errors import CompileError, CompileTimeout, StorageError
from graphdl.codegen.toolchain.storage import private_root
from graphdl.disk_cache import PARTIAL, cache_root

_FORMAT = "1"  # change when the layout or the meaning of the key does
_LOCK_SECONDS = 900.0
_COMPILE_SECONDS = 600.0
_SUFFIX = ".dll" if sys.platform == "win32" else ".so"


def load(
    source: str,
    *,
    cpu: str = "native",
    threads: int = 1,
    defines: Sequence[str] = ("GRAPHDL_BINDING",),
    extra_flags: Sequence[str] = (),
    compiler: Compiler | None = None,
) -> Path:
    """Return a shared library compiled from an emitted module, from the cache if it is there.

    Parameters
    ----------
    source : str
        The C text.
    cpu, threads
        As for `library_flags`.
    defines : sequence of str
        Macros, as ``NAME`` or ``NAME=value``.
    extra_flags : sequence of str
        Further flags, last on the command line.
    compiler : Compiler, optional
        Default: `find_compiler`.

    Returns
    -------
    pathlib.Path
        A whole library, checked against its checksum.

    Raises
    ------
    CompilerNotFound, CompileError, StorageError

    Warns
    -----
    RuntimeWarning
        The cache directory cannot be used; the library was built in a private one.
    """
    compiler = compiler or find_compiler()
    flags = (
        *library_flags(compiler, cpu=cpu, threads=threads),
        *(f"-D{macro}" for macro in defines),
        *extra_flags,
    )
    # A library for the baseline runs on every such machine; others only on this kind of CPU.
    features = cpu_features() if cpu == "native" else platform.machine()
    return load_with_flags(source, compiler, flags, key_parts=(features,))


def load_with_flags(
    source: str, compiler: Compiler, flags: Sequence[str], *, key_parts: Sequence[str] = ()
) -> Path:
    """Do what `load` does, with the whole list of flags given.

    Parameters
    ----------
    source, compiler
        As for `load`.
    flags : sequence of str
        All flags but the file names and ``-lm``.
    key_parts : sequence of str
        What else the result depends on, such as the versions of headers.
    """
    key = cache_key(source, compiler.fingerprint, compiler.version, flags, key_parts)
    folder = cache_root() / key
    if (found := _find(folder)) is not None:
        return found
    try:
        return _build_locked(folder, source, compiler, flags)
    except CompileTimeout:
        raise
    except (OSError, CompileError) as error:
        why = _first_line(error)
    # A full disk shows as a failing compiler, so a second place decides whose fault it is.
    try:
        private = private_root() / key
        if (found := _find(private)) is not None:
            return found
        built = _build_locked(private, source, compiler, flags)
    except OSError as error:
        raise StorageError(f"{why}; and in a temporary directory: {error}") from error
    warnings.warn(
        f"the compile cache in {folder.parent} cannot be used ({why}); "
        "compiled into a temporary directory instead. "
        "Set GRAPHDL_CACHE_DIR to a directory with free space that can be written",
        RuntimeWarning,
        stacklevel=3,
    )
    return built


def cache_key(
    source: str, fingerprint: str, version: str, flags: Sequence[str], key_parts: Sequence[str]
) -> str:
    """Return the key of a compilation: equal for equal arguments, and for nothing else.

    Examples
    --------
    >>> one = cache_key("int a;", "f", "gcc 12", ("-O3",), ("avx2",))
    >>> one == cache_key("int a;", "f", "gcc 12", ("-O3", "avx2"), ())
    False
    """
    counts = (str(len(flags)), str(len(key_parts)))
    digest = hashlib.sha256()
    for part in (_FORMAT, fingerprint, version, *counts, *flags, *key_parts, source):
        data = part.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "little"))
        digest.update(data)
    return digest.hexdigest()


def _find(folder: Path) -> Path | None:
    """Return a whole library of a key's folder, if there is one."""
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return None
    for name in names:
        if name.endswith(_SUFFIX):
            path = folder / name
            if _is_whole(path):
                return path
    return None


def _is_whole(path: Path) -> bool:
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == path.stem
    except OSError:
        return False


def _build_locked(folder: Path, source: str, compiler: Compiler, flags: Sequence[str]) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _lock(folder) as exclusive:
        if (found := _find(folder)) is not None:
            return found
        if exclusive:
            _sweep(folder)
        return _build(folder, source, compiler, flags)


@contextlib.contextmanager
def _lock(folder: Path) -> Iterator[bool]:
    """Hold the key's lock; yields False where the file system has none, or it is never given.

    Without the lock two processes may compile the same thing, which costs time and nothing else.
    """
    import filelock

    lock = filelock.FileLock(folder / "lock")
    try:
        lock.acquire(timeout=_LOCK_SECONDS, poll_interval=0.01)
    except (NotImplementedError, filelock.Timeout):
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


def _sweep(folder: Path) -> None:
    """Remove what killed processes left and damaged libraries; the caller holds the lock."""
    for path in list(folder.iterdir()):
        if path.name.startswith(PARTIAL) or path.suffix == _SUFFIX:
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)


def _build(folder: Path, source: str, compiler: Compiler, flags: Sequence[str]) -> Path:
    build = Path(tempfile.mkdtemp(dir=folder, prefix=PARTIAL))
    try:
        text, library = build / "module.c", build / f"module{_SUFFIX}"
        text.write_text(source, encoding="utf-8", newline="\n")
        _compile([*compiler.command, *flags, "-o", library.name, text.name, "-lm"], build, source)
        checksum = _finish(library)
        path = folder / f"{checksum}{_SUFFIX}"
        os.replace(library, path)
        _sync_folder(folder)
        return path
    finally:
        shutil.rmtree(build, ignore_errors=True)


def _compile(command: Sequence[str], build: Path, source: str) -> None:
    """Run the compiler in `build`, which also takes its temporary files."""
    import subprocess

    environment = {**os.environ, "LC_ALL": "C", "TMPDIR": str(build)}
    try:
        done = subprocess.run(
            command,
            cwd=build,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_COMPILE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise CompileTimeout(
            command,
            f"no result after {_COMPILE_SECONDS:.0f} s",
            source,
            remedy="a smaller graph, or another compiler through GRAPHDL_CC",
        ) from error
    if done.returncode != 0:
        raise CompileError(
            command,
            done.stdout.decode(errors="replace"),
            source,
            remedy="try another compiler through GRAPHDL_CC, or "
            'cpu="portable"; if it persists, report it with the source '
            "(this error's .source)",
        )


def _finish(library: Path) -> str:
    """Bring the library's bytes to the disk and return their checksum."""
    with open(library, "r+b") as file:
        checksum = hashlib.file_digest(file, "sha256").hexdigest()
        os.fsync(file.fileno())
    return checksum


def _sync_folder(folder: Path) -> None:
    with contextlib.suppress(OSError):  # not every file system can
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _first_line(error: Exception) -> str:
    if isinstance(error, CompileError):
        return next(iter(error.output.strip().splitlines()), "the compiler failed")
    return str(error)
