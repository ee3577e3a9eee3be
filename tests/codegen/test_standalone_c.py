"""The standalone C folder: it builds anywhere, tests itself, and finds what is wrong."""

import os
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

import graphdl as gd
from graphdl.codegen.c.standalone import fnv1a
from graphdl.codegen.c.standalone.pseudorandom import Draw
from graphdl.codegen.folder import FolderError, _exchanged, write_folder
from graphdl.codegen.lower.names import module_name
from graphdl.codegen.toolchain.compiler import Compiler
from graphdl.ir.dtypes import float32
from graphdl.ir.errors import ArgumentError
from tests.codegen.standalone_models import OPTIMIZERS, batch, digits
from tests.codegen.strict import STRICT, accepted

PORTABLE = "-DGRAPHDL_PORTABLE"
SANITIZED = "-O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all"
MODES = {
    "portable": f"-O1 -Wpedantic {STRICT} {PORTABLE}",
    "vectors": f"-O2 {STRICT}",
    "portable, sanitized": f"{SANITIZED} {PORTABLE}",
    "vectors, sanitized": SANITIZED,
}


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory, needs_cc: Compiler) -> dict[str, Path]:
    """A folder an optimizer; tests that change one work on a copy."""
    root = tmp_path_factory.mktemp("standalone")
    return {name: digits(name).save(root / name) for name in OPTIMIZERS}


def make(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["make", *words], cwd=folder, capture_output=True, text=True, timeout=120)


def copied(folder: Path, to: Path) -> Path:
    shutil.copytree(folder, to, ignore=shutil.ignore_patterns("build"))
    return to


@pytest.mark.parametrize(
    ("optimizer", "mode"),
    [*(("adam", mode) for mode in MODES), ("sgd", "portable"), ("momentum", "vectors")],
)
def test_make_check_passes(
    folders: dict[str, Path], tmp_path: Path, optimizer: str, mode: str
) -> None:
    folder = copied(folders[optimizer], tmp_path / "f")
    done = make(folder, "check", f"CFLAGS={MODES[mode]}")
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"digits: [1-9]\d\d checks, 0 failed", done.stdout)


def test_clang_agrees(folders: dict[str, Path], tmp_path: Path) -> None:
    compiler = shutil.which("clang") or "cc"  # with cc it says what the tests above say
    folder = copied(folders["adam"], tmp_path / "f")
    for mode in ("portable", "vectors"):
        done = make(folder, "check", f"CC={compiler}", f"CFLAGS={MODES[mode]}")
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("flags", ["-O2", f"-O2 {PORTABLE}"])
def test_needs_libm_and_mem_functions_only(
    folders: dict[str, Path], tmp_path: Path, flags: str
) -> None:
    folder = copied(folders["adam"], tmp_path / "f")
    assert make(folder, f"CFLAGS={flags}").returncode == 0
    listed = subprocess.run(
        ["nm", "-u", "build/digits.o"], cwd=folder, capture_output=True, text=True, check=True
    )
    needed = set(re.findall(r"U (\w+)", listed.stdout))
    libm = {f"{f}{s}" for f in ("exp", "expm1", "log", "log1p", "tanh", "erf", "sqrt", "pow", "fma")
            for s in ("", "f")}  # fmt: skip
    assert needed <= libm | {"memcpy", "memset", "memcmp"}, needed


def test_header_from_cpp(folders: dict[str, Path], tmp_path: Path) -> None:
    compiler = shutil.which("g++") or shutil.which("clang++")
    if compiler is None:
        assert 'extern "C"' in (folders["sgd"] / "digits.h").read_text()
        return
    main = tmp_path / "main.cpp"
    main.write_text(
        '#include "digits.h"\nint main() { return digits_init(nullptr, 0) != nullptr; }\n'
    )
    folder = copied(folders["sgd"], tmp_path / "f")
    assert make(folder).returncode == 0
    command = [compiler, "-Wall", "-Wextra", "-Werror", f"-I{folder}", str(main)]
    command += [str(folder / "build/libdigits.a"), "-lm", "-o", str(tmp_path / "main")]
    subprocess.run(command, check=True, timeout=60)
    assert subprocess.run([str(tmp_path / "main")], timeout=60).returncode == 0


