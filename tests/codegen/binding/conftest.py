"""The toy library, opened by each binding there is."""

from pathlib import Path

import pytest

from graphdl.codegen.toolchain.binding import Library
from graphdl.codegen.toolchain.cache import load
from graphdl.codegen.toolchain.compiler import Compiler
from graphdl.codegen.toolchain.extension import extension
from tests.codegen.binding.toy import SCALE, SOURCE


@pytest.fixture(scope="module")
def path(needs_cc: Compiler) -> Path:
    return load(SOURCE, cpu="portable")


@pytest.fixture(params=["extension", "ctypes"])
def toy(request: pytest.FixtureRequest, path: Path, monkeypatch: pytest.MonkeyPatch) -> Library:
    monkeypatch.delenv("GRAPHDL_BINDING", raising=False)
    if request.param == "extension" and extension()[0] is None:
        pytest.skip(extension()[1])
    monkeypatch.setenv("GRAPHDL_BINDING", request.param)
    library = Library(path, "toy")
    assert library.binding == request.param
    return library


@pytest.fixture
def scale(toy: Library):
    return toy.entry("scale", toy.init(toy.allocate()), *SCALE)
