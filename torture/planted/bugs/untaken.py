"""NaN and infinity where a branch was not taken, and ties counted twice."""

from __future__ import annotations

from torture.planted.bug import Bug

NAME = "untaken branches and duplicates"
_UNTAKEN = ("tests/passes/test_untaken.py",)

BUGS = (
    Bug(
        "passes/untaken.py",
        'if instruction.infix in ("*", "/") and self._is_singular(node):',
        "if False:",
        _UNTAKEN,
    ),
    Bug(
        "passes/untaken.py",
        "if self.ranges[factor] is None:",
        "if False:",
        ("tests/passes/test_untaken_products.py",),
    ),
    Bug(
        "passes/untaken.py",
        "        if known is None:\n            return factor\n",
        "        return factor\n",
        _UNTAKEN,
    ),
    Bug(
        "passes/untaken.py",
        "if self.taken.condition(x) is not None:",
        "if False:",
        ("tests/passes/test_untaken_products.py", *_UNTAKEN),
    ),
    Bug(
        "codegen/c/states.py",
        'nan = f" || ({value} != {value} && {name} == {name})" if dtype.is_float else ""',
        'nan = ""',
        ("tests/codegen/test_edges.py", "-k", "special or zeros"),
    ),
    Bug(
        "graphdl/ops/max.py",
        "chosen = equal(_places(x.shape, axes), winner)",
        "chosen = equal(x, expand_dims(node, axes))",
        ("tests/ops/test_edges.py", "tests/ops/test_function_edges.py"),
    ),
    Bug(
        "codegen/lower/build.py",
        "Store(Access(s.access.buffer, node.shape, target, at), value, node.op.combine)",
        'Store(Access(s.access.buffer, node.shape, target, at), value, "set")',
        ("tests/ops/test_indexing.py",),
    ),
)
