"""The Makefile and the README of a standalone folder of C."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from graphdl.codegen.c.families import SCALAR_TYPES
from graphdl.codegen.c.module import CSource
from graphdl.codegen.folder import plain
from graphdl.codegen.lower.lower import Module
from graphdl.codegen.program import Buffer, Program
from graphdl.ir.dim_bounds import upper_bound

MAKEFILE = """\
# Makefile of @NAME@ - emitted by graphdl. Needs a C99 compiler; the module needs libm only.
#
#   make                                  build/lib@NAME@.a
#   make check                            build and run @NAME@_test.c
#   make CFLAGS="-O3 -march=native"       use all that this machine's CPU has
#   make CFLAGS="-O2 -DGRAPHDL_PORTABLE"  plain C99 without vector extensions
#   make OPENMP=1 THREADS=4               several threads; results do not depend on it
#   make CC=arm-none-eabi-gcc CFLAGS="-O2 -mcpu=cortex-m4 -mthumb"

CC ?= cc
AR ?= ar
CFLAGS ?= -O3
THREADS ?= @THREADS@
# No flag here lets the compiler reorder floating-point sums.
FLAGS = -std=c99 -ffp-contract=fast -fno-math-errno -fno-trapping-math
ifdef OPENMP
FLAGS += -fopenmp -DGRAPHDL_THREADS=$(THREADS)
endif

all: build/lib@NAME@.a

# Other flags make other objects.
build/flags: FORCE
	@mkdir -p build
	@echo '$(CC) $(CFLAGS) $(FLAGS)' | cmp -s - $@ || echo '$(CC) $(CFLAGS) $(FLAGS)' > $@

build/%.o: %.c @HEADERS@ build/flags
	$(CC) $(FLAGS) $(CFLAGS) -c -o $@ $<

build/lib@NAME@.a: build/@NAME@.o
	rm -f $@
	$(AR) rcs $@ $^

build/@NAME@_test: @TESTS@ build/lib@NAME@.a
	$(CC) $(FLAGS) $(CFLAGS) -o $@ $^ -lm

check: build/@NAME@_test
	./build/@NAME@_test @NAME@_params.bin

clean:
	rm -rf build

FORCE:

