"""The graphs of all examples: what their ``model()`` or ``build()`` returns."""

from __future__ import annotations

import ast
import importlib.util
import sys
from collections.abc import Iterable
from pathlib import Path

import graphdl as gd

FOLDER = Path(__file__).parents[1] / "examples"
MAKERS = ("model", "build")


def example_graphs() -> dict[str, list[gd.Graph]]:
    """Return the entry points of the examples that have any, by the file's name.

    An example has them if it defines a function ``model`` or ``build`` that needs no argument and
    returns graphs, alone, as a list, or as the fields of an object.
    """
    found = {}
    for path in sorted(FOLDER.glob("*.py")):
        for maker in MAKERS:
            if _defines(path, maker) and (graphs := list(_graphs(_called(path, maker)))):
                found[path.stem] = graphs
                break
    return found


def _defines(path: Path, name: str) -> bool:
    """Say whether a file has such a function without arguments that must be given."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return len(node.args.args) == len(node.args.defaults)
    return False


def _called(path: Path, maker: str) -> object:
    spec = importlib.util.spec_from_file_location(f"examples.{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(FOLDER))  # where a script finds its neighbours
    sys.modules[spec.name] = module  # dataclasses look themselves up there
    try:
        spec.loader.exec_module(module)
        return getattr(module, maker)()
    finally:
        sys.path.remove(str(FOLDER))


def _graphs(result: object) -> Iterable[gd.Graph]:
    if isinstance(result, gd.Graph):
        yield result
    elif isinstance(result, list | tuple):
        yield from (g for g in result if isinstance(g, gd.Graph))
    else:
        yield from (g for g in vars(result).values() if isinstance(g, gd.Graph))
