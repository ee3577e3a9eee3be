"""Find the C compiler, what it can do, and the flags to call it with."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import platform
import re
import shlex
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from graphdl import env
from graphdl.codegen.toolchain.errors import CompilerNotFound, StorageError
from graphdl.disk_cache import cache_root, write_atomically
from graphdl.ir.errors import GraphdlError

# C99 is enough: vector types come by __attribute__, which -std=c99 keeps. Contraction is named
# because -std=c99 alone would switch it off in GCC.
_BASE_FLAGS = (
    "-std=c99",
    "-O3",
    "-ffp-contract=fast",
    "-fno-math-errno",
    "-fno-trapping-math",
)
_CANDIDATES = ("cc", "gcc", "clang")
# What changes the compiler's result without standing on its command line.
_ENVIRONMENT = (
    "CPATH",
    "C_INCLUDE_PATH",
    "LIBRARY_PATH",
    "COMPILER_PATH",
    "GCC_EXEC_PREFIX",
    "SDKROOT",
    "MACOSX_DEPLOYMENT_TARGET",
    "SOURCE_DATE_EPOCH",
)
_PROBE_SECONDS = 30
_OPENMP_PROBE = "#include <omp.h>\nint probe(void) { return omp_get_max_threads(); }\n"


@dataclass(frozen=True)
class Compiler:
    """A C compiler as it was found and probed.

    Attributes
    ----------
    command : tuple of str
        The words to run it with; usually one path, but ``ccache gcc`` works too.
    version : str
        The first line of ``--version``.
    fingerprint : str
        Changes when the compiler's files or its environment do.
    native_flag : str
        The flag for this machine's own CPU, or "" if the compiler knows none.
    openmp : bool
        Whether a file with ``-fopenmp`` compiles and links.
    """

    command: tuple[str, ...]
    version: str
    fingerprint: str
    native_flag: str
    openmp: bool

    def __str__(self) -> str:
        return f"{' '.join(self.command)} ({self.version})"


def find_compiler() -> Compiler:
    """Return the C compiler to use: ``$GRAPHDL_CC``, ``$CC``, cc, gcc or clang.

    What was learnt about it is kept in this process and, keyed by the files' size and time, in
    the cache directory, so that a later process starts no subprocess.

    Raises
    ------
    CompilerNotFound
        No candidate is on the path, or ``$GRAPHDL_CC`` names one that is not.
    """
    command = _command()
    stats = []
    for word in command:
        if path := shutil.which(word):
            status = os.stat(path)
            stats.append(f"{os.path.realpath(path)}:{status.st_mtime_ns}:{status.st_size}")
    environment = [f"{name}={os.environ[name]}" for name in _ENVIRONMENT if name in os.environ]
    identity = "\n".join([*command, *stats, *environment, platform.machine()])
    return _probed(command, hashlib.sha256(identity.encode()).hexdigest())


def has_compiler() -> bool:
    """Say whether `find_compiler` would find one."""
    try:
        find_compiler()
    except CompilerNotFound:
        return False
    return True


def library_flags(
    compiler: Compiler,
    *,
    cpu: str = "native",
    threads: int = 1,
    extra: Sequence[str] = (),
) -> tuple[str, ...]:
    """Return the flags that make a shared library of an emitted module.

    Parameters
    ----------
    compiler : Compiler
        From `find_compiler`.
    cpu : str, default "native"
        "native" (this machine), "portable" (the platform's baseline) or a ``-march`` value.
    threads : int, default 1
        More than 1 asks for OpenMP, where the compiler has it.
    extra : sequence of str
        Appended last, so they win.

    Raises
    ------
    GraphdlError
        `cpu` is not a plain word.
    """
    flags = [*_BASE_FLAGS]
    if cpu == "native":
        flags += [compiler.native_flag] if compiler.native_flag else []
    elif cpu != "portable":
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.+-]*", cpu):
            raise GraphdlError(
                f"cpu={cpu!r} is not a CPU name",
                remedy='use "native", "portable" or a value of -march such as "x86-64-v3"',
            )
        flags.append(f"-march={cpu}")
    if threads > 1 and compiler.openmp:
        flags.append("-fopenmp")
    return (*flags, *shared_flags(), *extra)


def shared_flags() -> tuple[str, ...]:
    """Return the platform's flags for a shared library."""
    return ("-shared",) if sys.platform == "win32" else ("-fPIC", "-shared")


@functools.cache
def cpu_features() -> str:
    """Return a text that changes when code compiled for this CPU may not run on another.

    On Linux it is the model and the feature flags of the first core; elsewhere what the
    platform tells. Starts no subprocess.
    """
    parts = [sys.platform, platform.machine()]
    with contextlib.suppress(OSError, UnicodeDecodeError), open("/proc/cpuinfo") as file:
        for line in file:
            name, _, value = line.partition(":")
            name = name.strip()
            if not name and len(parts) > 2:
                break  # the end of the first core's entry
            if name in _CPUINFO_NAMES:
                parts.append(f"{name}={' '.join(sorted(value.split()))}")
    if len(parts) == 2:
        parts.append(platform.processor())
    if sys.platform == "darwin":
        parts.append(_macos_brand())
    return ";".join(parts)


_CPUINFO_NAMES = frozenset(
    (
        *("vendor_id", "cpu family", "model", "stepping", "flags"),  # x86
        *("CPU implementer", "CPU architecture", "CPU variant", "CPU part", "Features"),  # ARM
        *("cpu", "isa", "uarch"),  # POWER, RISC-V
    )
)


def _macos_brand() -> str:
    import ctypes

    size = ctypes.c_size_t(256)
    brand = ctypes.create_string_buffer(size.value)
    sysctl = ctypes.CDLL(None).sysctlbyname
    failed = sysctl(b"machdep.cpu.brand_string", brand, ctypes.byref(size), None, 0)
    return "" if failed else brand.value.decode(errors="replace")


def _command() -> tuple[str, ...]:
    if wanted := (env.compiler() or "").strip():
        words = _split(wanted)
        path = shutil.which(words[0]) if words else None
        if path is None:
            raise CompilerNotFound(
                f"the C compiler that GRAPHDL_CC names is not there: {wanted!r}",
                remedy="set GRAPHDL_CC to a compiler on this machine, or unset it",
            )
        return (os.path.abspath(path), *words[1:])
    candidates = [_split(os.environ.get("CC", "")), *((name,) for name in _CANDIDATES)]
    for words in candidates:
        path = shutil.which(words[0]) if words else None
        if path is not None:
            return (os.path.abspath(path), *words[1:])
    raise CompilerNotFound(
        "no C compiler was found (looked for $GRAPHDL_CC, $CC, cc, gcc, clang)",
        remedy='install gcc or clang, or compile with target="numpy"',
    )


def _split(text: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(text, posix=sys.platform != "win32"))
    except ValueError:  # an open quote
        return (text,)


@functools.cache
def _probed(command: tuple[str, ...], fingerprint: str) -> Compiler:
    record = cache_root() / f"compiler-{fingerprint[:32]}.json"
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        known = json.loads(record.read_text(encoding="utf-8"))
        if known["fingerprint"] == fingerprint and tuple(known["command"]) == command:
            return Compiler(
                command,
                str(known["version"]),
                fingerprint,
                str(known["native_flag"]),
                bool(known["openmp"]),
            )
    try:
        compiler = _probe(command, fingerprint)
    except OSError as error:
        raise StorageError(str(error)) from error
    write_atomically(record, json.dumps(asdict(compiler), indent=1).encode())
    return compiler


def _probe(command: tuple[str, ...], fingerprint: str) -> Compiler:
    ok, output = _run([*command, "--version"])
    if not ok:
        raise CompilerNotFound(
            f"{' '.join(command)} does not run: {output.strip() or 'no output'}",
            remedy="set GRAPHDL_CC to a working gcc or clang",
        )
    version = next(iter(output.strip().splitlines()), "unknown")
    with tempfile.TemporaryDirectory(prefix="graphdl-") as folder:
        empty, probe = Path(folder, "empty.c"), Path(folder, "probe.c")
        empty.write_text("int probe;\n", encoding="utf-8")
        probe.write_text(_OPENMP_PROBE, encoding="utf-8")
        native = ""
        for flag in ("-march=native", "-mcpu=native"):
            if _run([*command, flag, "-fsyntax-only", str(empty)])[0]:
                native = flag
                break
        target = str(Path(folder, "probe.bin"))
        openmp, _ = _run([*command, "-fopenmp", *shared_flags(), "-o", target, str(probe)])
    return Compiler(command, version, fingerprint, native, openmp)


def _run(command: Sequence[str]) -> tuple[bool, str]:
    import subprocess

    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_PROBE_SECONDS,
            env={**os.environ, "LC_ALL": "C"},
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return False, str(error)
    return done.returncode == 0, done.stdout.decode(errors="replace")
