"""The test in the standalone C folder: what it needs, and that it finds a wrong gradient."""

import re
import subprocess
from pathlib import Path

import pytest

import graphdl as gd
from graphdl.codegen.c.standalone.golden import dim_values
from graphdl.codegen.toolchain.compiler import Compiler
from graphdl.compiler import CompiledModule
from graphdl.ir import scalar as s
from graphdl.ir.kinds import ElementwiseOp, op
from tests.codegen.standalone_models import digits
from tests.codegen.strict import STRICT

PORTABLE = "-DGRAPHDL_PORTABLE"
DRIVER = "int {test}(int *of);\nint main(void) {{ int of; return {test}(&of) || of < 100; }}\n"
GRADIENT = "loss_and_gradient"


def check(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = ["make", "check", f"CFLAGS=-O1 -w {PORTABLE}", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)


def small(name: str = GRADIENT) -> CompiledModule:
    """Return a module with a loss and its gradient."""
    x, w = gd.input("x", ("N", 5)), gd.param("w", (5, 3), init=0.25)
    loss = gd.mean(gd.tanh(x @ w) * gd.sin(x @ w))
    outputs = {"loss": loss, "dw": gd.grad(loss, w)[0]}
    return gd.compile(gd.Graph(outputs, name=name), name="small", dims={"N": 6})


@pytest.mark.usefixtures("needs_cc")
def test_without_files_and_text(tmp_path: Path, needs_cc: Compiler) -> None:
    folder = digits("adam").save(tmp_path / "f")
    (folder / "driver.c").write_text(DRIVER.format(test="digits_self_test"))
    flags = ["-std=c99", "-O1", "-Wpedantic", *STRICT.split(), PORTABLE, "-DGRAPHDL_NO_STDIO"]
    sources = ["digits_test.c", "digits.c", "digits_check.c"]
    build = [*needs_cc.command, *flags]
    subprocess.run([*build, "-c", "digits_test.c"], cwd=folder, check=True, timeout=120)
    listed = subprocess.run(
        ["nm", "-u", "digits_test.o"], cwd=folder, capture_output=True, text=True, check=True
    )
    needed = set(re.findall(r"U (\w+)", listed.stdout))
    assert {n for n in needed if not n.startswith("digits_")} <= {
        "memset", "memcpy", "memcmp", "strcmp", "fabs", "_GLOBAL_OFFSET_TABLE_",
    }  # fmt: skip
    command = [*build, "driver.c", *sources, "-lm", "-o", "run"]
    subprocess.run(command, cwd=folder, check=True, timeout=120)
    assert subprocess.run(["./run"], cwd=folder, timeout=60).returncode == 0


@pytest.mark.usefixtures("needs_cc")
def test_the_readme_says_how_much_memory_the_test_takes(tmp_path: Path, needs_cc: Compiler) -> None:
    folder = digits("sgd").save(tmp_path / "f")
    said = re.search(r"writes to ([\d,]+) bytes", (folder / "README.md").read_text())
    command = [*needs_cc.command, "-std=c99", "-O0", PORTABLE, "-c", "digits_test.c"]
    subprocess.run(command, cwd=folder, check=True, timeout=60)
    listed = subprocess.run(
        ["size", "digits_test.o"], cwd=folder, capture_output=True, text=True, check=True
    )
    _, data, bss = map(int, listed.stdout.splitlines()[1].split()[:3])
    written = int(said[1].replace(",", ""))
    assert written <= bss <= written + 1000  # some counters and alignment
    assert data <= 2**16  # tables with pointers, which only the loader writes to


@pytest.mark.usefixtures("needs_cc")
@pytest.mark.parametrize("name", ["test", "self_test", "self_tests", "check", "main"])
def test_entry_points_may_be_named_like_the_test(tmp_path: Path, name: str) -> None:
    done = check(small(name).save(tmp_path / "f"))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.usefixtures("needs_cc")
@pytest.mark.parametrize("file", ["small.c", "small_check.c"])
def test_finds_a_wrong_line(tmp_path: Path, file: str) -> None:
    folder = small().save(tmp_path / "f")
    text = (folder / file).read_text()
    stores = list(re.finditer(r"(f32v_store\([^,]+, )(v\d+)\);", text))
    assert stores
    found = 0
    for store in stores:
        wrong = f"{store[1]}{store[2]} * f32v_set(1.25f));"
        (folder / file).write_text(text[: store.start()] + wrong + text[store.end() :])
        done = check(folder)
        found += done.returncode != 0 and "FAILED" in done.stdout
    assert found == len(stores)


@pytest.mark.usefixtures("needs_cc")
@pytest.mark.parametrize(("factor", "fine"), [(1.0, True), (1.0009, False)])
def test_finds_a_wrong_rule(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, factor: float, fine: bool
) -> None:
    """Goldens come from the same rule: only what knows no rule can tell."""
    monkeypatch.setattr(op, "OPS", dict(op.OPS))
    bent = ElementwiseOp("bent", s.tanh, grads=lambda x, y: (factor * (1.0 - y * y),))
    x, w = gd.input("x", ("N", 5)), gd.param("w", (5, 3), init=0.25)
    graph = gd.Graph({"loss": gd.mean(bent(x @ w))}, name="loss")
    done = check(gd.compile(graph, name="bent", dims={"N": 6}).save(tmp_path / "f"))
    assert (done.returncode == 0) == fine
    assert ("gradient, by finite differences" in done.stdout) != fine


def test_it_runs_at_no_one_some_and_most_rows() -> None:
    module = small()
    (program,) = module.module.programs
    assert dim_values(program, {"N": 6}) == [(0,), (1,), (4,), (6,)]
    assert dim_values(program, {"N": 1}) == [(0,), (1,)]
