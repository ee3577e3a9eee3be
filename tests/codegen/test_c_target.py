"""What emitted C owes: no warnings, no undefined behaviour, the same bits for any threads."""

import os
import re
import shutil
import subprocess
import sys

import numpy as np
import pytest

import graphdl as gd
from graphdl import losses, nn, optim
from graphdl.codegen.c.module import emit
from graphdl.verification.random_graphs import random_case
from tests.codegen.agreement import BUILDS, Build, compiled, lowered, maxima_of, poison
from tests.codegen.native import compile_c, functions, write_calls, write_files
from tests.codegen.reference import references

pytestmark = pytest.mark.usefixtures("needs_cc")
RNG = np.random.default_rng(0)
WARNINGS = ("-Wall", "-Wextra", "-Werror")
SEEDS = range(1_000, 1_016)
ASAN = ("-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")


def classifier():
    x, y = gd.input("x", ("N", 20)), gd.input("y", ("N",), "int32")
    net = nn.Sequential(nn.Dense(20, 33, activation="gelu"), nn.Dense(33, 7))
    logits = net(x)
    return logits, losses.softmax_cross_entropy(logits, y)


def entry_points() -> list[gd.Graph]:
    """Return a training step and a forward pass with labels and positions in them."""
    logits, loss = classifier()
    forward = gd.Graph({"p": gd.softmax(logits), "at": gd.argmax(logits, 1)}, name="forward")
    return [forward, gd.train_step(loss, optim.Adam())]


def random_module(build: Build):
    cases = [random_case(seed) for seed in SEEDS]
    return cases, lowered([c.graph for c in cases], maxima_of(cases), build)


@pytest.mark.parametrize(
    "flags",
    [
        ("-std=c99", "-Wpedantic", "-DGRAPHDL_PORTABLE", "-O2"),
        ("-std=c99", "-march=native", "-fopenmp", "-O1"),
        ("-std=c99", "-O1", "-DGRAPHDL_BINDING"),
    ],
    ids=["portable", "native", "baseline"],
)
def test_no_warnings(tmp_path, flags):
    for build in (BUILDS["plain"], BUILDS["team"]):
        _, module = random_module(build)
        write_files(tmp_path, module, emit(module, build.threads))
        assert compile_c(tmp_path, *WARNINGS, *flags, "-c", output="fuzz.o") == ""
        if "-fopenmp" not in flags:
            break


