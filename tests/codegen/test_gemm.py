"""Emitted contractions against a plain triple loop, in C programs of their own.

All data are small integers, so every order of summation gives the same, exact result; a
second run on fractions checks that the number of threads doesn't change one bit.
"""

from __future__ import annotations

import os
import random
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from graphdl.codegen.c import runtime
from graphdl.codegen.c.gemm import Emitted, Gemm, Size, Strategy, emit

CC = os.environ.get("CC", "cc")
FLAGS = ("-std=gnu99", "-O2", "-ffp-contract=fast", "-Wall", "-Wextra", "-Werror")
MODES = {
    "64": ("-march=native", "-DGRAPHDL_VECTOR_BYTES=64"),
    "32": ("-march=native", "-DGRAPHDL_VECTOR_BYTES=32"),
    "16": ("-DGRAPHDL_VECTOR_BYTES=16",),
    "portable": ("-DGRAPHDL_PORTABLE",),
}
LAYOUTS = ("plain", "transposed", "strided")
CTYPE = {"f32": "float", "f64": "double"}

HARNESS = r"""
static int team = 1;
static unsigned state = 1;
static int draw(void)
{
    state = state * 1664525u + 1013904223u;
    return (int)(state >> 16) % 9 - 4;
}
typedef struct { int64_t m, n, k, a_row, a_col, b_row, b_col, a_size, b_size, scratch; } Run;
"""

CHECK = r"""
typedef void @_kernel(const $ *, const $ *, const $ *, $ *, $ *, int64_t, int64_t, int64_t);
static int @_check(@_kernel *kernel, const Run *run, int relu_a, int relu_b)
{
    const int64_t m = run->m, n = run->n, k = run->k, row = n + 3;
    $ *const a = malloc((size_t)run->a_size * sizeof($));
    $ *const b = malloc((size_t)run->b_size * sizeof($));
    $ *const bias = malloc((size_t)n * sizeof($));
    $ *const c = malloc((size_t)(m * row) * sizeof($));
    $ *const first = malloc((size_t)(m * row) * sizeof($));
    void *scratch = NULL;
    if (run->scratch && posix_memalign(&scratch, 64, (size_t)run->scratch)) return 1;
    int bad = 0;
    for (int fractions = 0; fractions < 2; ++fractions) {
        const $ unit = fractions ? ($)0.37 : 1;
        for (int64_t t = 0; t < run->a_size; ++t) a[t] = unit * draw();
        for (int64_t t = 0; t < run->b_size; ++t) b[t] = unit * draw();
        for (int64_t t = 0; t < n; ++t) bias[t] = unit * draw();
        const int teams[] = {1, 2, 3, 8};
        for (int t = 0; t < 4; ++t) {
            for (int64_t i = 0; i < m * row; ++i) c[i] = 77;
            team = teams[t];
            kernel(a, b, bias, c, scratch, m, n, k);
            if (t == 0) memcpy(first, c, (size_t)(m * row) * sizeof($));
            else bad |= memcmp(first, c, (size_t)(m * row) * sizeof($)) != 0;
        }
        for (int64_t i = 0; i < m && !fractions; ++i) {
            for (int64_t j = 0; j < row; ++j) {
                $ want = 77;
                if (j < n) {
                    want = 0;
                    for (int64_t p = 0; p < k; ++p) {
                        const $ x = a[i * run->a_row + p * run->a_col];
                        const $ y = b[p * run->b_row + j * run->b_col];
                        want += (relu_a && x < 0 ? 0 : x) * (relu_b && y < 0 ? 0 : y);
                    }
                    want += bias[j];
                }
                bad |= want != c[i * row + j];
            }
        }
    }
    free(a); free(b); free(bias); free(c); free(first); free(scratch);
    return bad;
}
"""


@dataclass(frozen=True)
class Case:
    """One kernel and the sizes it is run with; static kernels have one run."""

    runs: tuple[tuple[int, int, int], ...]
    layout_a: str = "plain"
    layout_b: str = "plain"
    dtype: str = "f32"
    relu_a: bool = False
    relu_b: bool = False
    threads: int = 1
    symbolic: bool = False
    strategy: Strategy | None = None


def strides(layout: str, rows: int, cols: int) -> tuple[int, int, int]:
    """Return the strides of rows and columns and the elements of a whole operand."""
    row, col = {
        "plain": (cols, 1),
        "transposed": (1, rows),
        "strided": (2 * cols + 1, 2),
    }[layout]
    size = (rows - 1) * row + (cols - 1) * col + 1 if rows and cols else 0
    return row, col, size


