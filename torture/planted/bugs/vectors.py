"""Vector loops that read or write beside, or forget a lane."""

from __future__ import annotations

from torture.planted.bug import Bug

NAME = "vector loops and tails"
_TAILS = ("tests/codegen/test_edges.py", "-k", "tails or reductions or updates")
_MEMORY = ("tests/codegen/test_c_runtime_memory.py",)

BUGS = (
    Bug(
        "codegen/c/loops.py",
        'name = self.family.call("keep_n", dtype, name, count, keep)',
        "pass",
        ("tests/codegen/test_reduced_tails.py",),
    ),
    Bug(
        "codegen/c/loops.py",
        'if not isinstance(axis.size, int) or axis.size % 16 or start != "0":',
        'if not isinstance(axis.size, int) or axis.size % 4 or start != "0":',
        _TAILS,
    ),
    Bug(
        "codegen/c/loops.py",
        '"const int64_t {part} = ({size} / {CHUNKS} / {lanes} + 1) * {lanes};"',
        '"const int64_t {part} = ({size} / {CHUNKS} / {lanes}) * {lanes};"',
        _TAILS,
    ),
    Bug(
        "codegen/c/nest.py",
        "gone.size * axis.size",
        "axis.size * axis.size",
        ("tests/codegen/test_merged_axes.py",),
    ),
    Bug(
        "codegen/c/nest.py",
        "total += 2 if stride == 1 else 0 if stride == 0 else -1\n            if any(",
        "total += 2 if stride == 1 else 0 if stride == 0 else -1\n            if False and any(",
        ("tests/ops/test_registry.py", "-k", "test_value and (gather or take) and c"),
    ),
    Bug(
        "codegen/c/runtime/memory.py",
        '_SOME = "for (int k = 0; k < $L; k++) if (k < n) "',
        '_SOME = "for (int k = 0; k < $L; k++) if (k <= n) "',
        _MEMORY,
    ),
    Bug(
        "codegen/c/runtime/arithmetic.py",
        "halves = [h for h in (8, 4, 2) if h * x.bits <= 8 * 32]",
        "halves = [h for h in (8, 2) if h * x.bits <= 8 * 32]",
        _MEMORY,
    ),
    Bug(
        "codegen/c/states.py",
        "_at = {position}; }}",
        "_at = {position} + 1; }}",
        ("tests/ops/test_registry.py", "-k", "test_value and argm and c"),
    ),
    Bug(
        "codegen/c/loops.py",
        "return any(not self.nest.places[s.access].terms.get(axis, 0) for s in stores)",
        "return False",
        ("tests/codegen/test_lanes_that_meet.py",),
    ),
)
