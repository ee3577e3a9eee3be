"""Fixtures of the tests that compile and call C."""

from pathlib import Path

import pytest


@pytest.fixture
def cold_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty compile cache for this test alone."""
    root = tmp_path / "cache"
    monkeypatch.setenv("GRAPHDL_CACHE_DIR", str(root))
    return root
