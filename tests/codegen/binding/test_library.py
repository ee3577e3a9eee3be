"""Libraries and contexts: their memory, threads that share them, processes that fork."""

import ctypes
import gc
import os
import sys
import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest

from graphdl.codegen.toolchain.binding import Library
from graphdl.codegen.toolchain.cache import load
from graphdl.codegen.toolchain.errors import LibraryError
from graphdl.codegen.toolchain.spec import ArraySpec
from graphdl.ir.errors import GraphdlError
from tests.codegen.binding.toy import F32, F64, I64, LABELS, SCALE, S, X, batch, read_only


def test_a_context_needs_fitting_memory(toy):
    memory = toy.allocate()
    assert memory.ctypes.data % 64 == 0
    assert memory.nbytes == toy.context_bytes == 64
    for bad in (memory[:63], memory[::2], read_only(memory), np.zeros(200, np.uint8)[1:]):
        if bad.ctypes.data % 64 == 0 and bad.nbytes >= 64 and bad.flags.writeable:
            continue
        with pytest.raises(LibraryError, match="64"):
            toy.init(bad)


def test_contexts_are_separate_and_stay_alive(toy):
    entries = [toy.entry("scale", toy.init(toy.allocate()), *SCALE) for _ in range(2)]
    entries[0](X, S, LABELS)
    assert [int(entry(X, S, LABELS)["calls"]) for entry in entries] == [2, 1]
    del toy
    gc.collect()
    assert [int(entry(X, S, LABELS)["calls"]) for entry in entries] == [3, 2]


def test_missing_symbols_and_files(toy, tmp_path):
    with pytest.raises(LibraryError, match="toy_call_nothing"):
        toy.entry("nothing", 0, [], [])
    with pytest.raises(LibraryError, match="other_error"):
        Library(toy.path, "other")
    broken = tmp_path / "broken.so"
    broken.write_bytes(b"not a library")
    with pytest.raises(LibraryError, match="cannot be opened"):
        Library(broken, "toy")


def test_nothing_leaks(scale):
    def references():
        return [sys.getrefcount(thing) for thing in (*things, None)]

    things = [*batch(), "y", F32]
    swapped = things[0].astype(">f4")
    for _ in range(3):
        before = references()
        for _ in range(50):
            scale(*things[:3])
            scale(things[0], s=things[1], labels=things[2])
            scale(swapped, 2.0, things[2])
            for bad in ((), (things[0], things[1], things[2] - 1), (1, 2, 3, 4)):
                with pytest.raises(GraphdlError):
                    scale(*bad)
        gc.collect()
        after = references()
    assert max(abs(b - a) for a, b in zip(before, after, strict=True)) < 40


@pytest.mark.parametrize("release_gil", [True, False])
def test_calls_of_eight_threads_do_not_overlap(toy, release_gil):
    context = toy.init(toy.allocate())
    entry = toy.entry("count", context, [], [ArraySpec("seen", I64, ())], release_gil=release_gil)
    seen: list[int] = []
    start = threading.Barrier(8)

    def work():
        start.wait()
        mine = [int(entry()["seen"]) for _ in range(50)]
        seen.extend(mine)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seen) == list(range(400))


def test_the_lock_is_reentrant_and_shuts_others_out(toy):
    entry = toy.entry(
        "count", toy.init(toy.allocate()), [], [ArraySpec("seen", I64, ())], release_gil=True
    )
    other = threading.Thread(target=entry)
    with toy.lock:
        assert int(entry()["seen"]) == 0
        with toy.lock:
            other.start()
        time.sleep(0.02)
        assert int(entry()["seen"]) == 1
        assert other.is_alive()
    other.join(10)
    assert int(entry()["seen"]) == 3
    with pytest.raises(RuntimeError):
        toy.lock.__exit__(None, None, None)


@pytest.fixture
def held(toy: Library) -> Iterator[Library]:
    """A library whose lock another thread holds."""
    taken, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with toy.lock:
            taken.set()
            leave.wait(10)

    thread = threading.Thread(target=hold)
    thread.start()
    taken.wait(10)
    yield toy
    leave.set()
    thread.join()


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_is_not_blocked_by_its_parents_threads(held):
    entry = held.entry("count", held.init(held.allocate()), [], [ArraySpec("seen", I64, ())])
    child = os.fork()
    if child == 0:
        os._exit(int(entry()["seen"]) + 42)
    for _ in range(1000):
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            break
        time.sleep(0.01)
    else:
        os.kill(child, 9)
        os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 42


def test_many_arrays_and_axes(needs_cc):
    count = 70
    source = f"""
#include <stddef.h>
#include <stdint.h>
int wide_call_all(void *context, const int64_t *dims, void *const *arrays)
{{
    (void)context;
    for (int i = 0; i < {count}; i++)
        *(double *)arrays[{count} + i] = *(const double *)arrays[i] + (double)dims[i];
    return 0;
}}
size_t wide_context_bytes(void) {{ return 0; }}
void *wide_init(void *memory, size_t bytes) {{ (void)bytes; return memory; }}
const char *wide_error(int code) {{ (void)code; return "?"; }}
"""
    wide = Library(load(source, cpu="portable"), "wide")
    shape = (1,) * 31
    inputs = [ArraySpec(f"i{i}", F64, (f"D{i}", *shape)) for i in range(count)]
    outputs = [ArraySpec(f"o{i}", F64, (f"D{i}",)) for i in range(count)]
    dims = [(f"D{i}", 1) for i in range(count)]
    entry = wide.entry("all", wide.init(wide.allocate()), inputs, outputs, dims)
    out = entry(*[np.full((1, *shape), i, F64) for i in range(count)])
    assert [float(value[0]) for value in out.values()] == [i + 1 for i in range(count)]


def test_the_choice_of_binding(path, monkeypatch):
    monkeypatch.setenv("GRAPHDL_BINDING", "ctypes")
    assert "GRAPHDL_BINDING" in Library(path, "toy").binding_note
    monkeypatch.setenv("GRAPHDL_BINDING", "swig")
    with pytest.raises(GraphdlError, match="swig"):
        Library(path, "toy")
    assert ctypes.sizeof(ctypes.c_int64) == 8
