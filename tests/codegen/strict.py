"""Warnings that emitted C must not have."""

from __future__ import annotations

import subprocess
from pathlib import Path

from graphdl.codegen.toolchain.compiler import Compiler

STRICT = "-Wall -Wextra -Werror"


def accepted(folder: Path, compiler: Compiler) -> None:
    """Let the compiler read all sources of a folder, strictly; it must accept them."""
    sources = [p.name for p in folder.glob("*.c")]
    flags = ["-std=c99", "-fsyntax-only", "-Wpedantic", *STRICT.split(), "-DGRAPHDL_PORTABLE"]
    done = subprocess.run(
        [*compiler.command, *flags, *sources], cwd=folder, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
