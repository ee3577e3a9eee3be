"""Mutants by chance: a place of the code, a small change, and the tests of that folder."""

from __future__ import annotations

import functools
import random
from dataclasses import dataclass
from pathlib import Path

from torture.planted.equivalent import EQUIVALENT
from torture.planted.mutations import Mutation, mutations
from torture.planted.scratch import ROOT, Scratch

Stages = tuple[tuple[str, ...], ...]

FOLDERS = (
    "passes",
    "codegen/lower",
    "codegen/c",
    "codegen/numpy",
    "codegen/toolchain",
    "graphdl/ops",
    "graphdl/ir/kinds",
    "graphdl/optim",
)
"""Where mutants are made."""

TEXTS = ("comments.py", "texts.py", "readme.py", "report.py")
"""Files that only write for readers."""

_CODEGEN = "tests/codegen"
_REGISTRY = "tests/ops/test_registry.py"
_BY_FOLDER: dict[str, Stages] = {
    "passes": (
        ("tests/passes", "-k", "not long"),
        ("tests/verification/test_rules.py", "tests/test_differentiation.py", "-k", "not deep"),
        (_REGISTRY, "-k", "interp"),
        ("tests/ops", "tests/ir", "tests/losses", "-k", "not registry and not [c"),
    ),
    "codegen/lower": (
        (f"{_CODEGEN}/test_evaluate.py", f"{_CODEGEN}/test_running_kernels.py",
         f"{_CODEGEN}/test_memory_plan.py", f"{_CODEGEN}/test_lowering.py"),
        (f"{_CODEGEN}/test_numpy_target.py", f"{_CODEGEN}/test_contraction_epilogue.py"),
        (f"{_CODEGEN}/test_edges.py", f"{_CODEGEN}/test_random_graphs.py",
         "tests/ops/test_indexing.py", "-k", "not builds_agree"),
    ),
    "codegen/numpy": (
        (f"{_CODEGEN}/test_numpy_target.py", f"{_CODEGEN}/test_numpy_memory.py",
         f"{_CODEGEN}/test_standalone_numpy.py"),
        (_REGISTRY, "-k", "test_value and numpy"),
        ("tests/ops/test_indexing.py", "tests/ops/test_edges.py", f"{_CODEGEN}/test_edges.py"),
    ),
    "codegen/c/standalone": (
        (f"{_CODEGEN}/test_standalone_c.py", "-k", "not sanit and not modules_without"),
        (f"{_CODEGEN}/test_standalone_selftest.py",),
    ),
    "codegen/c": (
        (f"{_CODEGEN}/test_contraction_epilogue.py", f"{_CODEGEN}/test_edges.py"),
        (f"{_CODEGEN}/test_gemm.py", f"{_CODEGEN}/test_c_runtime.py",
         f"{_CODEGEN}/test_c_runtime_memory.py", f"{_CODEGEN}/test_c_runtime_math.py",
         f"{_CODEGEN}/test_c_runtime_text.py", "-k", "not bounds"),
        (f"{_CODEGEN}/test_c_target.py", "-k", "not sanit"),
        (_REGISTRY, "-k", "test_value and c"),
        ("tests/ops/test_indexing.py", "tests/test_compiler.py",
         f"{_CODEGEN}/test_random_graphs.py"),
    ),
    "codegen/toolchain": (
        (f"{_CODEGEN}/test_toolchain.py", f"{_CODEGEN}/binding"),
        ("tests/test_compiler.py",),
    ),
    "graphdl/ops": (
        (_REGISTRY, "-k", "interp"),
        ("tests/ops", "-k", "not registry and not [c"),
        ("tests/passes", "tests/ir", "tests/verification/test_rules.py", "-k", "not long"),
        ("tests/test_doctests.py", "-k", "ops"),
    ),
    "graphdl/ir/kinds": (
        ("tests/ir", f"{_CODEGEN}/test_evaluate.py"),
        (_REGISTRY, "-k", "interp"),
        ("tests/ops", "-k", "not registry and not [c"),
        (f"{_CODEGEN}/test_numpy_target.py", f"{_CODEGEN}/test_lowering.py", "tests/passes"),
        ("tests/test_doctests.py", "-k", "kinds"),
    ),
    "graphdl/optim": (
        ("tests/optim", "-k", "not [c"),
        ("tests/test_training.py", "tests/test_doctests.py", "-k", "training or optim"),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mutant:
    """A change of one file.

    Attributes
    ----------
    file : str
        Path in the tree.
    mutation : Mutation
        What changes.
    code : str
        The line, as it is.
    """

    file: str
    mutation: Mutation
    code: str

    def __str__(self) -> str:
        return f"{self.file}:{self.mutation.line}: {self.mutation.what}: {self.code}"

    @property
    def stages(self) -> Stages:
        """Tests, the quick ones first; those that name the file's subject before all."""
        folder = max((f for f in _BY_FOLDER if self.file.startswith(f"{f}/")), key=len)
        own: Stages = ()
        if folder == "graphdl/ops":
            own = (("tests/ops", "-k", f"{Path(self.file).stem} and not -c]"),)
        return own + _BY_FOLDER[folder]

    @property
    def equivalent(self) -> str | None:
        """Why no test can tell it from what is right, if that is known."""
        return EQUIVALENT.get((self.file, self.code, self.mutation.what))


@functools.cache
def sites(root: Path = ROOT) -> tuple[Mutant, ...]:
    """Return every mutant there is."""
    found = []
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            lines = text.splitlines()
            if path.name not in TEXTS:
                file = path.relative_to(root).as_posix()
                found += [Mutant(file, m, lines[m.line - 1].strip()) for m in mutations(text)]
    return tuple(dict.fromkeys(found))


def mutant(seed: int, root: Path = ROOT) -> Mutant:
    """Return the mutant of a number; folders have equal shares."""
    rng = random.Random(seed)
    folder = FOLDERS[seed % len(FOLDERS)]
    return rng.choice([m for m in sites(root) if m.file.startswith(f"{folder}/")])


def survives(scratch: Scratch, tried: Mutant) -> str | None:
    """Run the tests on a mutant, stage by stage; return a finding if none of them fails."""
    path = scratch.root / tried.file
    text = tried.mutation.of(path.read_text(encoding="utf-8"))
    for tests in tried.stages:
        clean = scratch.clean(tests)
        if clean.code == 5:
            continue  # none is chosen
        if not clean.passed:
            return f"{tried}: without the mutant, too: {clean.first_failure}"
        if not scratch.with_text(path, text, tests).passed:
            return None
    return f"{tried}: survived"