.PHONY: all check clean FORCE
"""


def makefile(name: str, threads: int, second: str | None) -> str:
    """Return the Makefile; all names are identifiers."""
    tests = [f"build/{name}_test.o", *([f"build/{second}.o"] if second else [])]
    words = {
        "NAME": name,
        "THREADS": str(threads),
        "HEADERS": " ".join([f"{name}.h", *([f"{second}.h"] if second else [])]),
        "TESTS": " ".join(tests),
    }
    text = MAKEFILE
    for word, value in words.items():
        text = text.replace(f"@{word}@", value)
    return text


def readme(
    module: Module, emitted: CSource, lines: Sequence[str], memory: Mapping[str, int]
) -> str:
    """Return the README.

    Parameters
    ----------
    module, emitted : Module, CSource
        What it is about.
    lines : sequence of str
        What the test does, a paragraph.
    memory : mapping of str to int
        Bytes, by what they are for.
    """
    name = module.name
    entries = [line for p in module.programs for line in _entry(module, p)]
    codes = [f"| {k} | {plain(text)} |" for k, (text, _) in enumerate(emitted.errors, 1)]
    sizes = [f"| {what} | {bytes_:,} |" for what, bytes_ in memory.items()]
    return "\n".join([
        f"# {name}", "",
        f"A neural network as C99, made by graphdl. `{name}.c` needs libm and nothing else: no",
        "heap, no files, no global state. Everything lies in one context that you own, so several",
        "contexts may be used at once; it may be used from C++, too.", "",
        "## Build", "",
        "```sh",
        f"make                                   # build/lib{name}.a",
        "make check                             # test it, see below",
        'make CFLAGS="-O3 -march=native"        # for this CPU; the default runs on any',
        'make CFLAGS="-O2 -DGRAPHDL_PORTABLE"   # without vector extensions: any C99 compiler',
        "make OPENMP=1 THREADS=4                # several threads",
        "```", "",
        f"Or compile `{name}.c` with your files: `cc -std=c99 -O3 -c {name}.c`, and link `-lm`.",
        "Without `-DGRAPHDL_PORTABLE`, GCC and Clang use vectors as wide as the flags allow.",
        "Threads need OpenMP; the results are the same to the last bit for any number of them.",
        "Do not use `-ffast-math`: infinities and NaN would be treated wrongly.", "",
        "## Call", "", "```c", *_example(module, emitted), "```", "",
        "## Entry points", "",
        "Arrays are dense and row-major. Inputs, outputs and the context must not overlap.", "",
        *entries,
        "## State", "",
        f"`{name}_params.bin` holds the parameters and all other state. `{name}_load` takes such",
        f"a blob ({name.upper()}_BLOB_BYTES bytes), `{name}_save` writes one: going on after",
        "loading equals never having stopped. A damaged or foreign blob is refused.",
        "The blob's numbers are in the byte order of the machine (little-endian in the file).", "",
        *_state(module, emitted),
        "## Errors", "",
        f"Functions return 0, or a code that `{name}_error(code)` puts into words. Everything is",
        "checked before the first store: after an error nothing has changed.", "",
        "| code | meaning |", "|---|---|", *codes, "",
        "## Memory", "",
        f"The context is {emitted.context_bytes:,} bytes, aligned to 64. `{name}_init` sets it to",
        "zero and returns `NULL` if it is too small or misaligned.", "",
        "| what for | bytes |", "|---|---|", *sizes, "",
        "## Test", "", *lines, "",
    ])  # fmt: skip


def _shape(buffer: Buffer) -> str:
    sizes = ", ".join(str(s) for s in buffer.shape)
    return f"({sizes})" if buffer.shape else "one number"


def _entry(module: Module, program: Program) -> list[str]:
    limits = "; ".join(f"{plain(d)} from 0 to {module.maxima[d]}" for d in program.dims)
    lines = [f"### {module.name}_{program.name}", ""]
    lines += [f"Sizes: {limits}.", ""] if limits else []
    lines += ["| argument | | type | shape | |", "|---|---|---|---|---|"]
    ranges = {c.buffer: f"in [{c.low}, {c.size})" for c in program.checks}
    for way, buffers in (("in", program.inputs), ("out", program.outputs)):
        for b in buffers:
            kind, note = SCALAR_TYPES[b.dtype], "0 or 1" if b.dtype.name == "bool" else ""
            note = ranges.get(b, note)
            lines.append(
                f"| {plain(b.label)} | {way} | {kind} | {plain(_shape(b))} | {plain(note)} |"
            )
    return [*lines, ""]


def _state(module: Module, emitted: CSource) -> list[str]:
    if not module.state:
        return ["This module has no state.", ""]
    rows = [
        f"| {plain(k)} | {SCALAR_TYPES[b.dtype]} | {_shape(b)} | {16 + emitted.state_offsets[k]} |"
        for k, b in module.state.items()
    ]
    return ["| name | type | shape | offset in the blob |", "|---|---|---|---|", *rows, ""]


def _example(module: Module, emitted: CSource) -> list[str]:
    """Return a complete program that loads the parameters and calls the first entry point."""
    name, upper = module.name, module.name.upper()
    program = module.programs[0]
    env = dict.fromkeys(program.dims, 1)
    arrays, args = [], []
    for k, buffer in enumerate((*program.inputs, *program.outputs)):
        word = f"{'in' if k < len(program.inputs) else 'out'}{k}"
        count = max(upper_bound(buffer.size, {d: min(1, module.maxima[d]) for d in env}), 1)
        arrays.append(
            f"static {SCALAR_TYPES[buffer.dtype]} {word}[{count}]; /* {plain(buffer.label)} */"
        )
        args.append(word)
    ones = ["1"] * len(program.dims)
    reading = [
        f'    file = fopen("{name}_params.bin", "rb");',
        "    size = file ? fread(blob, 1, sizeof blob, file) : 0;",
        "    if (file) fclose(file);",
        f"    code = {name}_load(net, blob, size);",
    ]
    shown = program.outputs[0] if program.outputs else None
    lines = [
        f'#include "{name}.h"', "#include <stdio.h>", "",
        f"static unsigned char memory[{upper}_CONTEXT_BYTES + {upper}_ALIGNMENT];",
        f"static unsigned char blob[{upper}_BLOB_BYTES];",
        *arrays, "",
        "int main(void) {",
        f"    const size_t beyond = (uintptr_t)memory % {upper}_ALIGNMENT;",
        f"    {name} *net = {name}_init(memory + ({upper}_ALIGNMENT - beyond), "
        f"{upper}_CONTEXT_BYTES);",
        "    FILE *file;", "    size_t size;", "    int code;",
        *reading,
        f"    if (code == 0) code = {name}_{program.name}({', '.join(['net', *ones, *args])});",
        f'    if (code != 0) {{ printf("%s\\n", {name}_error(code)); return 1; }}',
    ]  # fmt: skip
    if shown is not None:
        word = args[len(program.inputs)]
        lines.append(f'    printf("%g\\n", (double){word}[0]);')
    return [*lines, "    return 0;", "}"]
