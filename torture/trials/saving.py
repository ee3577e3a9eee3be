"""Saving is atomic: whenever it is killed, the old file is there or the new one, never a mix."""

from __future__ import annotations

import functools
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from graphdl.compiler import CompiledModule
from torture import kills
from torture.scratch import scratch
from torture.trial import Trial
from torture.trials.files import fill, model


@dataclass(frozen=True)
class Way:
    """A way of saving, with what it takes if nobody kills it."""

    name: str
    save: Callable[[CompiledModule, Path], object]
    steps: int
    seconds: float


def _standalone(module: CompiledModule, path: Path) -> None:
    """Save by the code that a folder of NumPy brings with it."""
    namespace: dict[str, object] = {}
    exec(module.source, namespace)
    alone = namespace["Module"]()  # type: ignore[operator]
    for name, value in module.state.items():
        alone.state[name] = value
    alone.save_state(path)


@functools.cache
def _module() -> CompiledModule:
    return model("numpy")


@functools.cache
def _ways() -> tuple[Way, ...]:
    listed: list[tuple[str, Callable[[CompiledModule, Path], object]]] = [
        ("save_state", CompiledModule.save_state),
        ("standalone NumPy", _standalone),
        ("save", CompiledModule.save),
    ]
    ways = []
    for name, save in listed:
        with scratch() as folder:
            path = folder / "saved"

            def work(save: Callable[..., object] = save, path: Path = path) -> bool:
                save(_module(), path)
                return True

            work()  # imports are no part of saving
            ways.append(Way(name, save, kills.steps(work), kills.duration(work)))
    return tuple(ways)


def contents(path: Path) -> object:
    """Return what stands at a path: bytes, or bytes by name; None if there is nothing."""
    if path.is_dir():
        return {p.name: p.read_bytes() for p in path.iterdir()}
    return path.read_bytes() if path.exists() else None


def _tried(unit: int, way: Way, folder: Path) -> str | None:
    """Save, kill while saving again, look, and save once more."""
    chance, path, module = random.Random(unit), folder / "saved", _module()
    expected = []
    for seed in (unit, unit + 1):
        fill(module, seed)
        way.save(module, folder / "expected")
        expected.append(contents(folder / "expected"))
    fill(module, unit)
    way.save(module, path)
    fill(module, unit + 1)

    def work() -> bool:
        way.save(module, path)
        return True

    kills.killed(chance, work, way.steps, way.seconds)
    found = contents(path)
    if found is None:
        return "nothing is there any more"
    if found not in expected:
        return "a mix of old and new"
    way.save(module, path)
    return None if contents(path) == expected[1] else "saving again went wrong"


def run(units: range) -> list[str]:
    """Kill a process that saves."""
    found = []
    for unit in units:
        way = _ways()[unit % len(_ways())]
        with scratch() as folder:
            if wrong := _tried(unit, way, folder):
                found.append(f"unit {unit}, {way.name}: {wrong}")
    return found


TRIAL = Trial(
    name="saving",
    promise="A killed save leaves the old file or folder or the new one, never a mix",
    unit="kills",
    count=1_500,
    batch=50,
    run=run,
)
