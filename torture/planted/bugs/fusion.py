"""Fusion that puts together what does not belong together."""

from __future__ import annotations

from torture.planted.bug import Bug

NAME = "fusion"
_NUMPY = ("tests/codegen/test_numpy_target.py", "-k", "random_graphs")
_LOWERING = ("tests/codegen/test_lowering.py", "tests/codegen/test_evaluate.py")
_PARTITION, _GROUPS = "codegen/lower/partition.py", "codegen/lower/groups.py"

BUGS = (
    Bug(
        _PARTITION,
        "in both and place != form.index(source):",
        "in both and len(place) != len(form.index(source)):",
        _NUMPY,
    ),
    Bug(
        _PARTITION,
        "merged is not None and not self._path_outside(first, second)",
        "merged is not None",
        _LOWERING,
    ),
    Bug(
        _PARTITION,
        "start = self.position[first.members[-1]]",
        "start = self.position[second.members[0]]",
        (*_LOWERING, "tests/codegen/test_running_kernels.py"),
    ),
    Bug(
        _PARTITION,
        "into.before |= gone.before",
        "into.before |= set()",
        _LOWERING,
    ),
    Bug(
        "codegen/lower/loop_nest.py",
        "self.time[source] + (1 if swept and outer_value else 0)",
        "self.time[source]",
        _NUMPY,
    ),
    Bug(
        _GROUPS,
        "same = first.reduced == second.reduced and first.scan == second.scan",
        "same = first.reduced == second.reduced",
        ("tests/codegen/test_running_kernels.py",),
    ),
    Bug(
        _GROUPS,
        "first.kept == second.domain",
        "len(first.kept) == len(second.domain)",
        ("tests/codegen/test_partial_consumers.py",),
    ),
    Bug(
        "codegen/lower/sources.py",
        "i if size == whole else Affine()",
        "i",
        _NUMPY,
    ),
    Bug(
        _PARTITION,
        "if index is None:\n                if self",
        "if index is None:\n                if False and self",
        ("tests/codegen/test_partial_consumers.py",),
    ),
)
