"""The digits folders put to work without graphdl: by plain ``cc``, and in a bare interpreter."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np


class NotPossible(Exception):
    """A tool is missing here; the message says which."""


@dataclass
class Elsewhere:
    """What another process found.

    Attributes
    ----------
    labels : ndarray
        A class for each test image.
    seconds_per_step : float
        Median time of a training step.
    memory : int
        Bytes that it needs.
    check_passed : bool
        Whether the folder's own check passed, where it has one.
    note : str
        Last line of that check.
    """

    labels: np.ndarray
    seconds_per_step: float
    memory: int
    check_passed: bool = True
    note: str = ""


PROGRAM = r"""
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "digits.h"

static void *read_all(const char *path, size_t *bytes) {
    FILE *file = fopen(path, "rb");
    void *data = NULL;
    long size = 0;
    if (!file || fseek(file, 0, SEEK_END) || (size = ftell(file)) < 0) exit(2);
    rewind(file);
    data = malloc((size_t)size + 1);
    if (!data || fread(data, 1, (size_t)size, file) != (size_t)size) exit(2);
    fclose(file);
    *bytes = (size_t)size;
    return data;
}

static void check(int code) {
    if (code) {
        fprintf(stderr, "%s\n", digits_error(code));
        exit(1);
    }
}

/* classify <parameters> <images> <images to train on> <their labels> */
int main(int argc, char **argv) {
    size_t need = digits_context_bytes(), bytes = 0;
    char *memory = malloc(need + 64);
    digits *net = NULL;
    void *blob = NULL;
    float *x = NULL, *probs = NULL, loss = 0;
    int32_t *y = NULL;
    int64_t n, k, *label = NULL;
    const int64_t piece = 256;
    int repeats = 200;
    clock_t start;

    if (argc != 5 || !memory) return 2;
    net = digits_init(memory + (64 - (size_t)memory % 64) % 64, need);
    if (!net) return 2;
    blob = read_all(argv[1], &bytes);
    check(digits_load(net, blob, bytes));

    x = read_all(argv[2], &bytes);
    n = (int64_t)(bytes / (64 * sizeof(float)));
    label = malloc(((size_t)n + 1) * sizeof *label);
    probs = malloc(((size_t)n + 1) * 10 * sizeof *probs);
    if (!label || !probs) return 2;
    for (k = 0; k < n; k += piece)
        check(digits_predict(net, n - k < piece ? n - k : piece, x + 64 * k, label + k,
                             probs + 10 * k));
    printf("{\"memory\": %lu, \"labels\": [", (unsigned long)need);
    for (k = 0; k < n; ++k) printf(k ? ", %d" : "%d", (int)label[k]);

    x = read_all(argv[3], &bytes);
    n = (int64_t)(bytes / (64 * sizeof(float)));
    y = read_all(argv[4], &bytes);
    start = clock();
    for (k = 0; k < repeats; ++k) check(digits_train(net, n, x, y, &loss));
    printf("], \"step\": %.9f}\n", (double)(clock() - start) / CLOCKS_PER_SEC / repeats);
    return 0;
}
"""

SCRIPT = """
import json, statistics, sys, time, tracemalloc
sys.path[:0] = sys.argv[1:3]  # a folder that holds numpy only, and the module's own
import numpy as np
import digits
assert not [name for name in sys.modules if name.partition(".")[0] == "graphdl"]

test, x = (np.fromfile(p, np.float32).reshape(-1, 64) for p in sys.argv[4:6])
y = np.fromfile(sys.argv[6], np.int32)
tracemalloc.start()
module = digits.Module(sys.argv[3])
labels = module.predict(test)["label"].tolist()
module.train(x, y)
memory = tracemalloc.get_traced_memory()[1]
tracemalloc.stop()
times = []
for _ in range(100):
    start = time.perf_counter()
    module.train(x, y)
    times.append(time.perf_counter() - start)
print(json.dumps({"memory": memory, "labels": labels, "step": statistics.median(times)}))
"""


def run_c_program(
    folder: Path, test: np.ndarray, train_x: np.ndarray, train_y: np.ndarray
) -> Elsewhere:
    """Copy a C folder away, run its ``make check``, and let a program of its own classify images.

    Raises
    ------
    NotPossible
        If there is no C compiler or no make.
    """
    cc = next((c for c in ("cc", "gcc", "clang") if shutil.which(c)), None)
    if cc is None or shutil.which("make") is None:
        raise NotPossible("needs cc and make")
    with tempfile.TemporaryDirectory(prefix="digits-c-") as scratch:
        here = Path(scratch) / "digits"
        shutil.copytree(folder, here)
        made = _run(["make", "check", f"CC={cc}"], here)
        (here / "classify.c").write_text(PROGRAM)
        flags = ["-std=c99", "-O3", "-march=native"]
        built = _run([cc, *flags, "classify.c", "digits.c", "-o", "classify", "-lm"], here)
        if built.returncode:
            raise RuntimeError(built.stderr)
        files = _raw(Path(scratch), test, train_x, train_y)
        ran = _run([str(here / "classify"), "digits_params.bin", *files], here)
        lines = (made.stdout + made.stderr).strip().splitlines()
        return _read(ran, made.returncode == 0, lines[-1] if lines else "")


def run_numpy_module(
    folder: Path, test: np.ndarray, train_x: np.ndarray, train_y: np.ndarray
) -> Elsewhere:
    """Let a NumPy folder classify images where numpy is all that can be imported."""
    with tempfile.TemporaryDirectory(prefix="digits-numpy-") as scratch:
        only = Path(scratch) / "only-numpy"
        only.mkdir()
        installed = Path(np.__file__).parent
        for part in (installed, installed.with_name("numpy.libs")):
            if part.is_dir():
                (only / part.name).symlink_to(part)
        state = next(folder.glob("*.safetensors"))
        script = Path(scratch) / "classify.py"
        script.write_text(SCRIPT)
        files = _raw(Path(scratch), test, train_x, train_y)
        # -I: no environment, no user's folder; -S: no installed packages
        command = [sys.executable, "-I", "-S", str(script), str(only), str(folder.resolve())]
        return _read(_run([*command, str(state.resolve()), *files], Path(scratch)))


def _raw(folder: Path, *arrays: np.ndarray) -> list[str]:
    """Write arrays as raw bytes; return the files' paths."""
    paths = [folder / f"input{k}.raw" for k in range(len(arrays))]
    for path, array in zip(paths, arrays, strict=True):
        array.tofile(path)
    return [str(path) for path in paths]


def _run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    outer = ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")  # this may run under make itself
    environment = {k: v for k, v in os.environ.items() if k not in outer}
    environment |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def _read(
    ran: subprocess.CompletedProcess[str], check_passed: bool = True, note: str = ""
) -> Elsewhere:
    if ran.returncode:
        raise RuntimeError(f"{ran.args[0]} failed with {ran.returncode}:\n{ran.stderr}")
    found = json.loads(ran.stdout)
    labels = np.asarray(found["labels"])
    return Elsewhere(labels, found["step"], found["memory"], check_passed, note)
