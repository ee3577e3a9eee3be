"""The compiler is found and described; the compile cache survives whatever happens to it."""

import ctypes
import hashlib
import json
import os
import random
import signal
import subprocess
import threading
import time
from pathlib import Path

import filelock
import pytest

from graphdl import disk_cache
from graphdl.codegen.toolchain import compiler as compiler_module
from graphdl.codegen.toolchain import storage
from graphdl.codegen.toolchain.cache import load
from graphdl.codegen.toolchain.compiler import (
    cpu_features,
    find_compiler,
    has_compiler,
    library_flags,
)
from graphdl.codegen.toolchain.errors import CompileError, CompilerNotFound, StorageError
from graphdl.ir.errors import GraphdlError
from tests.codegen.counting_compiler import CountingCompiler
from torture.kills import fork

SOURCE = "int answer(void) { return 42; }\n"

pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")


@pytest.fixture
def counting(needs_cc, cold_cache, tmp_path, monkeypatch) -> CountingCompiler:
    counting = CountingCompiler(tmp_path, needs_cc)
    monkeypatch.setenv("GRAPHDL_CC", counting.command)
    return counting


def answer(path: Path) -> int:
    return ctypes.CDLL(str(path)).answer()


def leftovers(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.name.startswith(disk_cache.PARTIAL)]


# ---- the compiler -------------------------------------------------------------------------------


def test_the_compiler_is_described(needs_cc):
    assert Path(needs_cc.command[0]).is_absolute()
    assert needs_cc.version in str(needs_cc)
    assert find_compiler() is find_compiler()
    assert has_compiler()


def test_flags(needs_cc):
    base = library_flags(needs_cc, cpu="portable")
    assert not any(flag.startswith(("-march", "-ffast-math", "-fopenmp")) for flag in base)
    assert {"-std=c99", "-O3", "-ffp-contract=fast", "-shared"} <= set(base)
    native = library_flags(needs_cc)
    assert set(native) - set(base) == {needs_cc.native_flag} - {""}
    assert "-march=x86-64-v3" in library_flags(needs_cc, cpu="x86-64-v3")
    assert ("-fopenmp" in library_flags(needs_cc, threads=2)) == needs_cc.openmp
    assert library_flags(needs_cc, extra=["-O0"])[-1] == "-O0"
    for bad in ("", "-v", "a b", "x;y", "$(id)"):
        with pytest.raises(GraphdlError, match="cpu="):
            library_flags(needs_cc, cpu=bad)


def test_cpu_features_are_stable():
    first = cpu_features()
    cpu_features.cache_clear()
    assert cpu_features() == first != ""


def test_a_compiler_that_is_not_there(monkeypatch, tmp_path):
    monkeypatch.setenv("GRAPHDL_CC", "no-such-compiler -O1")
    with pytest.raises(CompilerNotFound, match="no-such-compiler") as caught:
        find_compiler()
    assert "GRAPHDL_CC" in str(caught.value.remedy)
    monkeypatch.delenv("GRAPHDL_CC")
    monkeypatch.setenv("CC", "'open quote")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CompilerNotFound, match="no C compiler was found"):
        find_compiler()
    assert not has_compiler()


