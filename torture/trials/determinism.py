"""Everything is deterministic: sources over hash seeds, paths and locales; training by bits."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

import graphdl as gd
from graphdl import losses, nn, optim
from graphdl.codegen.toolchain.compiler import has_compiler
from graphdl.compiler import CompiledModule
from tools.wheel import ROOT, copy_clean
from torture.trial import Trial

_LOCALES = ("C", "C.UTF-8", "POSIX", "tr_TR.UTF-8", "de_DE.ISO-8859-1", "none")
_PLACES = ("copy", "a b", "täglich", "x" * 100, "deep/er")
_SECONDS = 300

# The network is always described in one file, since drawings tell where it was; what differs is
# the place of the package that works on it.
_PROGRAM = """
import importlib.util, sys
spec = importlib.util.spec_from_file_location("described", sys.argv[2])
described = importlib.util.module_from_spec(spec)
spec.loader.exec_module(described)
described.digests(sys.argv[1])
"""


def digests(path: str) -> None:
    """Write the hashes of all that is made from the trial's network to a file."""
    found = {k: hashlib.sha256(v).hexdigest() for k, v in products().items()}
    Path(path).write_text(json.dumps(found), encoding="utf-8")


def graphs(width: int = 8) -> list[gd.Graph]:
    """Return a classifier and its training step."""
    x, y = gd.input("x", ("N", 6)), gd.input("y", ("N",), dtype="int32")
    net = nn.Sequential(nn.Dense(6, width, activation="gelu"), nn.Dense(width, 4))
    logits = net(x)
    loss = losses.softmax_cross_entropy(logits, y) + 1e-3 * gd.norm(net.params[0])
    predict = gd.Graph({"probs": gd.softmax(logits), "best": gd.argmax(logits, 1)}, name="predict")
    return [predict, gd.train_step(loss, optim.Adam(1e-2), name="train")]


def products() -> dict[str, bytes]:
    """Return texts, drawings and the files of both folders, by name."""
    built = graphs()
    found = {f"{g.name} text": str(g).encode() for g in built}
    found |= {f"{g.name} drawing": gd.draw(g).dot.encode() for g in built}
    found["explanation"] = str(gd.explain(built[1])).encode()
    with tempfile.TemporaryDirectory() as folder:
        for target in ("numpy", "c") if has_compiler() else ("numpy",):
            module = gd.compile(built, target, name="digits", dims={"N": 9}, seed=3)
            for path in module.save(Path(folder, target)).iterdir():
                found[f"{target} {path.name}"] = path.read_bytes()
    return found


@functools.cache
def _expected() -> dict[str, str]:
    """Return the hashes as the checkout itself gives them."""
    return _made(ROOT, {"PYTHONHASHSEED": "0"}, ROOT)


def _made(tree: Path, settings: dict[str, str], folder: Path) -> dict[str, str]:
    """Return the hashes that another process gives."""
    with tempfile.TemporaryDirectory() as scratch:
        answer = Path(scratch, "digests")
        done = subprocess.run(
            [sys.executable, "-c", _PROGRAM, str(answer), __file__],
            env={**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1", **settings},
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_SECONDS,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{settings}: {done.stdout.decode(errors='replace')[-2000:]}")
        found: dict[str, str] = json.loads(answer.read_text(encoding="utf-8"))
    return found


@functools.cache
def _copied(name: str) -> Path:
    """Return a copy of the checkout under another path, made once a process."""
    place = Path(tempfile.mkdtemp()) / name
    copy_clean(place)
    shutil.copytree(ROOT / "torture", place / "torture", dirs_exist_ok=True)
    return place


def run_sources(units: range) -> list[str]:
    """Make everything in processes that differ in what should not matter."""
    found = []
    for unit in units:
        chance = random.Random(unit)
        settings = {
            "PYTHONHASHSEED": str(unit),
            "LC_ALL": chance.choice(_LOCALES),
            "TZ": chance.choice(("UTC", "Asia/Tokyo", "none")),
            "PYTHONUTF8": chance.choice("01"),
            "COLUMNS": chance.choice(("20", "500")),
            "HOME": "/nonexistent" if chance.random() < 0.2 else os.environ.get("HOME", "/"),
        }
        tree = _copied(chance.choice(_PLACES)) if chance.random() < 0.5 else ROOT
        made = _made(tree, settings, chance.choice((tree, Path(tempfile.gettempdir()))))
        expected = _expected()
        different = sorted(k for k in made.keys() | expected if made.get(k) != expected.get(k))
        if different:
            found.append(f"unit {unit}: {', '.join(different)} differ with {settings} in {tree}")
    return found


def _trained(module: CompiledModule, seed: int, steps: range) -> CompiledModule:
    """Train some steps on data drawn from a seed."""
    for step in steps:
        numbers = np.random.default_rng((seed, step))
        x = numbers.standard_normal((7, 6)).astype(np.float32)
        module.entries["train"](x, numbers.integers(0, 4, 7).astype(np.int32))
    return module


def _bits(module: CompiledModule) -> dict[str, bytes]:
    return {name: array.tobytes() for name, array in module.state.items()}


def _resumed(module: CompiledModule, seed: int, steps: int) -> CompiledModule:
    """Train, save in the middle, forget everything, load, and go on."""
    module.reset(seed)
    _trained(module, seed, range(steps // 2))
    with tempfile.TemporaryDirectory() as folder:
        module.save_state(Path(folder, "state"))
        module.reset(seed + 1)
        module.load_state(Path(folder, "state"))
    return _trained(module, seed, range(steps // 2, steps))


def _wrong(seed: int) -> list[str]:
    chance = random.Random(seed)
    built, steps = graphs(chance.choice((1, 3, 8, 64))), chance.choice((2, 5, 20))
    targets = ["numpy", *(["c"] if has_compiler() else [])]
    found, first, ends = [], [], []
    for target in targets:
        counts = (1, 2, 3, 8) if target == "c" else (1, 1)
        bits = []
        for threads in counts:
            module = gd.compile(built, target, dims={"N": 9}, seed=seed, threads=threads)
            first.append(_bits(module))
            bits.append(_bits(_trained(module, seed, range(steps))))
        bits.append(_bits(_resumed(module, seed, steps)))
        if any(one != bits[0] for one in bits):
            found.append(f"{target}: trained again, on other threads or resumed, bits differ")
        ends.append({name: array.copy() for name, array in module.state.items()})
    if any(one != first[0] for one in first):
        found.append("parameters start with different bits")
    for name, value in ends[0].items():
        if not np.allclose(value, ends[-1][name], rtol=1e-3, atol=1e-4):
            found.append(f"{name}: NumPy and C have trained apart")
    return found


def run_training(units: range) -> list[str]:
    """Train networks from one seed in every way there is."""
    return [f"unit {unit}: {line}" for unit in units for line in _wrong(unit)]


TRIALS = (
    Trial(
        name="determinism",
        promise="Sources, texts and drawings do not depend on hash seed, path or locale",
        unit="processes",
        count=100,
        batch=2,
        run=run_sources,
    ),
    Trial(
        name="determinism_training",
        promise="Training has the same bits again, on any number of threads, and when resumed",
        unit="seeds",
        count=200,
        batch=4,
        run=run_training,
    ),
)