@pytest.mark.parametrize("how", ["vector", "portable"])
def test_sanitizers_find_nothing(tmp_path, how):
    cases, module = random_module(BUILDS["plain"])
    emitted = emit(module)
    write_files(tmp_path, module, emitted)
    write_calls(tmp_path / "calls", module, emitted, [references(c, 5) for c in cases])
    flags = ("-march=native",) if how == "vector" else ("-DGRAPHDL_PORTABLE",)
    flags = ("-std=gnu99", *ASAN, "-DGRAPHDL_BINDING", *flags)
    said = compile_c(tmp_path, *flags, sources=("main.c", "fuzz.c"))
    if "cannot find" in said:
        pytest.skip("no sanitizers on this machine")
    assert said == ""
    done = subprocess.run(
        ["./out", "calls"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[:3000]


def test_objects_need_only_libm_and_memory_functions(tmp_path):
    module = lowered(entry_points(), {"N": 64}, BUILDS["plain"])
    write_files(tmp_path, module, emit(module))
    assert compile_c(tmp_path, "-std=c99", "-O3", "-march=native", "-c", output="fuzz.o") == ""
    listed = subprocess.run(
        ["nm", "-u", "fuzz.o"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    needed = {line.split()[-1] for line in listed.stdout.splitlines()}
    memory = {"memcpy", "memset", "memcmp", "memmove", "_GLOBAL_OFFSET_TABLE_"}
    assert needed <= memory | {"expf", "expm1f", "sqrtf"}, needed


@pytest.mark.skipif(shutil.which("objdump") is None, reason="no objdump")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_no_libm_in_the_vector_path(tmp_path, dtype):
    x = gd.input("x", ("N",), dtype)
    names = ("exp", "log", "tanh", "erf", "sigmoid", "silu", "mish", "expm1", "log1p")
    graphs = [gd.Graph({"y": getattr(gd, n)(x)}, name=f"of_{n}") for n in names]
    module = lowered(graphs, {"N": 1000}, BUILDS["plain"])
    write_files(tmp_path, module, emit(module))
    flags = ("-std=c99", "-O3", "-fno-math-errno", "-fno-trapping-math", "-march=native")
    assert compile_c(tmp_path, *flags, "-c", output="fuzz.o") == ""
    dump = ["objdump", "-dr", "--no-show-raw-insn", "fuzz.o"]
    text = subprocess.run(dump, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    found = functions(text)
    assert any("of_exp" in name for name in found)
    for name, body in found.items():
        called = re.findall(r"R_X86_64_PL[A-Z0-9]+\s+(\w+)|\bbl\s+\w+ <(\w+)>", body)
        assert not [c for c in called if not any("fuzz" in part for part in c)], (name, called)


# --- threads ----------------------------------------------------------------------------------


def big_graph() -> gd.Graph:
    x, w = gd.input("x", ("N", 300)), gd.param("w", (300, 130), init=nn.init.he())
    h = gd.tanh(x @ w)
    loss = gd.mean(gd.logsumexp(h, 1)) + gd.sum(x * x) * 1e-6
    outputs = {"h": h, "loss": loss, "columns": gd.sum(h, 0), "at": gd.argmax(h, 1)}
    return gd.Graph({**outputs, "dw": gd.grad(loss, [w])[0]})


def test_any_number_of_threads_gives_the_same_bits():
    graph = big_graph()
    x = RNG.normal(size=(700, 300)).astype(np.float32)
    results = []
    for threads in (1, 2, 3, 8):
        for eager in (False, True):
            module = compiled([graph], {"N": 700}, Build("threads", threads, eager=eager))
            module.state["w"][...] = np.random.default_rng(1).normal(size=(300, 130)) * 0.1
            results.append((eager, {k: v.copy() for k, v in module.entries["graph"](x=x).items()}))
    for eager in (False, True):
        first, *others = [r for e, r in results if e == eager]
        for other in others:
            assert all(first[k].tobytes() == other[k].tobytes() for k in first), eager


# --- one module, many sizes -------------------------------------------------------------------


def test_one_module_at_many_sizes():
    graphs = entry_points()
    wanted = gd.compile(graphs, target="interp", dims={"N": 50})
    module = gd.compile(graphs, dims={"N": 50})
    for n in (50, 7, 1, 0, 50, 33):
        x = RNG.normal(size=(n, 20)).astype(np.float32)
        y = RNG.integers(0, 7, n).astype(np.int32)
        if n:
            out, right = module.forward(x), wanted.forward(x)
            np.testing.assert_allclose(out["p"], right["p"], rtol=1e-5, atol=1e-6)
            np.testing.assert_allclose(
                module.train(x=x, y=y)["loss"], wanted.train(x=x, y=y)["loss"], rtol=1e-5
            )
        else:
            assert module.forward(x)["p"].shape == (0, 7)
    for name, value in wanted.state.items():
        np.testing.assert_allclose(module.state[name], value, rtol=2e-4, atol=2e-5, err_msg=name)


def test_what_the_arena_held_before_does_not_matter():
    graphs = entry_points()
    modules = [compiled(graphs, {"N": 40}, BUILDS["plain"]) for _ in range(2)]
    for name, value in modules[0].state.items():
        value[...] = abs(RNG.normal(size=value.shape) * 0.2).astype(value.dtype)
        modules[1].state[name][...] = value
    for n in (40, 3, 17):
        x, y = RNG.normal(size=(n, 20)).astype(np.float32), RNG.integers(0, 7, n).astype(np.int32)
        poison(modules[1])
        a, b = (m.entries["train"](x=x, y=y)["loss"] for m in modules)
        assert np.isfinite(a)
        assert a == b
    for name, value in modules[0].state.items():
        assert np.array_equal(value, modules[1].state[name]), name


# --- text -------------------------------------------------------------------------------------

EMIT = """
import hashlib
from tests.codegen.test_c_target import BUILDS, emit, entry_points, lowered, random_module
text = emit(lowered(entry_points(), {"N": 64}, BUILDS["plain"]), 2).source
text += emit(random_module(BUILDS["team"])[1], 2).source
print(hashlib.sha256(text.encode()).hexdigest())
"""


def test_the_same_bytes_whatever_the_hash_seed():
    said = set()
    for seed in ("0", "1", "4242"):
        env = {**os.environ, "PYTHONHASHSEED": seed}
        command = [sys.executable, "-W", "ignore", "-c", EMIT]
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        said.add(done.stdout)
    assert len(said) == 1


NAMES = [
    "int", "while", 'quo"te', "*/ evil /*", "new\nline", "\\", "??/", "%s", "🦊", "ключ",
    "x" * 1000, "a b", "a_b", "a_b_2", "a-b", "i", "memory", "context", "v1", "x0", "r0",
    "g_i", "dim_N", "chunk", "linux", "NULL", "INT32_MAX", "main", "printf", "f32v_exp",
    "first", "last", "1st", "_", "__x", "args", "dims", "blob", "NAN", "lambda", "self",
    "size_t", "memset", "scratch_float", "fuzz",
]  # fmt: skip


def named_graph(names) -> gd.Graph:
    xs = [gd.input(n, ("N",)) for n in names[: len(names) // 2]]
    ws = [gd.param(n, (3,)) for n in names[len(names) // 2 :]]
    total = sum((x * float(k) for k, x in enumerate(xs)), xs[0])
    scale = sum((gd.sum(w) for w in ws), gd.constant(1.0))
    with gd.scope('*/ scope\n"'):
        y = gd.tanh(total * scale)
    outputs = {f"out {n}": y + float(k) for k, n in enumerate(names)}
    return gd.Graph(outputs, name=names[0], updates={w: w + 1.0 for w in ws})


def test_names_are_harmless(tmp_path):
    plain = [f"name{k}" for k in range(len(NAMES))]
    results = []
    for names in (NAMES, plain):
        module = lowered([named_graph(names)], {"N": 9}, BUILDS["plain"])
        emitted = emit(module)
        assert all(ord(c) < 128 for c in re.sub(r"/\*.*?\*/", "", emitted.source, flags=re.DOTALL))
        write_files(tmp_path, module, emitted)
        flags = ("-std=gnu99", "-Wno-unknown-pragmas", "-O1", "-DGRAPHDL_BINDING")
        assert compile_c(tmp_path, *WARNINGS, *flags, "-c", output="fuzz.o") == ""
        executable = compiled([named_graph(names)], {"N": 9}, BUILDS["plain"])
        inputs = {
            n: np.full(5, k * 0.01, np.float32) for k, n in enumerate(names[: len(names) // 2])
        }
        results.append(executable.entries[names[0]](**inputs))
        code = re.sub(r"/\*.*?\*/", "", emitted.source, flags=re.DOTALL)
        results.append(len(re.findall(r"[;{}]", code)))
    assert results[1] == results[3], "the same code but for the names"
    for odd, usual in zip(NAMES, plain, strict=True):
        assert np.array_equal(results[0][f"out {odd}"], results[2][f"out {usual}"])


@pytest.mark.parametrize(
    "name", ["load", "save", "init", "error", "call_train", "train", "int", "hash", "context_bytes"]
)
def test_entry_points_of_any_name(name):
    x = gd.input("x", (3,))
    graphs = [gd.Graph({"y": x * 2.0}, name=name), gd.Graph({"y": x * 3.0}, name=f"{name}_2")]
    module = compiled(graphs, {}, BUILDS["plain"])
    value = np.ones(3, np.float32)
    assert module.entries[name](x=value)["y"].tolist() == [2.0] * 3
    assert module.entries[f"{name}_2"](x=value)["y"].tolist() == [3.0] * 3
