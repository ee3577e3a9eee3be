"""A few units of the long trials, and that they would notice."""

import os
import time
from pathlib import Path

import numpy as np
import pytest

import graphdl as gd
from graphdl.codegen.toolchain.compiler import Compiler
from graphdl.ir.dtypes import float32
from graphdl.ir.errors import ParseError
from graphdl.ir.kinds import OPS, leaf
from graphdl.ir.leaves import INPUT
from graphdl.ir.node import Node
from torture import kills
from torture.damage import damaged, lying
from torture.limits import Clock, TooLongError, memory_limit
from torture.trials import cache, depth, determinism, files, names, saving, texts

pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")


def test_keys() -> None:
    assert cache.run_keys(range(1000)) == []


def test_kills_of_compilations(needs_cc: Compiler) -> None:
    assert cache.run_kills(range(4)) == []


def test_full_disks(needs_cc: Compiler) -> None:
    assert cache.run_disks(range(4)) == []


def test_files() -> None:
    assert files.run(range(600)) == []


def test_files_are_seeded_and_really_damaged() -> None:
    import random

    valid = files.loaders()[0].valid
    for make in (damaged, lying):
        made = {make(random.Random(seed), valid) for seed in range(50)}
        assert made == {make(random.Random(seed), valid) for seed in range(50)}
        assert len(made - {valid}) > 40


@pytest.mark.parametrize(
    ("broken", "what"),
    [
        (lambda path: None, "loaded"),
        (lambda path: {}["x"], "KeyError"),
        (lambda path: np.zeros(1 << 30), "MemoryError"),
    ],
)
def test_a_bad_loader_is_noticed(monkeypatch, broken, what) -> None:
    good = files.loaders()[0]
    bad = files.Loader("bad", good.valid, broken, good.state, good.errors, good.wanted)
    monkeypatch.setattr(files, "loaders", lambda: (bad,))
    found = files.run(range(40))
    assert found
    assert what in found[0]


def test_texts() -> None:
    assert texts.run(range(300)) == []


def test_texts_are_seeded_and_really_garbled() -> None:
    made = [texts.garbled_text(unit) for unit in range(200)]
    assert made == [texts.garbled_text(unit) for unit in range(200)]
    assert len(set(made) - set(texts.texts())) > 150


def runs(code: str) -> None:
    eval(code)
    raise ParseError("refused")


def reads(path: str) -> None:
    Path(path).read_bytes()
    raise ParseError("refused")


def a_sum_over(axis: int) -> Node:
    x = gd.input("x", (3,))
    return Node(OPS["sum"], (x,), (("axes", (axis,)),), x.shape, x.dtype, x.origins)


@pytest.mark.parametrize(
    ("broken", "what"),
    [
        (lambda text: {}["x"], "KeyError"),
        (lambda text: np.zeros(1 << 30), "MemoryError"),
        (lambda text: runs("1 + 1"), "compile of"),
        (lambda text: reads(__file__), "open of"),
        (lambda text: gd.Graph(leaf(INPUT, (-1,), float32, name="x")), "an axis of -1 elements"),
        (lambda text: gd.Graph(gd.input(f"x{time.perf_counter_ns()}", ())), "as something else"),
        (lambda text: gd.Graph(a_sum_over(7)), "does not lower: IndexError"),
    ],
)
def test_a_bad_parser_is_noticed(monkeypatch, broken, what) -> None:
    texts.texts()
    monkeypatch.setattr(texts, "parse", broken)
    found = texts.run(range(4))
    assert found
    assert what in found[0]


def test_saving() -> None:
    assert saving.run(range(6)) == []


def test_a_save_in_place_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"old old old")

    def work() -> bool:
        with path.open("wb", buffering=0) as file:
            for word in (b"new ", b"new ", b"new"):
                file.write(word)
                os.stat(path)
                os.listdir(tmp_path)
        return True

    seen = set()
    for step in range(1, kills.steps(work) + 1):
        path.write_bytes(b"old old old")
        assert kills.killed_at_step(work, step) == -9
        seen.add(path.read_bytes())
    assert seen - {b"old old old", b"new new new"}


def test_names() -> None:
    assert names.run(range(5)) == []


def test_depth() -> None:
    small = [(s, stage) for s, stage in depth.CASES if s in (depth.shared, depth.doubled)]
    assert [depth.wrong(s, stage, 60) for s, stage in small] == [None] * len(small)


def test_quadratic_time_is_noticed(monkeypatch) -> None:
    monkeypatch.setattr(depth, "seconds", lambda shape, stage, size: size * size * 1e-3)
    assert "s for half of it" in str(depth.wrong(depth.chain, "build", 100))


def test_training(monkeypatch) -> None:
    monkeypatch.setattr(determinism, "has_compiler", lambda: False)
    assert determinism.run_training(range(2)) == []
    monkeypatch.setattr(
        determinism, "_resumed", lambda module, seed, steps: module.reset() or module
    )
    assert "bits differ" in determinism.run_training(range(1))[0]


def test_limits() -> None:
    with memory_limit(64), pytest.raises(MemoryError):
        np.zeros(1 << 27)
    np.zeros(1 << 27)

    def for_ever(clock: Clock) -> None:
        clock.start()
        while True:
            pass

    with Clock(0.05) as clock, pytest.raises(TooLongError):
        for_ever(clock)