def symbolic_strides(layout: str, rows: Size, cols: Size) -> tuple[Size, Size]:
    double = Size(f"2 * {cols.text} + 1", None, 2 * cols.maximum + 1)
    return {
        "plain": (cols, Size.of(1)),
        "transposed": (Size.of(1), rows),
        "strided": (double, Size.of(2)),
    }[layout]


def gemm_of(case: Case, name: str) -> Gemm:
    maxima = [max(run[axis] for run in case.runs) for axis in range(3)]
    if case.symbolic:
        m, n, k = (Size(text, None, top) for text, top in zip("MNK", maxima, strict=True))
        a_row, a_col = symbolic_strides(case.layout_a, m, k)
        b_row, b_col = symbolic_strides(case.layout_b, k, n)
    else:
        m, n, k = (Size.of(value) for value in maxima)
        a_row, a_col = map(Size.of, strides(case.layout_a, maxima[0], maxima[2])[:2])
        b_row, b_col = map(Size.of, strides(case.layout_b, maxima[2], maxima[1])[:2])
    vector = f"{case.dtype}v"

    def epilogue(acc: str, i: str, j: str, count: str | None) -> list[str]:
        to = f"c + {i} * (N + 3) + {j}"
        if count is None:
            return [f"{vector}_store({to}, {acc} + {vector}_load(bias + {j}));"]
        bias = f"{vector}_load_n(bias + {j}, {count})"
        return [f"{vector}_store_n({to}, {acc} + {bias}, {count});"]

    def load_a(row: str, col: str) -> str:
        at = f"row_of_a[{col} * ({a_col.text})]"
        return f"({at} < 0 ? 0 : {at})"

    def begin_a(row: str) -> list[str]:
        return [f"const {CTYPE[case.dtype]} *const row_of_a = a + {row} * ({a_row.text});"]

    def load_b(row: str, col: str) -> str:
        at = f"b[{row} * ({b_row.text}) + {col} * ({b_col.text})]"
        return f"({at} < 0 ? 0 : {at})"

    return Gemm(
        name, case.dtype, m, n, k, "a", a_row, a_col, "b", b_row, b_col, epilogue,
        load_a=load_a if case.relu_a else None,
        begin_a=begin_a if case.relu_a else None,
        load_b=load_b if case.relu_b else None,
        threads=case.threads,
    )  # fmt: skip


def kernel_text(case: Case, name: str, emitted: Emitted) -> list[str]:
    ctype = CTYPE[case.dtype]
    return [
        f"static void {name}(const {ctype} *a, const {ctype} *b, const {ctype} *bias, {ctype} *c,"
        f" {ctype} *scratch, int64_t M, int64_t N, int64_t K)",
        "{",
        "(void)a; (void)b; (void)bias; (void)scratch; (void)M; (void)N; (void)K;",
        *emitted.lines,
        "}",
    ]


def program(cases: list[Case]) -> str:
    """Return a C program that runs all cases and exits with the number of the first bad one."""
    shared: dict[str, None] = {}
    names: set[str] = set()
    kernels: list[str] = []
    main = ["int main(void)", "{"]
    for number, case in enumerate(cases):
        emitted = emit(gemm_of(case, f"k{number}"), case.strategy)
        shared.update(dict.fromkeys(emitted.functions))
        names |= emitted.runtime
        kernels += kernel_text(case, f"k{number}", emitted)
        for m, n, k in case.runs:
            a_row, a_col, a_size = strides(case.layout_a, m, k)
            b_row, b_col, b_size = strides(case.layout_b, k, n)
            main += [
                f"    if ({case.dtype}_check(k{number}, &(Run){{{m}, {n}, {k}, {a_row}, {a_col},"
                f" {b_row}, {b_col}, {a_size}, {b_size}, {emitted.scratch}}},"
                f" {case.relu_a:d}, {case.relu_b:d})) {{",
                f'        puts("{number} {m} {n} {k}");',
                "        return 1;",
                "    }",
            ]
    checks = [
        CHECK.replace("@", dtype).replace("$", CTYPE[dtype])
        for dtype in sorted({case.dtype for case in cases})
    ]
    parts = [
        "#define _POSIX_C_SOURCE 200112L",
        "#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>",
        runtime.source(names), HARNESS, "#define GRAPHDL_THREADS team",
        *shared, *kernels, *checks, *main, "    return 0;", "}",
    ]  # fmt: skip
    return "\n".join(parts) + "\n"


