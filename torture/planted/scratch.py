"""A copy of the tree for bugs to be planted in, and pytest runs in it."""

from __future__ import annotations

import atexit
import functools
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

_LEFT_OUT = (".*", "__pycache__", "build", "dist", "out", "*.egg-info", "node_modules")
_OPTIONS = ("-x", "-q", "--no-header", "--tb=no", "-p", "no:cacheprovider", "-p", "no:xdist")
_MEMORY, _FILE = 16 << 30, 1 << 30
_LEAST_SECONDS, _TIMES_SLOWER = 60.0, 8.0


@dataclass(frozen=True, slots=True)
class Run:
    """What became of a pytest run.

    Attributes
    ----------
    code : int or None
        pytest's exit code; None where time was over.
    seconds : float
        What it took.
    output : str
        The end of what it printed.
    """

    code: int | None
    seconds: float
    output: str

    @property
    def passed(self) -> bool:
        """Whether all tests passed."""
        return self.code == 0

    @property
    def first_failure(self) -> str:
        """The first test that failed, or what happened instead."""
        if self.code is None:
            return "does not end"
        for line in self.output.splitlines():
            if line.startswith(("FAILED", "ERROR")):
                return line.split(" ", 1)[1].split(" - ")[0]
        return f"pytest ended with {self.code}"


class Scratch:
    """A copy of the tree. Bugs come and go; between them it is as it was.

    Parameters
    ----------
    root : path
        The tree.
    limited : bool
        Let no run have more than 16 GB of addresses or write large files: for changes by chance.
        Sanitizers need more.
    """

    def __init__(self, root: Path = ROOT, *, limited: bool = False) -> None:
        self._before = _limits if limited else None
        self._folder = tempfile.TemporaryDirectory(prefix="graphdl-planted-")
        self.root = Path(self._folder.name, "tree")
        shutil.copytree(root, self.root, ignore=shutil.ignore_patterns(*_LEFT_OUT))
        self._clean: dict[tuple[str, ...], Run] = {}
        self._edits = 0

    def close(self) -> None:
        """Remove it."""
        self._folder.cleanup()

    def clean(self, tests: tuple[str, ...]) -> Run:
        """Return the run of tests without any bug; it is made once."""
        if tests not in self._clean:
            self._clean[tests] = self._pytest(tests, 600.0, write_bytecode=True)
        return self._clean[tests]

    def with_text(self, path: Path, text: str, tests: tuple[str, ...]) -> Run:
        """Return the run of tests with another text in one file of the copy."""
        kept = path.with_name(path.name + ".kept")
        path.rename(kept)
        try:
            path.write_text(text, encoding="utf-8")
            # Bytecode is told by seconds and size: a text of equal size must not meet it.
            self._edits += 1
            stamp = kept.stat().st_mtime + 10 + 2 * self._edits
            os.utime(path, (stamp, stamp))
            return self._pytest(tests, self._limit(tests), write_bytecode=False)
        finally:
            kept.replace(path)

    def _limit(self, tests: tuple[str, ...]) -> float:
        return max(_LEAST_SECONDS, _TIMES_SLOWER * self.clean(tests).seconds)

    def _pytest(self, tests: tuple[str, ...], seconds: float, *, write_bytecode: bool) -> Run:
        """Run pytest with a cache and temporary files of its own, for a limited time."""
        with tempfile.TemporaryDirectory(dir=self._folder.name) as own:
            environment = {
                **os.environ,
                "PYTHONPATH": str(self.root),
                "GRAPHDL_CACHE_DIR": str(Path(own, "cache")),
                "TMPDIR": own,
                "OPENBLAS_NUM_THREADS": "1",
            }
            if not write_bytecode:
                environment["PYTHONDONTWRITEBYTECODE"] = "1"
            command = [sys.executable, "-m", "pytest", *_OPTIONS, f"--basetemp={own}/tests", *tests]
            started = time.perf_counter()
            process = subprocess.Popen(
                command,
                cwd=self.root,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                start_new_session=True,
                preexec_fn=self._before,
            )
            code: int | None
            try:
                output, _ = process.communicate(timeout=seconds)
                code = process.returncode
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                output, _ = process.communicate()
                code = None
            return Run(code, time.perf_counter() - started, output[-4000:])


def _limits() -> None:
    """Let a change neither fill memory nor the disk."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_FILE, _FILE))


@functools.cache
def shared(*, limited: bool = False) -> Scratch:
    """Return the copy that all units of this process use."""
    scratch = Scratch(limited=limited)
    atexit.register(scratch.close)
    return scratch
