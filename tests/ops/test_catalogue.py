"""The catalogue as a whole: ops are open, and nobody but an op's own file knows its name."""

import ast
import pkgutil
import statistics
from pathlib import Path

import pytest

import graphdl as gd
import graphdl.ops
from graphdl.ir.instructions import INSTRUCTIONS
from graphdl.ir.kinds import OPS, LeafOp, ReduceOp

ROOT = Path(__file__).parents[2]
READERS = sorted(p for folder in ("passes", "codegen") for p in (ROOT / folder).rglob("*.py"))
MOST_LINES = 40
TARGETS_OWN_WORDS = {
    "codegen/c/gemm.py": {"dot"},
    "codegen/c/gemm_direct.py": {"dot"},
    "codegen/c/gemm_model.py": {"dot"},
    "codegen/c/gemm_text.py": {"dot", "transpose"},
    "codegen/c/runtime/arithmetic.py": {"prod", "sum"},
    "codegen/diagram/dot.py": {"step"},
    "codegen/lower/comments.py": {"all", "any"},
    "codegen/numpy/module.py": {"all", "any", "slice", "step"},
    "codegen/numpy/translate.py": {"take"},
    "codegen/numpy/reduce.py": {"ones"},
}
"""Names of functions in emitted source, and of what comments call a reduction."""


def vocabulary() -> set[str]:
    """Return names of ops that are words of the closed sets, too: instructions, kinds, leaves."""
    words = {w for i in INSTRUCTIONS.values() for w in (i.name, i.numpy)}
    words |= {op.kind for op in OPS.values()} | {op.name for op in OPS.values() if is_leaf(op)}
    return words | {op.combine for op in OPS.values() if isinstance(op, ReduceOp)}


def is_leaf(op) -> bool:
    return isinstance(op, LeafOp)


def strings(tree: ast.AST) -> list[ast.Constant]:
    """Return string literals, but not keys of the table of what nodes' operators call."""
    table = {
        id(n.slice)
        for n in ast.walk(tree)
        if isinstance(n, ast.Subscript) and getattr(n.value, "id", "") == "operators"
    }
    return [
        n
        for n in ast.walk(tree)
        if isinstance(n, ast.Constant) and isinstance(n.value, str) and id(n) not in table
    ]


@pytest.mark.parametrize("path", READERS, ids=lambda p: str(p.relative_to(ROOT)))
def test_passes_and_printers_know_no_op(path):
    own = TARGETS_OWN_WORDS.get(path.relative_to(ROOT).as_posix(), set())
    names = ({*gd.ops.FUNCTIONS} | OPS.keys()) - vocabulary() - own
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = [f"{n.value} in line {n.lineno}" for n in strings(tree) if n.value in names]
    assert found == []
    imported = [n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]
    assert [m for m in imported if m.startswith("graphdl.ops")] == []


def compares_a_name(node: ast.AST) -> bool:
    """Whether this is ``node.op.name == "relu"``, or the like."""
    if not isinstance(node, ast.Compare):
        return False
    sides = [node.left, *node.comparators]
    written = any(isinstance(c, ast.Constant) for side in sides for c in ast.walk(side))
    return written and any(ast.unparse(side).endswith("op.name") for side in sides)


def test_nobody_asks_for_an_ops_name():
    sources = [*READERS, *(ROOT / "graphdl").rglob("*.py")]
    found = [
        f"{path.relative_to(ROOT)}:{n.lineno}"
        for path in sources
        for n in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if compares_a_name(n)
    ]
    assert found == []


def test_an_op_is_a_short_file():
    folder = Path(graphdl.ops.__file__).parent
    files = [folder / f"{m.name}.py" for m in pkgutil.iter_modules(graphdl.ops.__path__)]
    lengths = [len(f.read_text(encoding="utf-8").splitlines()) for f in files]
    assert statistics.median(lengths) <= MOST_LINES
