"""The machine a run took place on, and how a child process is held to a number of threads."""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import os
import platform
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
_POOLS = ("OMP", "OPENBLAS", "MKL", "BLIS", "NUMEXPR", "VECLIB_MAXIMUM", "NUMBA")


def allowed_cpus() -> list[int]:
    """Return the CPUs this process may use, one of every core first.

    Where affinity cannot be asked for, the CPUs are simply counted.
    """
    if not hasattr(os, "sched_getaffinity"):
        return list(range(os.cpu_count() or 1))
    first: list[int] = []
    rest: list[int] = []
    cores: set[str] = set()
    for cpu in sorted(os.sched_getaffinity(0)):
        path = Path(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list")
        core = path.read_text(encoding="ascii") if path.exists() else str(cpu)
        (rest if core in cores else first).append(cpu)
        cores.add(core)
    return first + rest


def pin(threads: int) -> bool:
    """Hold this process to *threads* CPUs; return whether the system can do that.

    XLA and others size their pools by the CPUs they may use, so this must come before they
    are imported.
    """
    if not hasattr(os, "sched_setaffinity"):
        return False
    os.sched_setaffinity(0, set(allowed_cpus()[:threads]))
    return True


def environment(threads: int) -> dict[str, str]:
    """Return the environment of a child that is to use *threads* threads."""
    env = dict(os.environ)
    env.update({f"{pool}_NUM_THREADS": str(threads) for pool in _POOLS})
    env["JAX_PLATFORMS"] = "cpu"
    if threads == 1:
        flags = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
        env["XLA_FLAGS"] = f"{env.get('XLA_FLAGS', '')} {flags}".strip()
    env["PYTHONPATH"] = os.pathsep.join(filter(None, (str(ROOT), env.get("PYTHONPATH"))))
    return env


def other_cpu_seconds() -> float:
    """Return the CPU seconds all other processes have used so far; 0 where that is unknown.

    Libraries that spin at barriers become up to a thousand times slower while somebody else
    takes a CPU, so a run must know about it.
    """
    stat = Path("/proc/stat")
    if not stat.exists():
        return 0.0
    fields = stat.read_text(encoding="ascii").split("\n", 1)[0].split()[1:9]
    user, nice, system, _, _, irq, soft, steal = (int(field) for field in fields)
    total = (user + nice + system + irq + soft + steal) / os.sysconf("SC_CLK_TCK")
    own = os.times()
    return total - own.user - own.system


def describe() -> dict[str, Any]:
    """Return processor, system, compiler-independent facts and the load at this moment."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return {
        "cpu": _cpu_name(),
        "cpus": len(allowed_cpus()),
        "machine": platform.machine(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "load": load,
    }


def thread_pools() -> list[str]:
    """Return this process's BLAS and OpenMP libraries with the kernels they chose.

    BLAS may choose kernels for an older processor, which can halve its speed. Empty without
    threadpoolctl.
    """
    if importlib.util.find_spec("threadpoolctl") is None:
        return []
    found = importlib.import_module("threadpoolctl").threadpool_info()
    keys = ("internal_api", "version", "architecture", "num_threads")
    return [" ".join(str(pool[key]) for key in keys if pool.get(key)) for pool in found]


def versions(names: tuple[str, ...]) -> dict[str, str]:
    """Return the versions of those distributions that are installed."""
    found = {}
    for name in names:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def _cpu_name() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or "unknown"
