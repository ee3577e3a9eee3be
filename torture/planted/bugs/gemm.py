"""Products of matrices that go wrong at an edge, or in what follows them."""

from __future__ import annotations

from torture.planted.bug import Bug

NAME = "matrix products and their epilogues"
_GEMM = ("tests/codegen/test_gemm.py", "-k", "triple_loop or bounds")
_SMALL = ("tests/codegen/test_edges.py", "-k", "small_size")
_EPILOGUE = (
    "tests/codegen/test_contraction_epilogue.py",
    "tests/codegen/test_edges.py",
    "-k",
    "another_dtype or small_size or updates",
)

BUGS = (
    Bug(
        "codegen/c/gemm_text.py",
        "full = b_row > 0 ? k - (LANES - last + b_row - 1) / b_row : 0;",
        "full = k;",
        _GEMM,
    ),
    Bug(
        "codegen/c/gemm_text.py",
        "    for (; p < k; ++p) {\n        total += x[p] * y[p];\n    }\n",
        "",
        _GEMM,
    ),
    Bug(
        "codegen/c/gemm_text.py",
        "y[c] = c < used - r ? x[c] : 0;",
        "y[c] = c < used - r - 1 ? x[c] : 0;",
        _GEMM,
    ),
    Bug(
        "codegen/c/gemm_text.py",
        "block[r] = r < rows ? @v_load_n(x + r * s_r, cols) : @v_set(0);",
        "block[r] = r < rows ? @v_load(x + r * s_r) : @v_set(0);",
        _GEMM,
    ),
    Bug(
        "codegen/c/gemm_print.py",
        'f"if (g_count >= {width}) {{",',
        'f"if (g_count > 0) {{",',
        (*_GEMM[:1],),
    ),
    Bug(
        "codegen/c/gemm_print.py",
        'return f"{left} < {block} ? {left} : {block}"',
        'return f"{block}"',
        (*_GEMM[:1],),
    ),
    Bug(
        "codegen/c/contraction.py",
        "rows, columns, left, right = columns, rows, right, left",
        "rows, columns = columns, rows",
        ("tests/codegen/test_contraction_operands.py",),
    ),
    Bug(
        "codegen/c/contraction.py",
        "printer.loops = {row.name: i, column.name: j}",
        "printer.loops = {row.name: j, column.name: i}",
        _EPILOGUE,
    ),
    Bug(
        "codegen/c/contraction.py",
        'step += f" % {size_text(axis.size)}"',
        "pass",
        ("tests/codegen/test_contraction_operands.py",),
    ),
)
