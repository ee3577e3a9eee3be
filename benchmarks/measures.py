"""The other measures: compile time, import time, cost of a call, growth with graph size.

Each figure comes from a process of its own. The functions in ``JOBS`` run in that child, the
others start children and collect figures.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.worker import ChildFailedError, submit

# (contender, how often a process is started; torch.compile needs seconds each time)
_COMPILED = (("graphdl-c", 3), ("graphdl-numpy", 3), ("jax", 3), ("torch-compile", 1))
_COLD, _WARM = "cold compile + step", "warm compile + step"
_CALL_ARRAYS = (1, 2, 4, 8)
_GRAPH_SIZES = (1_000, 100_000)


@dataclass
class Measure:
    """One figure; *goal* is the greatest value to reach, or None where none is set."""

    measure: str
    who: str
    row: str = ""
    value: float | None = None
    unit: str = "ms"
    goal: float | None = None
    reason: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return a dict for JSON."""
        return asdict(self)


# --- in the child ------------------------------------------------------------------------------


def first_step_job(job: dict[str, Any]) -> dict[str, float] | str:
    """Return seconds from the built graph to the end of the first step, or why there are none."""
    from benchmarks.contenders import CONTENDERS
    from benchmarks.workloads import ROWS

    contender = CONTENDERS[job["who"]]()
    absent = contender.available()
    if absent is not None:
        return absent
    contender.preload()
    start = time.perf_counter()
    contender.build(ROWS[job["row"]], job["threads"])
    built = time.perf_counter()
    contender.compile(job["threads"])
    contender.step()
    contender.finish()
    return {"build": built - start, "first": time.perf_counter() - built}


def import_job(job: dict[str, Any]) -> float | str:
    """Return the seconds ``import job["who"]`` takes."""
    import importlib
    import importlib.util

    if importlib.util.find_spec(job["who"]) is None:
        return "not installed"
    start = time.perf_counter()
    importlib.import_module(job["who"])
    return time.perf_counter() - start


def gradient_graph_job(job: dict[str, Any]) -> float:
    """Return seconds from the start of this process to mlp-digits' gradient graph."""
    import graphdl as gd
    from graphdl import losses, nn

    x = gd.input("x", ("N", 64))
    y = gd.input("y", ("N",), dtype="int32")
    net = nn.Sequential(nn.Dense(64, 128, activation="relu"), nn.Dense(128, 10))
    gd.backward_graph(losses.softmax_cross_entropy(net(x), y), wrt=net.params)
    return (time.time_ns() - int(job["started"])) / 1e9


def graph_size_job(job: dict[str, Any]) -> float:
    """Return the seconds to build a chain of ``job["nodes"]`` operations and its gradient."""
    import graphdl as gd

    warm = gd.input("x", (8,))
    gd.grad(gd.sum(gd.tanh(warm) * 0.5), wrt=[warm])
    start = time.perf_counter()
    x = h = gd.input("x", (8,))
    for _ in range(int(job["nodes"]) // 2):
        h = gd.tanh(h) * 0.5
    loss = gd.sum(h)
    (dx,) = gd.grad(loss, wrt=[x])
    gd.Graph({"loss": loss, "dx": dx}, name="chain")
    return time.perf_counter() - start


def call_job(job: dict[str, Any]) -> list[float] | str:
    """Return the seconds of a call that adds up 1, 2, 4 and 8 arrays of one element."""
    import numpy as np

    from benchmarks.contenders.base import missing

    absent = missing(job["who"])
    if absent is not None:
        return absent
    caller = _graphdl_sum if job["who"] == "graphdl" else _jax_sum
    times = []
    for count in _CALL_ARRAYS:
        call = caller([np.full(1, i, np.float32) for i in range(count)])
        times.append(min(_per_call(call, 2000) for _ in range(20)))
    return times


def _graphdl_sum(arrays: list[Any]) -> Callable[[], Any]:
    import graphdl as gd

    inputs = [gd.input(f"x{i}", (1,)) for i in range(len(arrays))]
    total = inputs[0] + 1.0
    for node in inputs[1:]:
        total = total + node
    graph = gd.Graph({"total": total}, name="add")
    run = gd.compile([graph], target="c", name=f"add{len(arrays)}", threads=1).add
    feed = {f"x{i}": array for i, array in enumerate(arrays)}
    return lambda: run(**feed)


def _jax_sum(arrays: list[Any]) -> Callable[[], Any]:
    from benchmarks.contenders.base import load

    jax = load("jax")
    run = jax.jit(lambda *xs: sum(xs) + 1.0)
    placed = [jax.device_put(array) for array in arrays]
    return lambda: run(*placed).block_until_ready()


def _per_call(call: Callable[[], Any], count: int) -> float:
    start = time.perf_counter()
    for _ in range(count):
        call()
    return (time.perf_counter() - start) / count


JOBS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "first-step": first_step_job,
    "import": import_job,
    "gradient-graph": gradient_graph_job,
    "graph-size": graph_size_job,
    "call": call_job,
}

