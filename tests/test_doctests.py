"""The examples in docstrings are run.

Not by ``pytest --doctest-modules``: from the source tree it would import ``passes/`` and
``codegen/`` as top-level packages, a second copy of each of their modules.
"""

import doctest
import importlib
import pkgutil

import pytest

import graphdl
import graphdl.codegen
import graphdl.passes

OPTIONS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


def names():
    found = {"graphdl"}
    for package in (graphdl, graphdl.passes, graphdl.codegen):
        found.add(package.__name__)
        prefix = f"{package.__name__}."
        found.update(info.name for info in pkgutil.walk_packages(package.__path__, prefix))
    return sorted(name for name in found if not name.endswith(".__main__"))


@pytest.mark.parametrize("name", names())
def test_docstring_examples(name):
    result = doctest.testmod(importlib.import_module(name), optionflags=OPTIONS)
    assert result.failed == 0
