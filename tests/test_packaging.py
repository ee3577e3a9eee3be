"""The package as users get it: wheel, bare checkout, and the lazy face on top of both."""

import ast
import importlib
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import graphdl
from tools.wheel import ROOT, build, copy_clean

FOLDERS = {"graphdl": "graphdl", "passes": "graphdl/passes", "codegen": "graphdl/codegen"}


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """Return a clean copy of the source tree: no caches, nothing that is ignored."""
    copy = tmp_path_factory.mktemp("clean") / "graphdl-checkout"
    copy_clean(copy)
    return copy


@pytest.fixture(scope="module")
def wheel(tree, tmp_path_factory):
    """Return the wheel, built from a copy of its own, since a build leaves litter behind."""
    folder = tmp_path_factory.mktemp("wheel")
    copy_clean(folder / "tree")
    return build(folder / "tree", folder / "dist")


@pytest.fixture(scope="module")
def unpacked(wheel, tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture(params=["tree", "unpacked"])
def place(request):
    """Return a folder which, put on the path, makes graphdl importable."""
    return request.getfixturevalue(request.param)


def run(code, place, cwd):
    """Run code in a fresh interpreter that imports graphdl from a place, and return its JSON."""
    environment = {**os.environ, "PYTHONPATH": str(place), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def expected_files(tree):
    """Return the names that every file of the three folders has in the wheel."""
    return {
        f"{target}/{path.relative_to(tree / folder).as_posix()}"
        for folder, target in FOLDERS.items()
        for path in (tree / folder).rglob("*")
        if path.is_file()
    }


def modules(tree):
    """Return the full names of all modules of the package, in the order of their names."""
    names = (name.removesuffix(".py") for name in expected_files(tree) if name.endswith(".py"))
    dotted = (name.removesuffix("/__init__").replace("/", ".") for name in names)
    return sorted(name for name in dotted if is_module(tree, name))


def is_module(tree, name):
    """Tell modules from templates: every folder on the way down to a module is a package."""
    parents = name.split(".")[1:-1]
    if parents and parents[0] in FOLDERS:
        folder = tree
    else:
        folder = tree / "graphdl"
    return name != "graphdl.__main__" and all(
        folder.joinpath(*parents[: depth + 1], "__init__.py").is_file()
        for depth in range(len(parents))
    )


def test_wheel_holds_every_module_and_data_file_and_nothing_else(tree, wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert names == expected_files(tree)
    assert {"graphdl/py.typed", "graphdl/passes/__init__.py"} <= names


def test_wheel_carries_license_and_command(wheel):
    with zipfile.ZipFile(wheel) as archive:
        info = {Path(name).name: name for name in archive.namelist() if ".dist-info/" in name}
        commands = archive.read(info["entry_points.txt"]).decode()
        metadata = archive.read(info["METADATA"]).decode()
    assert "LICENSE" in info
    assert "graphdl = graphdl.cli:main" in commands
    assert f"\nVersion: {graphdl.__version__}\n" in metadata


def test_every_module_imports_once_from_its_own_place(tree, place, tmp_path):
    code = f"""
import importlib, json, sys
for name in {modules(tree)!r}:
    importlib.import_module(name)
print(json.dumps({{
    name: module.__file__ for name, module in sys.modules.items()
    if (getattr(module, "__file__", None) or "").startswith({str(place)!r})
}}))
"""
    files = run(code, place, tmp_path)
    assert set(modules(tree)) == set(files)
    assert len(set(files.values())) == len(files), "a file was imported under two names"


def test_checkout_exposes_no_other_names(tree, tmp_path):
    code = """
import importlib.util, json, graphdl
names = ["graphdl.graphdl", "graphdl.tests", "graphdl.tools", "graphdl.setup"]
print(json.dumps([name for name in names if importlib.util.find_spec(name)]))
"""
    assert run(code, tree, tmp_path) == []


def test_checkout_is_not_mixed_with_another_one(tree, tmp_path):
    """A finder like that of an editable install elsewhere gets no say over this checkout."""
    other = tmp_path / "passes"
    other.mkdir()
    (other / "__init__.py").write_text("", encoding="utf-8")
    code = f"""
import importlib.machinery, json, sys
class Editable:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == "graphdl.passes":
            return importlib.machinery.PathFinder.find_spec(name, [{str(tmp_path)!r}])
sys.meta_path.append(Editable)
import graphdl.passes
print(json.dumps(graphdl.passes.__file__))
"""
    assert run(code, tree, tmp_path) == str(tree / "passes" / "__init__.py")


def test_import_loads_nothing_heavy(place, tmp_path):
    code = "import json, sys, graphdl; print(json.dumps(sorted(sys.modules)))"
    loaded = set(run(code, place, tmp_path))
    assert "graphdl" in loaded
    assert not loaded & {"sympy", "networkx", "graphviz", "numpy", "typer", "rich"}
    assert not {name for name in loaded if name.startswith(("graphdl.passes", "graphdl.codegen"))}


def test_every_name_of_the_face_resolves():
    for name in dir(graphdl):
        assert getattr(graphdl, name) is not None
    assert {"input", "Graph", "grad", "compile", "draw", "relu", "nn"} <= set(dir(graphdl))


def test_names_survive_the_import_of_every_submodule(tree):
    """No submodule is named like a function of the face: its import would replace the function."""
    for name in modules(tree):
        importlib.import_module(name)
    hidden = [
        name
        for name in dir(graphdl)
        if name not in graphdl._SUBMODULES and isinstance(getattr(graphdl, name), type(ast))
    ]
    assert hidden == []


def test_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="'graphdl' has no attribute 'no_such_name'"):
        graphdl.no_such_name  # noqa: B018 - the access is the test


def test_typed_imports_equal_the_lazy_tables():
    face = ast.parse((ROOT / "graphdl" / "__init__.py").read_text(encoding="utf-8"))
    (block,) = [
        node
        for node in face.body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    ]
    typed = {
        alias.asname: statement.module
        for statement in block.body
        if isinstance(statement, ast.ImportFrom)
        for alias in statement.names
    }
    lazy = {name: f"graphdl.{module}" for name, module in graphdl._HOME.items()}
    assert typed == {**lazy, **dict.fromkeys(graphdl._SUBMODULES, "graphdl")}
