"""The command line: ``graphdl compile | draw | verify | explain | bench MODEL``.

Exit codes: 0 fine, 1 the check failed, 2 wrong use (arguments, a model that can't be loaded or
compiled, a missing tool), 70 a mistake of graphdl's own.
"""

from __future__ import annotations

from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line on these arguments, by default the process's own; always exits."""
    from graphdl.cli.app import app

    app(args=None if arguments is None else list(arguments), prog_name="graphdl")


__all__ = ["main"]
