"""A compiler that counts how often it compiles a module, and may do something first."""

from __future__ import annotations

from pathlib import Path

from graphdl.codegen.toolchain.compiler import Compiler

# HOOK is shell text that runs before the compiler does.
WRAPPER = """#!/bin/sh
case "$*" in *module.c*) echo compiled >> "{log}";; esac
{hook}
exec "{compiler}" "$@"
"""


class CountingCompiler:
    """A script around a real compiler; use `command` as ``GRAPHDL_CC``.

    Parameters
    ----------
    folder : Path
        Takes the script and its log.
    compiler : Compiler
        The real one.
    """

    def __init__(self, folder: Path, compiler: Compiler) -> None:
        self.script, self.log = folder / "counting cc", folder / "log"
        self.command = f"'{self.script}'"
        self._compiler = compiler.command[0]
        self.install("")

    def install(self, hook: str) -> None:
        """Write the script with another hook: to graphdl, another compiler."""
        text = WRAPPER.format(log=self.log, hook=hook, compiler=self._compiler)
        self.script.write_text(text)
        self.script.chmod(0o755)

    @property
    def count(self) -> int:
        """How many modules were compiled."""
        return self.log.read_text().count("compiled") if self.log.exists() else 0
