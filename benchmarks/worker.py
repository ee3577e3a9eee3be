"""A child process: does one job in a process of its own and writes the result to a file.

Called as ``python -m benchmarks.worker JOB FILE`` with JOB as JSON. Frameworks are imported
only after the process has been held to its CPUs.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks import machine


class ChildFailedError(Exception):
    """A child process crashed, ran out of time or left no result."""


def submit(
    job: dict[str, Any], *, extra: dict[str, str] | None = None, timeout: float = 1800.0
) -> Any:
    """Run *job* in a new process and return its result.

    Parameters
    ----------
    job : dict
        ``{"do": name, "threads": int, ...}``.
    extra : dict, optional
        More environment variables.
    timeout : float
        Seconds after which the child is stopped.

    Raises
    ------
    ChildFailedError
        If there is no result; carries the end of the child's error output.
    """
    env = machine.environment(job["threads"]) | (extra or {})
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "result.json"
        command = [sys.executable, "-m", "benchmarks.worker", json.dumps(job), str(result)]
        try:
            done = subprocess.run(
                command, env=env, capture_output=True, text=True, timeout=timeout, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise ChildFailedError(f"no result after {timeout:.0f} s") from error
        if done.returncode != 0 or not result.exists():
            tail = done.stderr.strip().splitlines()[-1:] or ["no message"]
            raise ChildFailedError(f"exit code {done.returncode}: {tail[0]}")
        return json.loads(result.read_text(encoding="utf-8"))


def race_job(job: dict[str, Any]) -> dict[str, Any]:
    """Time a row: ``{"row", "names", "settings"}`` gives entries and other processes' load."""
    import numpy as np

    from benchmarks import harness
    from benchmarks.contenders import CONTENDERS
    from benchmarks.contenders.numpy_hand import NumpyHand
    from benchmarks.workloads import ROWS

    settings = harness.Settings(**job["settings"])
    work = ROWS[job["row"]]
    right = harness.reference(NumpyHand(np.float64), work, settings.steps)
    contenders = [CONTENDERS[name]() for name in job["names"]]
    entries, busy = harness.race(work, contenders, job["threads"], right, settings)
    return {
        "entries": [asdict(entry) for entry in entries],
        "busy": busy,
        "pools": machine.thread_pools(),
    }


def main(argv: list[str]) -> int:
    """Do the job and write its result."""
    job = json.loads(argv[0])
    machine.pin(job["threads"])
    if job["do"] == "race":
        result: Any = race_job(job)
    else:
        from benchmarks import measures

        result = measures.JOBS[job["do"]](job)
    Path(argv[1]).write_text(json.dumps(result), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