@cache
def openmp() -> tuple[str, ...]:
    """Return the flag for threads, or nothing where the compiler has no OpenMP library."""
    with tempfile.TemporaryDirectory() as folder:
        built = subprocess.run(
            [CC, "-fopenmp", "-x", "c", "-", "-o", f"{folder}/probe"],
            input="int main(void) { return 0; }", capture_output=True, text=True, check=False,
        )  # fmt: skip
    return ("-fopenmp",) if built.returncode == 0 else ()


def check(cases: list[Case], folder: Path, *flags: str) -> None:
    source = folder / "cases.c"
    source.write_text(program(cases), encoding="utf-8")
    target = folder / "cases"
    built = subprocess.run(
        [CC, *FLAGS, *openmp(), *flags, str(source), "-o", str(target), "-lm"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert built.returncode == 0, built.stderr[:4000]
    done = subprocess.run([str(target)], capture_output=True, text=True, check=False)
    bad = done.stdout.split()
    assert done.returncode == 0, (bad and cases[int(bad[0])], done.stdout, done.stderr[:4000])


def random_cases(seed: int, count: int) -> list[Case]:
    draw = random.Random(seed)
    extents = (0, 1, 2, 3, 7, 10, 16, 17, 31, 32, 33, 48, 65, 100)
    cases = []
    for number in range(count):
        symbolic = number % 3 == 2
        runs = tuple(
            (draw.choice(extents), draw.choice(extents), draw.choice(extents))
            for _ in range(6 if symbolic else 1)
        )
        cases.append(
            Case(
                runs,
                layout_a=LAYOUTS[number % 3],
                layout_b=LAYOUTS[number // 3 % 3],
                dtype=draw.choice(("f32", "f32", "f64")),
                relu_a=draw.random() < 0.25,
                relu_b=draw.random() < 0.25,
                threads=draw.choice((1, 8)),
                symbolic=symbolic,
                strategy=draw.choice((None, "direct", "packed")),
            )
        )
    return cases


LARGE = [
    Case(((150, 1100, 70),), threads=8),
    Case(((64, 200, 600),), "transposed", "transposed", threads=8),
    Case(((1, 1, 1), (1030, 40, 530), (15, 33, 0)), symbolic=True, threads=8, strategy="packed"),
    Case(((1030, 40, 530),), "plain", "transposed", dtype="f64", relu_a=True, threads=8),
    Case(((128, 128, 64),), threads=8, strategy="direct"),
]
EDGES = [
    *(Case(((m, n, 40),), "plain", "transposed", strategy="dot")
      for m, n in ((1, 1), (1, 37), (37, 1), (2, 16), (0, 4))),
    Case(((1, 50, 90),)),
    Case(((1, 130, 200), (3, 1, 0), (29, 17, 20)), symbolic=True),
    Case(((32, 10, 24),), relu_a=True, relu_b=True),
    Case(((0, 5, 5),)), Case(((5, 0, 5),)), Case(((5, 5, 0),)),
    Case(((5, 5, 0),), strategy="packed"),
]  # fmt: skip


@pytest.mark.parametrize("mode", MODES)
def test_matches_triple_loop(mode: str, tmp_path: Path) -> None:
    check([*EDGES, *LARGE, *random_cases(1, 18)], tmp_path, *MODES[mode])


@pytest.mark.parametrize("mode", ["32", "portable"])
def test_stays_in_bounds(mode: str, tmp_path: Path) -> None:
    cases = [*EDGES, *random_cases(2, 9)]
    flags = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")
    check(cases, tmp_path, *MODES[mode], *flags)


def test_same_text_twice() -> None:
    case = Case(((64, 200, 600),), threads=4)
    assert emit(gemm_of(case, "twice")) == emit(gemm_of(case, "twice"))


def test_small_sites_need_no_scratch() -> None:
    assert emit(gemm_of(Case(((32, 128, 64),)), "site")).scratch == 0


def test_text_is_narrow_and_ascii() -> None:
    emitted = emit(gemm_of(Case(((256, 2048, 2048),), threads=2), "wide"))
    text = "\n".join([*emitted.functions, *emitted.lines])
    assert text.isascii()
    assert max(map(len, text.splitlines())) <= 100
