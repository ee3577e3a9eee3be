"""The compile cache is never corrupted: kills, crowds, full disks, other machines' settings."""

from __future__ import annotations

import contextlib
import ctypes
import functools
import hashlib
import os
import random
import resource
import signal
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

from graphdl.codegen.toolchain.cache import cache_key, load
from graphdl.codegen.toolchain.compiler import find_compiler, has_compiler
from graphdl.disk_cache import PARTIAL
from graphdl.ir.errors import GraphdlError
from tests.codegen.counting_compiler import CountingCompiler
from torture import kills
from torture.trial import Trial

_CROWD = 64


def _missing() -> str | None:
    return None if has_compiler() else "there is no C compiler"


def _source(number: int) -> str:
    return f"int answer(void) {{ return {number}; }}\n"


def _answers(number: int) -> bool:
    """Load a library and say whether it is the right one."""
    return int(ctypes.CDLL(str(load(_source(number)))).answer()) == number


@contextlib.contextmanager
def _cold_cache(folder: Path | None = None) -> Iterator[Path]:
    """Use an empty cache; the compiler is known already."""
    before = os.environ.get("GRAPHDL_CACHE_DIR")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as made:
        root = folder or Path(made)
        os.environ["GRAPHDL_CACHE_DIR"] = str(root)
        try:
            find_compiler()
            yield root
        finally:
            _set("GRAPHDL_CACHE_DIR", before)


def _set(name: str, value: str | None) -> None:
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value


def _damaged(root: Path) -> list[str]:
    """Return the libraries in place whose bytes are not those that their name tells."""
    return [
        path.name
        for path in root.glob("*/*.so")
        if hashlib.sha256(path.read_bytes()).hexdigest() != path.stem
    ]


# ---- kills --------------------------------------------------------------------------------------


@functools.cache
def _usual() -> tuple[int, float]:
    """Return how many steps and seconds a compilation has when it is left alone."""
    with _cold_cache():
        return kills.steps(lambda: _answers(-1)), kills.duration(lambda: _answers(-2))


def run_kills(units: range) -> list[str]:
    """Kill a compilation, then look at what stands in the cache, and load from it."""
    steps, seconds = _usual()
    found = []
    with _cold_cache() as root:
        for unit in units:
            chance = random.Random(unit)
            for _ in range(chance.choice((1, 1, 1, 3))):
                kills.killed(chance, lambda number=unit: _answers(number), steps, seconds)  # type: ignore[misc]
                if damaged := _damaged(root):
                    found.append(f"unit {unit}: damaged libraries in place: {damaged}")
            if kills.ended(kills.fork(lambda number=unit: _answers(number))) != 0:  # type: ignore[misc]
                found.append(f"unit {unit}: no load, or a bad one, after the kill")
    return found


# ---- crowds -------------------------------------------------------------------------------------


def _crowd(unit: int, root: Path, counting: CountingCompiler) -> Iterator[str]:
    """Let 64 processes ask for one library at once; in every second round some are killed."""
    chance = random.Random(unit)
    counting.install("sleep 0.05")
    find_compiler()
    children = [kills.fork(lambda: _answers(unit)) for _ in range(_CROWD)]
    doomed = set(chance.sample(children, 5 if unit % 2 else 0))
    for child in doomed:
        time.sleep(chance.uniform(0, 0.03))
        os.kill(child, signal.SIGKILL)
    started = time.monotonic()
    if not _answers(-unit - 1):
        yield f"unit {unit}: another key got a wrong library"
    if (waited := time.monotonic() - started) > 30:
        yield f"unit {unit}: another key waited {waited:.0f} s"
    wrong = sum(kills.ended(child) != 0 for child in children if child not in doomed)
    for child in doomed:
        kills.ended(child)
    if wrong:
        yield f"unit {unit}: {wrong} of {_CROWD} processes had no library or a wrong one"
    if counting.count > 2 + len(doomed):
        yield f"unit {unit}: {counting.count} compilations of 2 keys, {len(doomed)} kills"
    if left := [p for p in root.rglob(f"{PARTIAL}*") if not doomed]:
        yield f"unit {unit}: litter is left: {left[:3]}"