# --- in the parent -----------------------------------------------------------------------------


def fit_line(xs: tuple[int, ...], ys: list[float]) -> tuple[float, float]:
    """Return intercept and slope of the least-squares line.

    Examples
    --------
    >>> fit_line((1, 2, 4), [3.0, 5.0, 9.0])
    (1.0, 2.0)
    """
    mx, my = statistics.fmean(xs), statistics.fmean(ys)
    slope = sum((x - mx) * (y - my) for x, y in zip(xs, ys, strict=True))
    slope /= sum((x - mx) ** 2 for x in xs)
    return my - slope * mx, slope


def compile_times(rows: list[str], who: list[str]) -> Iterator[Measure]:
    """Yield times from the built graph to the end of the first step, for one thread.

    Every cold figure has an empty row in the compile cache, but the machine's cache already
    holds what is compiled once for all modules: another module was compiled there before.
    """
    for row in rows:
        found = [
            measure
            for name, times in _COMPILED
            if name in who
            for measure in _compile_times(row, name, times)
        ]
        peer = next((m.value for m in found if m.who == "jax"), None)
        for measure in found:
            if measure.who == "graphdl-c" and measure.measure == _COLD and peer is not None:
                measure.goal = peer * (1.0 if row == "logreg" else 0.5)
        yield from found


def _compile_times(row: str, name: str, times: int) -> Iterator[Measure]:
    cold, warm = Measure(_COLD, name, row), Measure(_WARM, name, row)
    caches = name.startswith("graphdl") or name == "torch-compile"
    if name.startswith("graphdl"):
        cold.goal, warm.goal = (50.0 if name == "graphdl-numpy" else None), 30.0
    job = {"do": "first-step", "row": row, "who": name, "threads": 1}
    try:
        with tempfile.TemporaryDirectory() as cache:
            if name.startswith("graphdl"):
                _milliseconds(job, cache, "first")
            cold.value = statistics.median(
                _milliseconds(job, cache, f"bench{i}") for i in range(times)
            )
            if caches:
                warm.value = statistics.median(
                    _milliseconds(job, cache, f"bench{i}") for i in range(times)
                )
    except ChildFailedError as error:
        cold.reason = str(error)
    yield cold
    if warm.value is not None:
        yield warm


def _milliseconds(job: dict[str, Any], cache: str, name: str) -> float:
    extra = {
        "GRAPHDL_BENCH_NAME": name,
        "GRAPHDL_CACHE_DIR": cache,
        "TORCHINDUCTOR_CACHE_DIR": cache,
        "XDG_CACHE_HOME": cache,
    }
    result = submit(job, extra=extra)
    if isinstance(result, str):
        raise ChildFailedError(result)
    return float(result["first"]) * 1e3


def import_times(repeats: int) -> Iterator[Measure]:
    """Yield import times, and the time from a fresh process to a gradient graph."""
    for module, goal in (("graphdl", 150.0), ("torch", None), ("jax", None)):
        found = Measure(f"import {module}", module, goal=goal)
        yield _repeated(found, {"do": "import", "who": module, "threads": 1}, repeats)
    found = Measure("fresh process to gradient graph", "graphdl", "mlp-digits", goal=500.0)
    yield _repeated(found, {"do": "gradient-graph", "threads": 1}, repeats)


def _repeated(found: Measure, job: dict[str, Any], repeats: int) -> Measure:
    values = []
    try:
        for _ in range(repeats):
            result = submit(job | {"started": time.time_ns()})
            if isinstance(result, str):
                raise ChildFailedError(result)
            values.append(float(result) * 1e3)
        found.value = statistics.median(values)
    except ChildFailedError as error:
        found.reason = str(error)
    return found


def call_costs() -> Iterator[Measure]:
    """Yield the cost of a Python call, split into a fixed part and one per array."""
    for who in ("graphdl", "jax"):
        ours = who == "graphdl"
        base = Measure("Python call", who, unit="µs", goal=1.0 if ours else None)
        each = Measure("Python call, each array", who, unit="µs", goal=0.1 if ours else None)
        try:
            result = submit({"do": "call", "who": who, "threads": 1})
            if isinstance(result, str):
                raise ChildFailedError(result)
            start, slope = fit_line(_CALL_ARRAYS, result)
            base.value, each.value = start * 1e6, slope * 1e6
        except ChildFailedError as error:
            base.reason = each.reason = str(error)
        yield base
        yield each


def graph_sizes() -> Iterator[Measure]:
    """Yield microseconds a forward operation takes to be built and differentiated."""
    for nodes in _GRAPH_SIZES:
        found = Measure("build + grad, each operation", "graphdl", f"{nodes} ops", unit="µs")
        found.goal = 50.0
        try:
            found.value = submit({"do": "graph-size", "nodes": nodes, "threads": 1}) / nodes * 1e6
        except ChildFailedError as error:
            found.reason = str(error)
        yield found
