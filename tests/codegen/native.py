"""Emitted modules as plain C programs: compiled with warnings, run under sanitizers."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from graphdl.codegen.c.module import CSource
from graphdl.codegen.lower.lower import Module
from graphdl.codegen.lower.memory import buffer_bytes
from graphdl.ir.dims import evaluate
from tests.codegen.reference import Reference

STRICT = "-Wall -Wextra -Werror"

MAIN = r"""
#include "fuzz.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__has_feature)
#if __has_feature(memory_sanitizer)
#include <sanitizer/msan_interface.h>
#define POISON(p, n) __msan_poison(p, n)
#define WRITTEN(p, n) __msan_check_mem_is_initialized(p, n)
#endif
#endif
#ifndef POISON
#define POISON(p, n) memset(p, 0xFF, n) /* NaN */
#define WRITTEN(p, n) ((void)0)
#endif

typedef int entry(void *context, const int64_t *dims, void *const *args);
@DECLARATIONS@
static entry *const entries[] = {@ENTRIES@};

static int64_t number(FILE *file) {
    int64_t value = 0;
    if (fread(&value, 8, 1, file) != 1) exit(3);
    return value;
}

static uint64_t hashed(uint64_t hash, const unsigned char *p, size_t n) {
    for (size_t i = 0; i < n; i++) hash = (hash ^ p[i]) * UINT64_C(1099511628211);
    return hash;
}

/* Run one entry on arrays of exactly the size they need; return a hash of what it gave. */
static uint64_t run(FILE *file, unsigned char *context, entry *call) {
    int64_t dims[8] = {0}, bytes[64] = {0};
    void *args[64] = {0};
    uint64_t hash = UINT64_C(14695981039346656037);
    for (int64_t left = number(file); left > 0; left--) {
        const int64_t at = number(file), size = number(file);
        if (size && fread(context + at, (size_t)size, 1, file) != 1) exit(4);
    }
    POISON(context + @STATE_BYTES@, fuzz_context_bytes() - @STATE_BYTES@);
    const int64_t n_dims = number(file);
    for (int64_t i = 0; i < n_dims; i++) dims[i] = number(file);
    const int64_t inputs = number(file);
    const int64_t all = inputs + number(file);
    for (int64_t i = 0; i < all; i++) {
        bytes[i] = number(file);
        args[i] = malloc(bytes[i] ? (size_t)bytes[i] : 1);
        if (i < inputs && bytes[i] && fread(args[i], (size_t)bytes[i], 1, file) != 1) exit(4);
    }
    if (call(context, dims, args)) exit(5);
    for (int64_t i = 0; i < all; i++) {
        if (i >= inputs) WRITTEN(args[i], (size_t)bytes[i]);
        if (i >= inputs) hash = hashed(hash, args[i], (size_t)bytes[i]);
        free(args[i]);
    }
    WRITTEN(context, @STATE_BYTES@);
    return hashed(hash, context, @STATE_BYTES@);
}

/* Make every call in a context of one's own; return a hash of all results. */
static void *work(void *path) {
    FILE *file = fopen((const char *)path, "rb");
    const size_t bytes = fuzz_context_bytes();
    void *memory = NULL;
    uint64_t *const hash = (uint64_t *)calloc(1, sizeof *hash);
    if (!file || !hash || posix_memalign(&memory, 64, bytes)) exit(2);
    if (!fuzz_init(memory, bytes)) exit(2);
    for (int64_t left = number(file); left > 0; left--) {
        entry *const call = entries[number(file)];
        *hash = *hash * 31 + run(file, (unsigned char *)memory, call);
    }
    free(memory);
    fclose(file);
    return hash;
}

/* Arguments: number of threads, file of calls. Every thread must get the same results. */
int main(int argc, char **argv) {
    pthread_t others[16];
    const int threads = argc > 2 ? atoi(argv[1]) : 1;
    int differ = 0;
    for (int i = 1; i < threads; i++) pthread_create(&others[i], NULL, work, argv[argc - 1]);
    uint64_t *const mine = (uint64_t *)work(argv[argc - 1]);
    for (int i = 1; i < threads; i++) {
        void *theirs = NULL;
        pthread_join(others[i], &theirs);
        differ |= *(uint64_t *)theirs != *mine;
        free(theirs);
    }
    free(mine);
    if (differ) fprintf(stderr, "threads got different results\n");
    return differ ? 6 : 0;
}
"""


def write_files(folder: Path, module: Module, emitted: CSource) -> None:
    """Write the module and a program that calls all of its entries."""
    names = [f"fuzz_call_{p.name}" for p in module.programs]
    words = {
        "DECLARATIONS": "\n".join(f"entry {name};" for name in names),
        "ENTRIES": ", ".join(names),
        "STATE_BYTES": f"(size_t){_state_bytes(module)}",
    }
    text = MAIN
    for word, value in words.items():
        text = text.replace(f"@{word}@", value)
    (folder / "fuzz.c").write_text(emitted.source)
    (folder / "fuzz.h").write_text(emitted.header)
    (folder / "main.c").write_text(text)


def _state_bytes(module: Module) -> int:
    return sum(buffer_bytes(b, {}) for b in module.state.values())


def write_calls(
    path: Path, module: Module, emitted: CSource, found: Sequence[Sequence[Reference]]
) -> None:
    """Write the calls that the program makes: those of each entry in turn, from their state on."""
    calls = [(k, r) for k, group in enumerate(found) for r in group]
    with path.open("wb") as file:

        def put(*values: int) -> None:
            file.write(np.array(values, np.int64).tobytes())

        put(len(calls))
        for number, reference in calls:
            program = module.programs[number]
            known = {k: v for k, v in reference.state.items() if k in module.state}
            put(number, len(known))
            for label, value in known.items():
                put(emitted.state_offsets[label], value.nbytes)
                file.write(np.ascontiguousarray(value).tobytes())
            put(len(program.dims), *(reference.env[d] for d in program.dims))
            put(len(program.inputs), len(program.outputs))
            for buffer in program.inputs:
                data = np.ascontiguousarray(reference.inputs[buffer.label])
                put(data.nbytes)
                file.write(data.tobytes())
            for buffer in program.outputs:
                put(evaluate(buffer.size, reference.env) * buffer.dtype.itemsize)


def compile_c(
    folder: Path,
    *flags: str,
    sources: Sequence[str] = ("fuzz.c",),
    output: str = "out",
    compiler: str = "cc",
) -> str:
    """Run the C compiler; return what it says."""
    libraries = () if "-c" in flags else ("-lm", "-lpthread")
    done = subprocess.run(
        [compiler, *flags, "-o", output, *sources, *libraries],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.stdout + done.stderr if done.returncode or done.stderr else ""


def functions(disassembly: str) -> dict[str, str]:
    """Split what objdump prints into functions."""
    parts = re.split(r"^[0-9a-f]+ <([^>]+)>:$", disassembly, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))
