"""Make a virtual environment and install this project into it, in editable mode.

Usage: ``python tools/environment.py FOLDER EXTRA``. It needs only the standard library.
An environment that works and was made by the same Python is kept and brought up to date.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

_NO_VENV = """\
This Python ({executable}) can't make virtual environments. On Debian and Ubuntu the module is a
package of its own: apt-get install python3-venv"""


def works(python: Path) -> bool:
    """Tell whether an environment's Python runs, has pip and is of this interpreter's version."""
    probe = "import sys, pip; print(*sys.version_info[:3], sys.base_prefix)"
    expected = f"{' '.join(map(str, sys.version_info[:3]))} {sys.base_prefix}"
    try:
        done = subprocess.run([python, "-c", probe], capture_output=True, text=True, check=False)
    except OSError:
        return False
    return done.stdout.strip() == expected


def main(folder: str, extra: str) -> int:
    """Make or update the environment and return the exit code."""
    if sys.version_info < (3, 11):  # noqa: UP036 - this script is what finds it out
        print("graphdl needs Python 3.11 or newer; choose one by: make PYTHON=…", file=sys.stderr)
        return 1
    python = Path(folder, "bin", "python")
    if not works(python):
        create = [sys.executable, "-m", "venv", "--clear", folder]
        if subprocess.run(create, check=False).returncode:
            print(_NO_VENV.format(executable=sys.executable), file=sys.stderr)
            return 1
    install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    return subprocess.run([*install, "--editable", f".[{extra}]"], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