def run_crowds(units: range) -> list[str]:
    """Try rounds of a crowd, each with a cache and a counting compiler of its own."""
    found: list[str] = []
    before = os.environ.get("GRAPHDL_CC")
    _set("GRAPHDL_CC", None)
    real = find_compiler()
    try:
        for unit in units:
            with tempfile.TemporaryDirectory() as folder:
                counting = CountingCompiler(Path(folder), real)
                os.environ["GRAPHDL_CC"] = counting.command
                with _cold_cache() as root:
                    found += _crowd(unit, root, counting)
    finally:
        _set("GRAPHDL_CC", before)
    return found


# ---- full disks ---------------------------------------------------------------------------------


@contextlib.contextmanager
def _small_disk(size: int) -> Iterator[Path | None]:
    """Give a file system of some bytes, where this process may mount one."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder]
        mounted = os.geteuid() == 0 and subprocess.run(command, capture_output=True).returncode == 0
        try:
            yield Path(folder) if mounted else None
        finally:
            if mounted:
                subprocess.run(["umount", "-l", folder], check=False, capture_output=True)


def _loads_or_says_why(number: int) -> bool:
    """Load; a refusal must be a typed error."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        try:
            return _answers(number)
        except GraphdlError:
            return True


def _limited(number: int, size: int) -> bool:
    """Load where no file may be larger than some bytes, as on a disk that is full everywhere."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    return _loads_or_says_why(number)


def run_disks(units: range) -> list[str]:
    """Compile where the disk is full sooner or later."""
    found = []
    for unit in units:
        chance = random.Random(unit)
        size = chance.choice((0, 100, 4096, chance.randrange(60_000)))
        with _small_disk(max(size, 4096)) as disk, _cold_cache(disk) as root:
            if unit % 2 or disk is None:
                child = kills.fork(lambda n=unit, s=size: _limited(n, s))  # type: ignore[misc]
            else:
                child = kills.fork(lambda n=unit: _loads_or_says_why(n))  # type: ignore[misc]
            if code := kills.ended(child):
                found.append(f"unit {unit}: exit code {code} with {size} bytes of room")
            if damaged := _damaged(root):
                found.append(f"unit {unit}: damaged libraries in place: {damaged}")
            if disk is None and kills.ended(kills.fork(lambda n=unit: _answers(n))):  # type: ignore[misc]
                found.append(f"unit {unit}: no library even when there is room again")
    return found


# ---- keys ---------------------------------------------------------------------------------------

_FLAGS = ("-O3", "-O2", "-DA", "-DB", "-DA=1", "-march=native", "-fopenmp", "", " ", "-D", "A")
_FEATURES = ("avx2 fma", "avx2", "fma avx2", "", "avx512f", "x86_64")


def _settings(chance: random.Random) -> tuple[str, str, str, tuple[str, ...], tuple[str, ...]]:
    def some(words: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(chance.choice(words) for _ in range(chance.randrange(4)))

    source = "int a;\n" * chance.randrange(3) + chance.choice(("", "a", "\ud800", "\0", "é"))
    fingerprint, version = chance.choice(("f", "g", "")), chance.choice(("gcc 12", "gcc 1", ""))
    return source, fingerprint, version, some(_FLAGS), some(_FEATURES)


def run_keys(units: range) -> list[str]:
    """Compare keys of settings that differ in little: equal if and only if the settings are."""
    found = []
    for unit in units:
        chance = random.Random(unit)
        one, other = _settings(chance), _settings(chance)
        if chance.random() < 0.8:  # all but one part the same
            part = chance.randrange(len(one))
            other = (*one[:part], other[part], *one[part + 1 :])  # type: ignore[assignment]
        if (cache_key(*one) == cache_key(*other)) != (one == other):
            found.append(f"unit {unit}: {one!r} and {other!r}")
    return found


TRIALS = (
    Trial(
        name="cache_kills",
        promise="A compilation that is killed at any step leaves nothing that is loaded",
        unit="kills",
        count=2_000,
        batch=40,
        run=run_kills,
        missing=_missing,
    ),
    Trial(
        name="cache_crowds",
        promise="64 processes with a cold cache compile once; one key does not wait for another",
        unit="crowds",
        count=100,
        batch=2,
        run=run_crowds,
        missing=_missing,
    ),
    Trial(
        name="cache_disks",
        promise="On a full disk a load is right or a typed error",
        unit="disks",
        count=500,
        batch=20,
        run=run_disks,
        missing=_missing,
    ),
    Trial(
        name="cache_keys",
        promise="Keys are equal if and only if source, compiler, flags and CPU features are",
        unit="pairs",
        count=200_000,
        batch=50_000,
        run=run_keys,
    ),
)
