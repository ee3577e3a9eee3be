"""Everything that is checked without running the code: ``make lint``.

ruff looks at the source tree; mypy (strict) and import-linter (the floors of the house) look at
the unpacked wheel, mypy also at the long trials and at these tools. All of them run even if an
early one fails; the exit code is 1 if any did.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tools.wheel import ROOT, unpack

_CONFIG = str(ROOT / "pyproject.toml")

# The long trials, and what they import; ROOT on mypy's path would hide the wheel's graphdl.
_NOT_SHIPPED = ("torture", "tests", "tools")

_LAYERS = """\
from importlinter.cli import lint_imports_command
lint_imports_command()
"""

# What ruff can't say: code inside the package imports the module that defines a thing.
_FACE = """\
import grimp
graph = grimp.build_graph("graphdl", cache_dir=None)
users = sorted(graph.find_modules_that_directly_import("graphdl"))
if users:
    print("These modules import the package's face; import the defining module:", *users)
raise SystemExit(bool(users))
"""


def checks(wheel: Path) -> dict[str, tuple[list[str], Path]]:
    """Map the name of each check to its arguments for Python and its working folder."""
    mypy = ["-m", "mypy", "--config-file", _CONFIG, f"--cache-dir={ROOT / '.mypy_cache'}"]
    return {
        "ruff check": (["-m", "ruff", "check", "--quiet", "."], ROOT),
        "ruff format": (["-m", "ruff", "format", "--check", "--quiet", "."], ROOT),
        "mypy": ([*mypy, "-p", "graphdl", "-p", "torture", "-p", "tools"], wheel),
        "layers": (["-c", _LAYERS, "--config", _CONFIG, "--no-cache"], wheel),
        "face": (["-c", _FACE], wheel),
    }


def main() -> int:
    """Run all checks, print the output of those that fail, and return the exit code."""
    failed = []
    with tempfile.TemporaryDirectory(prefix="graphdl-lint-") as scratch:
        unpack(Path(scratch))
        for folder in _NOT_SHIPPED:
            Path(scratch, folder).symlink_to(ROOT / folder)
        environment = {**os.environ, "PYTHONPATH": scratch, "PYTHONDONTWRITEBYTECODE": "1"}
        for name, (arguments, place) in checks(Path(scratch)).items():
            start = time.perf_counter()
            done = subprocess.run(
                [sys.executable, *arguments],
                cwd=place,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            verdict = "failed" if done.returncode else "ok"
            print(f"lint: {name}: {verdict} ({time.perf_counter() - start:.1f} s)", flush=True)
            if done.returncode:
                failed.append(name)
                print(done.stdout, flush=True)
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
