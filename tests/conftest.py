"""What all tests share."""

import os

import pytest
from hypothesis import settings

from graphdl.codegen.toolchain.compiler import Compiler, find_compiler, has_compiler

# Examples that depend on time or chance would fail on some machines only.
settings.register_profile("graphdl", deadline=None, derandomize=True, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "graphdl"))

os.environ.setdefault("MPLBACKEND", "Agg")


@pytest.fixture(scope="session")
def needs_cc() -> Compiler:
    """The C compiler; tests that ask for it cannot run on a machine without one."""
    if not has_compiler():
        pytest.skip("no C compiler on this machine")
    return find_compiler()
