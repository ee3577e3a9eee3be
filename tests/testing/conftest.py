"""Runs pytest on a user's suite, with the plugin, whether it is installed or only in the tree."""

import sys
from importlib.metadata import entry_points

import pytest

from tools.wheel import ROOT


@pytest.fixture
def run_pytest(pytester, monkeypatch, tmp_path_factory):
    """Run pytest in a process of its own, in pytester's folder; the runs share a cache."""
    installed = any(e.name == "graphdl" for e in entry_points(group="pytest11"))
    plugin = [] if installed else ["-p", "graphdl.testing.plugin"]
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    for name in ("CI", "BUILD_NUMBER"):  # where pytest's summary repeats whole messages
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GRAPHDL_CACHE_DIR", str(tmp_path_factory.getbasetemp() / "graphdl-cache"))

    def run(*arguments, cache=False):
        options = plugin if cache else [*plugin, "-p", "no:cacheprovider"]
        return pytester.run(sys.executable, "-m", "pytest", *options, *arguments)

    return run
