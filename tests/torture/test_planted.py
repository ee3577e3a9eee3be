"""Planted bugs, mutants and corrupted rules: what the trials of the checks themselves rest on."""

import ast
from pathlib import Path

import pytest

from torture.planted import by_class, planted
from torture.planted.bug import Bug
from torture.planted.corrupted import corruptions
from torture.planted.equivalent import EQUIVALENT
from torture.planted.generated import FOLDERS, mutant, sites, survives
from torture.planted.mutations import mutations
from torture.planted.scratch import ROOT, Scratch
from torture.trials import mutants

PROMISED = {
    "an op's gradient", "a kind's derivative", "a rewrite", "fusion", "the arena plan",
    "the C math", "the NumPy printer", "the state update",
}  # fmt: skip


def test_every_class_has_bugs():
    counts = {name: len(bugs) for name, bugs in by_class().items()}
    assert counts.keys() >= PROMISED
    assert all(count >= 5 for count in counts.values()), counts


@pytest.mark.parametrize(("kind", "bug"), planted(), ids=str)
def test_a_planted_bug_is_up_to_date(kind, bug):
    path = bug.file(ROOT)
    text = path.read_text("utf-8")
    changed = bug.planted(text)
    assert changed != text
    if path.suffix == ".py":
        ast.parse(changed)
    files = [word.partition("::")[0] for word in bug.tests if word.startswith("tests/")]
    assert files
    assert all((ROOT / file).exists() for file in files)


TREE = {
    "code/one.py": "def f(x):\n    return x + 1\n",
    "code/two.py": "LIMIT = 3\n",
    "tests/test_f.py": "from code_one import f\n\ndef test_f():\n    assert f(1) == 2\n",
    "tests/test_loose.py": "from code_one import f\n\ndef test_loose():\n    assert f(1) > 0\n",
    "tests/test_ends.py": "from code_one import f\n\ndef test_ends():\n    while f(1) < 2: pass\n",
    "tests/test_broken.py": "def test_broken():\n    assert False\n",
    "code_one.py": "from importlib import import_module\nfrom pathlib import Path\n"
    "exec((Path(__file__).parent / 'code/one.py').read_text())\n",
}


@pytest.fixture
def tree(tmp_path):
    for name, text in TREE.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


@pytest.fixture
def scratch(tree, monkeypatch):
    monkeypatch.setattr("torture.planted.scratch._LEAST_SECONDS", 3.0)
    monkeypatch.setattr("torture.planted.scratch._TIMES_SLOWER", 1.0)
    copy = Scratch(tree)
    yield copy
    copy.close()


def bug(tests, old="x + 1", place="code"):
    return Bug(place, old, "x + 0", (tests,))


@pytest.mark.parametrize(
    ("planted_bug", "finding"),
    [
        (bug("tests/test_f.py"), None),
        (bug("tests/test_f.py", place="code/one.py"), None),
        (bug("tests/test_ends.py"), None),
        (bug("tests/test_loose.py"), "survived tests/test_loose.py"),
        (bug("tests/test_f.py", "x + 2"), "out of date: the text occurs 0 times"),
        (bug("tests/test_f.py", " "), "out of date: the text occurs"),
        (bug("tests/test_broken.py"), "without the bug, too: tests/test_broken.py::test_broken"),
        (bug("tests/test_none.py"), "without the bug, too"),
    ],
    ids=["found", "in a file", "does not end", "survives", "gone", "twice", "broken", "no test"],
)
def test_what_is_found_and_what_is_a_finding(scratch, tree, planted_bug, finding):
    found = mutants.tried(scratch, "a class", planted_bug)
    assert found is None if finding is None else finding in found
    for name in TREE:
        assert (scratch.root / name).read_text("utf-8") == TREE[name], "it is as it was"
    assert not list(scratch.root.rglob("*.kept"))
    assert (tree / "code/one.py").read_text("utf-8") == TREE["code/one.py"]


TEXT = '''
"""A docstring with 1 + 1."""
from x import y
if TYPE_CHECKING:
    import z

@decorated(1 + 1)
def f(a: int | 3, b, *c) -> 4:
    assert a + 1
    if a < b and not (a == 2):
        raise ValueError("1" + f"{a + 1}")
    return g(a, b) % 2.5 if b is not None else -a  # Größe
'''


def test_what_is_changed_and_what_is_left_alone():
    found = {m.what for m in mutations(TEXT)}
    assert found == {
        "< -> <=", "and -> or", "not a == 2 -> a == 2", "== -> !=", "2 -> 3", "a <-> b",
        "% -> //", "2.5 -> 3.5", "is not -> is",
    }  # fmt: skip
    for mutation in mutations(TEXT):
        changed = mutation.of(TEXT)
        assert ast.dump(ast.parse(changed)) != ast.dump(ast.parse(TEXT))
        pairs = zip(TEXT.splitlines(), changed.splitlines(), strict=True)
        assert [n for n, (a, b) in enumerate(pairs, 1) if a != b] == [mutation.line]


def test_mutants_go_by_their_number_and_lie_in_all_folders():
    chosen = [mutant(seed) for seed in range(64)]
    assert chosen == [mutant(seed) for seed in range(64)]
    assert len(set(chosen)) > 60
    assert {f for f in FOLDERS if any(m.file.startswith(f"{f}/") for m in chosen)} == set(FOLDERS)
    for made in chosen:
        ast.parse(made.mutation.of((ROOT / made.file).read_text("utf-8")))
        assert made.stages
        for word in (w for stage in made.stages for w in stage if w.startswith("tests/")):
            assert Path(ROOT, word).exists(), word


def test_known_equivalents_are_still_there():
    known = {(m.file, m.code, m.mutation.what) for m in sites()}
    assert EQUIVALENT.keys() <= known
    assert all(len(reason) > 20 for reason in EQUIVALENT.values())


def test_a_mutant_survives_only_all_stages(scratch, monkeypatch):
    (made,) = [m for m in mutations(TREE["code/one.py"]) if m.what == "+ -> -"]
    one = type(mutant(0))("code/one.py", made, "return x + 1")
    for stages, finding in [
        ((("tests/test_loose.py",), ("tests/test_f.py",)), None),
        ((("tests/test_none_of.py", "-k", "x"),), "without the mutant, too"),
        ((("tests/test_loose.py", "-k", "nothing"), ("tests/test_f.py",)), None),
    ]:
        monkeypatch.setattr(type(one), "stages", stages)
        found = survives(scratch, one)
        assert found is None if finding is None else finding in found


def test_corruptions_cover_all_kinds_and_ways():
    found = corruptions()
    assert {c.way for c in found} == {"sign", "scale", "dropped sum", "swapped arguments"}
    kinds = {c.node.op.kind for c in found}
    assert kinds == {
        "elementwise", "contract", "view", "assembly", "reduce", "prefix", "gather", "scatter",
        "composite",
    }  # fmt: skip
    assert len({c.node.op for c in found}) > 100


@pytest.mark.parametrize("way", ["sign", "scale", "dropped sum", "swapped arguments"])
def test_some_corruptions_of_each_way_are_refuted(way, monkeypatch, tmp_path):
    monkeypatch.setenv("GRAPHDL_CACHE_DIR", str(tmp_path))
    chosen = [c for c in corruptions() if c.way == way]
    for corruption in chosen[:: len(chosen) // 4]:
        assert corruption.verdict() == "refuted", str(corruption)