def test_a_compiler_that_does_not_run(cold_cache, tmp_path, monkeypatch):
    broken = tmp_path / "cc"
    broken.write_text("#!/bin/sh\necho licence expired\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("GRAPHDL_CC", str(broken))
    with pytest.raises(CompilerNotFound, match="licence expired"):
        find_compiler()


def test_abilities_are_probed(counting):
    counting.install('case "$*" in *openmp*|*native*) exit 1;; esac')
    poor = find_compiler()
    assert (poor.openmp, poor.native_flag) == (False, "")
    assert answer(load(SOURCE, threads=2)) == 42


def test_a_compiler_with_arguments(counting, monkeypatch):
    monkeypatch.setenv("GRAPHDL_CC", f"'{counting.script}' -DANSWER=43")
    assert answer(load("int answer(void) { return ANSWER; }")) == 43


# ---- the cache ----------------------------------------------------------------------------------


def test_a_second_load_starts_no_process(counting, monkeypatch):
    path = load(SOURCE)
    assert answer(path) == 42
    compiler_module._probed.cache_clear()  # as in a new process

    def refuse(*args, **kwargs):
        raise AssertionError(f"a process was started: {args}")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    assert load(SOURCE) == path
    assert counting.count == 1


def test_whatever_matters_is_in_the_key(counting):
    def variants():
        return {
            load(SOURCE),
            load(SOURCE + "\n"),
            load(SOURCE, cpu="portable"),
            load(SOURCE, defines=()),
            load(SOURCE, defines=("A", "B")),
            load(SOURCE, defines=("A=B",)),
            load(SOURCE, extra_flags=("-DA", "-DB")),
            load(SOURCE, extra_flags=("-O0",)),
        }

    first = variants()
    assert len(first) == counting.count == 8
    assert variants() == first
    assert counting.count == 8
    counting.install("# an update of the compiler")
    assert variants().isdisjoint(first)
    assert counting.count == 16


def test_another_cpu_gets_its_own_library(counting, monkeypatch):
    native, portable = load(SOURCE), load(SOURCE, cpu="portable")
    monkeypatch.setattr("graphdl.codegen.toolchain.cache.cpu_features", lambda: "another")
    assert load(SOURCE) != native
    assert load(SOURCE, cpu="portable") == portable


def test_the_compilers_message_is_shown(counting, cold_cache):
    source = "int answer(void) { return missing_name; }\n" * 2
    with pytest.raises(CompileError) as caught:
        load(source)
    error = caught.value
    message = str(error)
    assert "missing_name" in message
    assert str(counting.script) in message
    assert "-O3" in message
    assert error.remedy
    assert error.source == source
    assert error.__context__ is None
    assert not leftovers(cold_cache)
    assert not list(cold_cache.rglob("*.so"))
    long = CompileError(["cc"], "line\n" * 100, "", remedy="none")
    assert "and 60 more lines" in str(long)
    assert long.output.count("line") == 100


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda data: b"", id="empty"),
        pytest.param(lambda data: data[: len(data) // 2], id="truncated"),
        pytest.param(lambda data: data[:-1], id="one-byte-less"),
        pytest.param(lambda data: data[:3000] + b"\xff" + data[3001:], id="one-byte-changed"),
        pytest.param(lambda data: data + b"\0", id="one-byte-more"),
    ],
)
def test_a_damaged_library_is_rebuilt(counting, damage):
    path = load(SOURCE)
    whole = path.read_bytes()
    path.unlink()  # a new file: this process may have the old one mapped
    path.write_bytes(damage(whole))
    again = load(SOURCE)
    assert counting.count == 2
    assert again.stem == hashlib.sha256(again.read_bytes()).hexdigest()
    assert answer(again) == 42
    assert [file.name for file in path.parent.glob("*.so")] == [again.name]


def test_foreign_files_and_missing_ones_do_no_harm(counting, cold_cache):
    path = load(SOURCE)
    (path.parent / "readme.so").write_text("not a library")
    (path.parent / "0.so").mkdir()
    assert load(SOURCE) == path
    path.unlink()
    assert answer(load(SOURCE)) == 42
    assert counting.count == 2


@pytest.mark.parametrize("text", ["", "{", "[]", '{"fingerprint": 1}', "\0"])
def test_a_damaged_compiler_record_is_made_again(counting, cold_cache, text):
    expected = find_compiler()
    (record,) = cold_cache.glob("compiler-*.json")
    record.write_text(text)
    compiler_module._probed.cache_clear()
    assert find_compiler() == expected
    assert json.loads(record.read_text())["fingerprint"] == expected.fingerprint


