"""The examples run to their end, quickly, and write what they promise."""

import os
import re
import subprocess
import sys
from pathlib import Path

from graphdl.codegen.toolchain.compiler import has_compiler
from tools.wheel import ROOT

EXAMPLES = Path(ROOT) / "examples"


def run(*arguments, **environment):
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def test_digits(tmp_path):
    done = run(EXAMPLES / "digits.py", "--out", tmp_path, MAKELEVEL="1")  # as `make demo` does
    assert done.returncode == 0, done.stdout + done.stderr

    names = set(os.listdir(tmp_path))
    for picture in ("forward", "backward", "training"):
        assert {f"{picture}.svg", f"{picture}.dot"} & names
    assert "curves.png" in names
    assert (tmp_path / "digits-numpy" / "digits.py").is_file()
    assert (tmp_path / "digits-c" / "digits.c").is_file() == has_compiler()

    assert re.search(r"gradient +proved by .*; agrees to 1\d\.\d digits at 3 points", done.stdout)
    shares = [float(s) for s in re.findall(r"(\d+\.\d+) %", done.stdout)]
    assert len(shares) >= 4
    assert min(shares) >= 97
    assert done.stdout.count("360/360") == (4 if has_compiler() else 3)
    if has_compiler():
        assert ", 0 failed" in done.stdout
    assert not {"\r", "\x1b"} & set(done.stdout), "a progress bar or colours without a terminal"


def test_digits_without_a_compiler_says_so_and_runs(tmp_path):
    arguments = (EXAMPLES / "digits.py", "--out", tmp_path, "--quick")
    done = run(*arguments, GRAPHDL_CC="no-such-compiler")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no C compiler was found" in done.stdout
    assert "by the emitted NumPy step" in done.stdout
    assert not (tmp_path / "digits-c").exists()


def test_seed_decides_everything_but_time(tmp_path):
    found = []
    for name in ("a", "b"):
        done = run(EXAMPLES / "digits.py", "--out", tmp_path / name, "--quick", "--seed", 3)
        found.append(re.search(r"test accuracy \d+\.\d+ %", done.stdout)[0])
        module = tmp_path / name / "digits-numpy" / "digits_params.safetensors"
        found.append(module.read_bytes())
    assert found[:2] == found[2:]