def test_example_of_the_readme_runs(
    folders: dict[str, Path], tmp_path: Path, needs_cc: Compiler
) -> None:
    folder = copied(folders["momentum"], tmp_path / "f")
    (example,) = re.findall(r"```c\n(.*?)```", (folder / "README.md").read_text(), re.DOTALL)
    (folder / "main.c").write_text(example)
    flags = ["-std=c99", *STRICT.split(), "-Wpedantic", PORTABLE]
    command = [*needs_cc.command, *flags, "main.c", "digits.c", "-lm", "-o", "main"]
    subprocess.run(command, cwd=folder, check=True, timeout=60)
    done = subprocess.run(["./main"], cwd=folder, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0
    m = digits("momentum")
    out = m.forward(x=np.zeros((1, 6), np.float32), y=np.zeros(1, np.int32))
    assert float(done.stdout) == pytest.approx(float(out["loss"]), rel=1e-4)


MUTATIONS = {
    "a wrong learning rate": ("digits.c", r"0\.1f|0\.100000001f", "0.1001f"),
    "a lost bias": ("digits.c", r"g_acc \+ v\d+", "g_acc"),
    "a wrong constant of the gradient": ("digits_check.c", r"\(1\.0f\)", "(1.01f)"),
    "no check of labels": ("digits.c", r">= 4\) return", ">= 9) return"),
    "no check of dims": ("digits.c", r"dim_N < 0 \|\| ", ""),
    "no check of the blob": ("digits.c", r"if \((?=memcmp\(in \+ \d+, &hash)", "if (0 && "),
}  # fmt: skip


@pytest.mark.parametrize("what", MUTATIONS)
def test_check_finds(folders: dict[str, Path], tmp_path: Path, what: str) -> None:
    file, pattern, replacement = MUTATIONS[what]
    folder = copied(folders["sgd"], tmp_path / "f")
    text = (folder / file).read_text()
    changed = re.sub(pattern, replacement, text)
    assert changed != text
    (folder / file).write_text(changed)
    done = make(folder, "check", f"CFLAGS=-O1 -w {PORTABLE}")
    assert done.returncode != 0
    assert "FAILED" in done.stdout or "negative size" in done.stdout, done.stdout + done.stderr


def test_check_finds_a_damaged_parameter_file(folders: dict[str, Path], tmp_path: Path) -> None:
    folder = copied(folders["sgd"], tmp_path / "f")
    blob = bytearray((folder / "digits_params.bin").read_bytes())
    blob[100] ^= 1
    (folder / "digits_params.bin").write_bytes(bytes(blob))
    done = make(folder, "check", "CFLAGS=-O0")
    assert done.returncode != 0
    assert "is no state of this module" in done.stdout


def test_parameters_are_those_of_the_module(tmp_path: Path, needs_cc: Compiler) -> None:
    m = digits("adam")
    x, y = batch()
    for _ in range(3):
        m.train(x, y)
    blob = (m.save(tmp_path / "f") / "digits_params.bin").read_bytes()
    assert int.from_bytes(blob[-8:], "little") == fnv1a(blob[:-8])
    for name, value in m.state.items():
        assert value.tobytes() in blob, name
    done = make(tmp_path / "f", "check", "CFLAGS=-O0")
    assert done.returncode == 0, done.stdout


_SAVED = """
import sys
from pathlib import Path
from tests.codegen.strict import STRICT, accepted
from tests.codegen.standalone_models import digits
digits("adam").save(sys.argv[1])
"""


def test_same_bytes_whatever_the_hash_seed(tmp_path: Path, needs_cc: Compiler) -> None:
    contents = []
    for seed in ("0", "1", "77"):
        folder = tmp_path / seed
        subprocess.run(
            [sys.executable, "-c", _SAVED, str(folder)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=Path(__file__).parents[2],
            check=True,
            timeout=120,
        )
        contents.append({p.name: p.read_bytes() for p in folder.iterdir()})
    assert contents[0] == contents[1] == contents[2]
    assert not any(str(Path(__file__).parents[2]).encode() in b for b in contents[0].values())


def test_modules_without_state_dims_or_floats(tmp_path: Path, needs_cc: Compiler) -> None:
    a = gd.input("a", (3,), dtype="int32")
    i, b = gd.input("i", ("N",), dtype="uint8"), gd.input("b", (2, "M"), dtype="bool")
    table = gd.constant(np.arange(5, dtype=np.float64))
    graphs = [
        gd.Graph({"twice": a + a}, name="whole"),
        gd.Graph({"picked": gd.gather(table, i), "kept": gd.cast(b, "int64")}, name="picks"),
    ]
    m = gd.compile(graphs, target="c", name="odd", dims={"N": 7, "M": 3})
    folder = m.save(tmp_path / "odd")
    for mode in ("portable", "vectors, sanitized"):
        done = make(folder, "check", f"CFLAGS={MODES[mode]}")
        assert done.returncode == 0, done.stdout + done.stderr


NAMES = [
    "*/ int x; /*", "a\nb", '"q\\', "λ", "int", "class", "NULL", "NAN", "i", "memory", "context",
    "scratch_float", "uint32_t", "expf", "printf", "N", "dims", "CONTEXT_BYTES", "x0", "g_i",
    "f64_cot_lane", "GEMM_ROLLED",
]  # fmt: skip


def _named(name: str) -> gd.Graph:
    """Return a graph whose leaves, output and self have a name."""
    x, labels = gd.input(name, ("N", 3)), gd.input(f"{name}_i", ("N",), "int32")
    w, table = gd.param(f"{name}w", (3, 2), init=0.5), gd.param(f"{name}t", (5, 2), init=0.25)
    y = gd.tanh(x @ w) + gd.gather(table, labels)
    return gd.Graph({name: y, "other": gd.exp(y)}, name=name)


def test_names_never_become_code(tmp_path: Path, needs_cc: Compiler) -> None:
    graphs = [_named(name) for name in NAMES]
    m = gd.compile(graphs, target="c", name="names", dims={"N": 4}, cpu="portable")
    accepted(m.save(tmp_path / "f"), needs_cc)


def test_inputs_named_like_functions(tmp_path: Path, needs_cc: Compiler) -> None:
    """Inside a function a parameter hides what has its name."""
    x = gd.input("graph_0_exp", ("N", 3))
    w, b = gd.param("gemm_f32_block", (3, 2)), gd.param("names_graph", (2,))
    graph = gd.Graph({"names": gd.tanh(x), "y": x @ w + b, "graph_1_contract": gd.exp(x)})
    for name in ("names", "graph_0_exp", "graph_1_contract"):
        m = gd.compile(graph, "c", name=name, dims={"N": 4}, cpu="portable")
        accepted(m.save(tmp_path / name), needs_cc)


def test_dims_beyond_ascii(tmp_path: Path, needs_cc: Compiler) -> None:
    """Compilers disagree on which letters a name may have; no two names meet in C."""
    wide, greek, accent = "\uff41", "\u03bc", "e\u0301"
    x, y = gd.input("x", (wide, "a")), gd.input("y", (greek, accent))
    graph = gd.Graph({"x": gd.flip(x), "s": gd.sum(x) + gd.sum(y, 0)}, name="f")
    dims = {wide: 4, "a": 3, greek: 2, accent: 2}
    m = gd.compile(graph, "c", name="m", dims=dims, cpu="portable")
    accepted(m.save(tmp_path / "f"), needs_cc)
    rows = np.arange(6, dtype=np.float32).reshape(2, 3)
    assert np.array_equal(m.f(x=rows, y=np.ones((1, 2), np.float32))["s"], [16, 16])


@pytest.mark.parametrize("name", ["*/", "printf", "dims", "CONTEXT_BYTES", "n", "report", "FILE"])
def test_module_names_never_become_code(tmp_path: Path, needs_cc: Compiler, name: str) -> None:
    m = gd.compile(_named(name), target="c", name=name, dims={"N": 4}, cpu="portable")
    accepted(m.save(tmp_path / "f"), needs_cc)


def test_files_do_not_hide_what_python_imports() -> None:
    assert [module_name(n) for n in ("numpy", "json", "random")] == ["numpy_", "json_", "random_"]


# --- the folder ---------------------------------------------------------------------------------


def test_own_folder_is_replaced(tmp_path: Path, needs_cc: Compiler) -> None:
    m = digits("sgd")
    folder = m.save(tmp_path / "deep" / "digits")
    assert make(folder, "all", "CFLAGS=-O0").returncode == 0
    first = (folder / "digits_params.bin").read_bytes()
    m.state["dense1/b"] = np.ones(8, np.float32)
    m.save(folder)
    assert (folder / "digits_params.bin").read_bytes() != first
    assert not (folder / "build").exists()
    assert [p.name for p in folder.parent.iterdir()] == ["digits"]


@pytest.mark.parametrize("kind", ["foreign folder", "own folder with a stranger", "file"])
def test_foreign_files_are_kept(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "there"
    if kind == "file":
        path.write_text("precious")
    elif kind == "foreign folder":
        path.mkdir()
        (path / "thesis.txt").write_text("precious")
    else:
        write_folder(path, {"a.c": b"int a;"})
        (path / "thesis.txt").write_text("precious")
    with pytest.raises(FolderError, match="remedy"):
        write_folder(path, {"a.c": b"int b;"})
    kept = path if kind == "file" else path / "thesis.txt"
    assert kept.read_text() == "precious"
    assert [p.name for p in tmp_path.iterdir()] == ["there"]


def test_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    write_folder(tmp_path / "there", {"a.c": b"int a;"})
    assert (tmp_path / "there" / "a.c").read_bytes() == b"int a;"


def test_unwritable_place_is_a_typed_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FolderError):
        write_folder(tmp_path / "file" / "below", {"a.c": b""})


def test_a_folder_is_replaced_in_one_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system can; elsewhere by two renames."""
    for exchange in (True, False):
        if not exchange:
            monkeypatch.setattr("graphdl.codegen.folder._exchanged", lambda one, other: False)
        for text in (b"old", b"new"):
            write_folder(tmp_path / "f", {"a": text})
        assert (tmp_path / "f" / "a").read_bytes() == b"new"
        assert os.listdir(tmp_path) == ["f"]


def test_readers_see_the_old_folder_or_the_new(tmp_path: Path) -> None:
    path, stop, seen = tmp_path / "f", threading.Event(), set[bytes | None]()
    write_folder(path, {"a": b"0", "b": b"0"})
    (tmp_path / "one").mkdir()
    (tmp_path / "other").mkdir()

    def read() -> None:
        while not stop.is_set():
            try:
                seen.add((path / "a").read_bytes())
            except FileNotFoundError:
                seen.add(None)  # between two renames, where they cannot be one

    reader = threading.Thread(target=read)
    reader.start()
    for k in range(50):
        write_folder(path, {"a": b"%d" % k, "b": b"%d" % k})
    stop.set()
    reader.join()
    rarely = set() if _exchanged(tmp_path / "one", tmp_path / "other") else {None}
    assert seen <= {b"%d" % k for k in range(50)} | rarely


def test_interp_has_nothing_to_save(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="numpy"):
        digits(target="interp").save(tmp_path / "f")


def test_draws_are_the_same_as_in_c() -> None:
    values = Draw(float32, 4, 7, -1.0, 2.0).array()
    assert values.dtype == np.float32
    assert (np.abs(values) <= 1).all()
    assert len(set(values.tolist())) == 4
