"""Emitted modules as plain C programs: compiled with warnings, run under sanitizers."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from graphdl.codegen.c.module import CSource
from graphdl.codegen.lower.lower import Module
from graphdl.ir.dims import evaluate
from tests.codegen.agreement import Reference

MAIN = r"""
#include "fuzz.c"
#include <stdio.h>
#include <stdlib.h>

typedef int entry(void *context, const int64_t *dims, void *const *args);

static int64_t number(FILE *file) {
    int64_t value = 0;
    if (fread(&value, 8, 1, file) != 1) exit(3);
    return value;
}

/* Run one entry on arrays of exactly the size they need. */
static void run(FILE *file, void *context, entry *call) {
    int64_t dims[8] = {0};
    void *args[64] = {0};
    const int64_t n_dims = number(file);
    for (int64_t i = 0; i < n_dims; i++) dims[i] = number(file);
    const int64_t inputs = number(file);
    const int64_t all = inputs + number(file);
    for (int64_t i = 0; i < all; i++) {
        const size_t bytes = (size_t)number(file);
        args[i] = malloc(bytes ? bytes : 1);
        if (i < inputs && bytes && fread(args[i], bytes, 1, file) != 1) exit(4);
    }
    const int code = call(context, dims, args);
    for (int64_t i = 0; i < all; i++) free(args[i]);
    if (code) exit(5);
}

int main(int argc, char **argv) {
    static entry *const entries[] = {@ENTRIES@};
    FILE *file = fopen(argv[argc - 1], "rb");
    size_t bytes = fuzz_context_bytes();
    void *memory = NULL;
    if (!file || posix_memalign(&memory, 64, bytes)) return 2;
    void *context = fuzz_init(memory, bytes);
    if (!context) return 2;
    for (int64_t left = number(file); left > 0; left--) run(file, context, entries[number(file)]);
    free(memory);
    fclose(file);
    return 0;
}
"""


def write_files(folder: Path, module: Module, emitted: CSource) -> None:
    """Write the module and a program that calls all of its entries."""
    entries = ", ".join(f"fuzz_call_{p.name}" for p in module.programs)
    (folder / "fuzz.c").write_text(emitted.source)
    (folder / "fuzz.h").write_text(emitted.header)
    (folder / "main.c").write_text(MAIN.replace("@ENTRIES@", entries))


def write_calls(path: Path, module: Module, found: Sequence[Sequence[Reference]]) -> None:
    """Write the calls that the program makes: those of each entry in turn."""
    calls = [(k, r) for k, group in enumerate(found) for r in group]
    with path.open("wb") as file:

        def put(*values: int) -> None:
            file.write(np.array(values, np.int64).tobytes())

        put(len(calls))
        for number, reference in calls:
            program = module.programs[number]
            put(number, len(program.dims), *(reference.env[d] for d in program.dims))
            put(len(program.inputs), len(program.outputs))
            for buffer in program.inputs:
                data = np.ascontiguousarray(reference.inputs[buffer.label])
                put(data.nbytes)
                file.write(data.tobytes())
            for buffer in program.outputs:
                put(evaluate(buffer.size, reference.env) * buffer.dtype.itemsize)


def compile_c(folder: Path, *flags: str, source: str = "fuzz.c", output: str = "out") -> str:
    """Run the C compiler; return what it says."""
    done = subprocess.run(
        ["cc", *flags, "-o", output, source, *(() if "-c" in flags else ("-lm",))],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.stdout + done.stderr if done.returncode or done.stderr else ""


def functions(disassembly: str) -> dict[str, str]:
    """Split what objdump prints into functions."""
    parts = re.split(r"^[0-9a-f]+ <([^>]+)>:$", disassembly, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))
