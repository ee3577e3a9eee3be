"""Values in the wrong dtype."""

from __future__ import annotations

from torture.planted.bug import Bug

NAME = "dtype promotion"
_TYPES = ("tests/ir/test_dtypes.py", "tests/ops/test_integers.py")
_EDGES = ("tests/codegen/test_edges.py", "-k", "integers or casts or bools or constants")

BUGS = (
    Bug(
        "graphdl/ir/dtypes.py",
        "return max(dtypes, key=lambda d: d.rank)",
        "return max(dtypes, key=lambda d: d.itemsize)",
        _TYPES,
    ),
    Bug(
        "codegen/lower/pull.py",
        "args = [cast(a, int32 if joint is bool_ else joint) for a in args]",
        "args = [cast(a, args[0].dtype) for a in args]",
        _EDGES,
    ),
    Bug(
        "codegen/lower/pull.py",
        '{"add": "or", "mul": "and", "max": "or", "min": "and"}',
        '{"add": "xor", "mul": "and", "max": "or", "min": "and"}',
        _EDGES,
    ),
    Bug(
        "codegen/lower/pull.py",
        "args = [*args[:kept], *(cast(a, dtype) for a in args[kept:])]",
        "args = [*args[:kept], *args[kept:]]",
        (*_TYPES, "tests/codegen/test_evaluate.py"),
    ),
    Bug(
        "codegen/c/values.py",
        "return family.wrapped(result, value.dtype) if instruction.wraps else result",
        "return result",
        ("tests/codegen/test_edges.py", "-k", "integers_wrap"),
    ),
    Bug(
        "codegen/numpy/text.py",
        "        return repr(int(value))\n",
        "        return repr(float(value))\n",
        ("tests/codegen/test_literals.py", "-k", "whole"),
    ),
)