def test_64_processes_with_a_cold_cache_compile_once(counting, cold_cache):
    counting.install("sleep 0.1")
    find_compiler()
    children = [fork(lambda: answer(load(SOURCE)) == 42) for _ in range(64)]
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * 64
    assert counting.count == 1
    assert not leftovers(cold_cache)


def test_eight_threads_with_a_cold_cache_compile_once(counting):
    paths: list[Path] = []
    threads = [threading.Thread(target=lambda: paths.append(load(SOURCE))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(paths) == 8
    assert len(set(paths)) == counting.count == 1


def test_one_key_does_not_wait_for_another(counting):
    path = load(SOURCE)
    with filelock.FileLock(path.parent / "lock"):
        assert answer(load(SOURCE + "\n")) == 42
        assert load(SOURCE) == path, "a reader needs no lock"


def test_a_lock_file_without_a_holder_does_not_block(counting):
    path = load(SOURCE)
    path.unlink()
    (path.parent / "lock").write_text("123456\n")
    (path.parent / f"{disk_cache.PARTIAL}dead").mkdir()
    assert answer(load(SOURCE)) == 42
    assert not leftovers(path.parent)


def test_killed_compilations_leave_nothing_that_is_loaded(counting, cold_cache):
    counting.install("sleep 0.02")
    find_compiler()
    chance = random.Random(1)
    for attempt in range(25):
        source = f"{SOURCE}/* {attempt // 5} */"
        child = fork(lambda text=source: answer(load(text)) == 42)
        time.sleep(chance.uniform(0, 0.12))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        for path in cold_cache.rglob("*.so"):
            if path.parent.parent == cold_cache:
                assert path.stem == hashlib.sha256(path.read_bytes()).hexdigest()
    for attempt in range(5):
        assert answer(load(f"{SOURCE}/* {attempt} */")) == 42


# ---- a cache directory that cannot be used ------------------------------------------------------


def test_a_cache_that_cannot_be_made_is_replaced(counting, cold_cache):
    cold_cache.write_text("a file where the directory should be")
    with pytest.warns(RuntimeWarning, match="GRAPHDL_CACHE_DIR") as caught:
        path = load(SOURCE)
    assert caught[0].filename == __file__
    assert answer(path) == 42
    assert load(SOURCE) == path
    assert counting.count == 1
    assert path.is_relative_to(storage.private_root())


def test_a_full_disk(counting, cold_cache):
    full = 'echo "module.c: No space left on device" >&2; exit 1'
    counting.install(f'case "$PWD" in "{cold_cache}"/*) {full};; esac')
    with pytest.warns(RuntimeWarning, match="No space left"):
        path = load(SOURCE)
    assert answer(path) == 42
    assert not leftovers(cold_cache)


def test_disks_that_are_full_everywhere_are_a_typed_error(counting, monkeypatch):
    find_compiler()

    def refuse(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", refuse)
    with pytest.raises(StorageError, match="No space left") as caught:
        load(SOURCE)
    assert "GRAPHDL_CACHE_DIR" in caught.value.remedy
    compiler_module._probed.cache_clear()
    monkeypatch.setenv("GRAPHDL_CACHE_DIR", "/proc/none")
    with pytest.raises(StorageError):
        find_compiler()


def test_a_failing_disk_when_the_library_is_published(counting, monkeypatch):
    real, failed = os.fsync, []

    def fail_once(handle):
        if not failed:
            failed.append(handle)
            raise OSError(28, "No space left on device")
        real(handle)

    monkeypatch.setattr(os, "fsync", fail_once)
    with pytest.warns(RuntimeWarning, match="No space left"):
        assert answer(load(SOURCE)) == 42


def test_a_read_only_cache_still_serves_what_it_has(counting, cold_cache, monkeypatch):
    path = load(SOURCE)

    def refuse(*args, **kwargs):
        raise PermissionError(13, "read-only")

    monkeypatch.setattr(Path, "mkdir", refuse)
    assert load(SOURCE) == path
