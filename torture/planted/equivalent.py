"""Mutants that no test can find, because they compute the same, and why."""

from __future__ import annotations

_MODEL = "a guess of costs: which of two right ways is taken"

EQUIVALENT: dict[tuple[str, str, str], str] = {
    (
        "codegen/toolchain/cache.py",
        "_LOCK_SECONDS = 900.0",
        "900.0 -> 901.0",
    ): "a lock is waited for a second longer",
    (
        "codegen/c/gemm_model.py",
        "vector_bytes, item_bytes = (0, 0) if near else"
        " (tile.lanes * gemm.item_bytes, gemm.item_bytes)",
        "0 -> 1",
    ): _MODEL,
    (
        "codegen/c/gemm_model.py",
        "if plain and min(m, n) <= 2 and gemm.a_col.value == 1"
        " and gemm.b_row.value == 1 and k >= 32:",
        "32 -> 33",
    ): _MODEL,
    (
        "codegen/lower/partition.py",
        "(first, second) if len(first.members) >= len(second.members) else (second, first)",
        ">= -> >",
    ): "of two equally long groups either may take the other in",
    (
        "codegen/numpy/translate.py",
        "out = self.register(access.buffer.dtype, trimmed(order, self.domain))",
        "order <-> self.domain",
    ): "a gather among others has all their loops, in their order",
    ("codegen/numpy/views.py", "if step > 0:", "> -> >="): "the step of a term is never 0",
    (
        "passes/conditions.py",
        "if any(s not in (1, full)"
        " for s, full in zip(source.shape, view.shape[new:], strict=True)):",
        "True -> False",
    ): "both are always equally long",
}
"""From file, line and change to the reason."""
