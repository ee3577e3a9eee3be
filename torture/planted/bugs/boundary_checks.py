"""A check at the boundary that lets something through: indices, sizes, arguments, files."""

from __future__ import annotations

from torture.planted.bug import Bug

NAME = "checks at the boundary"
_INDICES = ("tests/ops/test_indexing.py", "-k", "range or indices or refused or read")
_CALLS = ("tests/codegen/binding", "tests/test_compiler.py", "-k", "not threads")

BUGS = (
    Bug(
        "codegen/c/module.py",
        "{element} >= {size_text(check.size)}) return",
        "{element} > {size_text(check.size)}) return",
        _INDICES,
    ),
    Bug(
        "codegen/c/module.py",
        'f"{element} < {size_text(check.low)} || "',
        'f"{element} < {size_text(check.low)} - 1 || "',
        _INDICES,
    ),
    Bug(
        "codegen/numpy/module.py",
        "test = test if dtype is uint8 else below + test",
        "test = test",
        _INDICES,
    ),
    Bug(
        "codegen/lower/index_checks.py",
        "key = (part.leaf if part.is_whole else part, place.size, place.negative)",
        "key = (part.leaf, place.negative)",
        _INDICES,
    ),
    Bug(
        "graphdl/ir/kinds/gather.py",
        'return tuple(mode != "clip" and known_part(i) is not None for i in indices)',
        'return tuple(mode != "clip" for i in indices)',
        _INDICES,
    ),
    Bug(
        "codegen/c/module.py",
        "if ({dim_name(dim)} < 0 || {dim_name(dim)} > {top}) return 1;",
        "if ({dim_name(dim)} < 0) return 1;",
        ("tests/codegen/test_standalone_c.py", "-k", "make_check and adam-vectors and not sanit"),
    ),
    Bug(
        "codegen/toolchain/arguments.py",
        "if maximum is not None and bound[name] > maximum:",
        "if maximum is not None and bound[name] > maximum + 1:",
        _CALLS,
    ),
    Bug(
        "codegen/toolchain/arguments.py",
        "if bound.setdefault(size, given) != given:",
        "if bound.setdefault(size, given) < given:",
        _CALLS,
    ),
    Bug(
        "codegen/state_file.py",
        "if array.shape != like[name].shape or array.dtype != like[name].dtype:",
        "if array.shape != like[name].shape:",
        ("tests/codegen/test_state_file.py",),
    ),
    Bug(
        "codegen/c/blob.py",
        'f"    if (memcmp(in + {16 + self.state_bytes}, &hash, 8) != 0) return 2;",',
        '"",',
        ("tests/codegen/test_standalone_c.py", "-k", "make_check and adam-vectors and not sanit"),
    ),
)
