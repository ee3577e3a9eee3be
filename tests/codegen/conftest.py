"""Fixtures of the tests that compile and call C."""

from pathlib import Path

import pytest

from graphdl.codegen.toolchain.compiler import Compiler, find_compiler, has_compiler


@pytest.fixture(scope="session")
def needs_cc() -> Compiler:
    """The C compiler; tests that ask for it cannot run on a machine without one."""
    if not has_compiler():
        pytest.skip("no C compiler on this machine")
    return find_compiler()


@pytest.fixture
def cold_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty compile cache for this test alone."""
    root = tmp_path / "cache"
    monkeypatch.setenv("GRAPHDL_CACHE_DIR", str(root))
    return root
